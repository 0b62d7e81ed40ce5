"""A text made shorter in its own words, without a model: what says most of it stays."""

from __future__ import annotations

import re
from typing import Any, Final

from zaohua.text.blocks import blocks
from zaohua.text.instructions import is_chinese
from zaohua.text.sentences import sentences

_PIECE: Final = re.compile(r"[^，,；;。！？!?\n]+(?:[，,；;。！？!?\n]+\s*|$)|.", re.DOTALL)
_FIGURE: Final = re.compile(r"\d+")
_NAME: Final = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][a-z]+|[“\"《][^”\"》]+[”\"》]")
_FILLER: Final = re.compile(
    r"大家|正如|众所周知|也许|可能已经|总的来说|实际上|事实上|值得一提|表示|歉意|感谢|非常|十分|深深|一直以来"
    r"|\b(?:as you|perhaps|may|might|would like|sorry|thank|hardly|very|quite|really|actually"
    r"|of course|which|who|such|so to speak|in fact|it goes without saying)\b",
    re.IGNORECASE,
)
_END: Final = "，,；;。！？!?.、 \n"


def gist(text: Any, most: float) -> str:
    """The clauses of ``text`` that say most, in their order, in ``most`` characters or so.

    Clauses with numbers and names come first, those of courtesy and comment last.
    """
    text = str(text).strip()
    found = [piece for piece in _PIECE.findall(text) if piece.strip(_END)]
    order = sorted(range(len(found)), key=lambda place: (-_worth(found[place]), place))
    kept: list[int] = []
    for place in order:
        if not kept or sum(len(found[at]) for at in kept) + len(found[place]) <= most:
            kept.append(place)
    said = "".join(found[place] for place in sorted(kept)).strip(_END)
    stop = "。" if is_chinese(said) else "."
    return said[:1].upper() + said[1:] + stop if said else text


def telling(text: Any, most: float) -> str:
    """The sentences of ``text`` that say most, in their order, in ``most`` characters or so.

    Those with numbers and names come first, and what stands beside them; then those that begin a
    paragraph. Headings are left out.
    """
    text = str(text)
    bodies = [text[one.start : one.end] for one in blocks(text) if one.kind != "heading"]
    found = [told for body in bodies for told in _told(body)]
    kept: set[int] = set()
    for place in sorted(range(len(found)), key=lambda place: found[place][:2]):
        length = len(found[place][2])
        if not kept or length <= most:
            kept.add(place)
            most -= length
    return "".join(found[place][2] for place in sorted(kept)).strip() or text.strip()


def _told(paragraph: str) -> list[tuple[float, int, str]]:
    """Its sentences with what they are worth (less is more) and their place in it."""
    said = [one for one in sentences(paragraph) if one.strip()]
    worth = [0, *map(_facts, said), 0]
    beside = [max(pair) / 2 for pair in zip(worth, worth[2:], strict=False)]
    gap = "" if is_chinese(paragraph) else " "
    return [
        (-max(own, near), place, one.strip() + gap)
        for place, (own, near, one) in enumerate(zip(worth[1:], beside, said, strict=False))
    ]


def _worth(piece: str) -> float:
    """Of a clause: what it states; of two that state as much the longer one is worth more."""
    return _facts(piece) + min(len(piece), 40) / 100


def _facts(piece: str) -> int:
    """What a clause states, against what it only says by the way."""
    stated = 2 * len(_FIGURE.findall(piece)) + len(_NAME.findall(piece))
    return stated - 2 * len(_FILLER.findall(piece))
