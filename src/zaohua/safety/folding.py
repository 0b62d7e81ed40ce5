"""Text as rules read it, with the way back: one form for the many ways to write the same.

`folded` removes what is invisible, brings widths and case together (NFKC) and writes traditional
characters as simplified ones. `tightened` goes on: letters and characters spaced out are joined
and digits that stand for letters are letters. Every character knows its place in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from zaohua.text.simplified import simplified

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
"""Characters without width or that only turn the direction, for a class of a pattern."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_HAN = r"\u3400-\u9fff"
_APART = re.compile(
    rf"(?<=[{_HAN}])[ \t.·\-_*~|/+]{{1,2}}(?=[{_HAN}])"
    r"|(?<![a-z0-9])[a-z0-9](?:[ .\-_*|][a-z0-9@$]){3,}(?![a-z0-9])"
)
_BETWEEN = re.compile(r"[ \t.·\-_*~|/+]")
_WORD = re.compile(r"(?=[a-z0-9@$!]*[a-z][a-z0-9@$!]*[a-z])(?=[a-z]*[0-9@$])[a-z0-9@$]{4,}")
_LETTERS = str.maketrans("0134578@$", "oieastbas")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text``, and for each of its characters its place in the original."""

    text: str
    places: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original characters ``start`` to ``end`` stand; they are at least one."""
        return self.places[start], self.places[end - 1] + 1


def folded(text: str) -> Folded:
    """``text`` without what is invisible, in one width, case and script."""
    if text.isascii():
        return Folded(text.lower(), range(len(text)))
    parts = [_fold(character) for character in text]
    joined = "".join(parts)
    if len(joined) == len(text) and all(parts):
        return Folded(joined, range(len(text)))
    places = [place for place, part in enumerate(parts) for _ in part]
    return Folded(joined, places)


def tightened(text: Folded) -> Folded:
    """``text`` with spaced-out words joined and digits read as the letters they stand for."""
    plain = _WORD.sub(lambda found: found[0].translate(_LETTERS), text.text)
    gone = set(_gaps(plain))
    if not gone:
        return Folded(plain, text.places)
    kept = [place for place in range(len(plain)) if place not in gone]
    joined = "".join(plain[place] for place in kept)
    read = _WORD.sub(lambda found: found[0].translate(_LETTERS), joined)
    return Folded(read, [text.places[place] for place in kept])


def _gaps(text: str) -> Iterator[int]:
    for apart in _APART.finditer(text):
        yield from (apart.start() + gap.start() for gap in _BETWEEN.finditer(apart[0]))


@lru_cache(maxsize=16_384)
def _fold(character: str) -> str:
    if _INVISIBLE.match(character):
        return ""
    plain = unicodedata.normalize("NFKC", character).casefold()
    return simplified(unicodedata.normalize("NFKC", plain))
