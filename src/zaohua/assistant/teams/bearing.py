"""Puts right a text whose sentences must stand on sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from zaohua.generate.prompts.choosing import similarity_of
from zaohua.knowledge.grounding import Claim, claims
from zaohua.text.instructions import is_chinese
from zaohua.text.sentences import sentences

MEANT: Final = 0.35
"""From here on (0 to 1) a wrong sentence is taken to mean that of the source."""
SAID: Final = 0.6
"""From here on a sentence of the source has been said already."""

_MOST_SENTENCES = 400
_END = re.compile(r"[.!?。！？]['\"”’)）」』]*$")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、])\s*")


def borne(text: str, found: Sequence[Claim], sources: Sequence[str]) -> str:
    """``text`` with what no source bears replaced by what the source says, or left out.

    It is replaced where a sentence of the sources is much like it and is not in the text already.
    If nothing at all would be borne, the text stays as it is.
    """
    edits = list(_edits(text, found, sources))
    if not any(stand_in for _, stand_in in edits) and all(c.verdict != "supported" for c in found):
        return text
    for claim, stand_in in reversed(edits):
        before = text[: claim.start] if stand_in else text[: claim.start].rstrip(" \t")
        text = before + stand_in + text[claim.end :]
    bare = re.sub(r"^[#>*\-\s]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", bare).strip()


def untold(text: str, sources: Sequence[str]) -> list[str]:
    """The sentences of the sources that ``text`` does not say: its own words do not bear them."""
    told = "\n".join(_lines(sources))
    return [told[o.start : o.end] for o in claims(told, [text]) if o.verdict == "unsupported"]


def completed(text: str, sources: Sequence[str]) -> str:
    """``text`` with what it passed over of the sources at its end, in their words."""
    added = [_ended(line) for line in untold(text, sources)]
    between = "" if is_chinese(text) else " "
    return between.join([text.rstrip(), *added])


def _lines(sources: Sequence[str]) -> list[str]:
    """Their sentences without bullets."""
    found = [_BULLET.sub("", one).strip() for source in sources for one in sentences(source)]
    return [line for line in found if line][:_MOST_SENTENCES]


def _edits(
    text: str, found: Sequence[Claim], sources: Sequence[str]
) -> Iterator[tuple[Claim, str]]:
    """Each wrong sentence and what takes its place, which may be nothing."""
    lines = _lines(sources)
    said = [text[one.start : one.end] for one in found if one.verdict != "unsupported"]
    for claim in found:
        if claim.verdict == "unsupported":
            stand_in = _meant(text[claim.start : claim.end], lines, said)
            said += [stand_in] if stand_in else []
            yield claim, _ended(stand_in)


def _meant(sentence: str, lines: Sequence[str], said: Sequence[str]) -> str:
    best = max(lines, key=lambda line: similarity_of(sentence, line), default="")
    if similarity_of(sentence, best) < MEANT:
        return ""
    return "" if any(similarity_of(best, one) >= SAID for one in said) else best


def _ended(sentence: str) -> str:
    if not sentence or _END.search(sentence):
        return sentence
    return f"{sentence}{'。' if is_chinese(sentence) else '.'}"
