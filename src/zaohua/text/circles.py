"""Sees when a text only says again what it has said: small models do not always end."""

from __future__ import annotations

import re
from typing import Final

LINES: Final = re.compile(r"\n")
CLAUSES: Final = re.compile(r"[\n，,。；;！!？?、]|\.(?=\s)")
"""What ends a unit; one character each."""

_SHORTEST = 4
_STUCK, _TIMES = 240, 8
_LONGEST = 2000
"""Characters of a unit that are kept, so that one that never ends costs no more and more."""
_ASKS = 200
"""Characters at both ends of a question that say what is wanted; between them may stand a text."""
_LABEL = re.compile(r"^.*[:：]")
_NO_LETTER = re.compile(r"[\W_]+")
_WANTED = re.compile(r"\d\s*(times|lines|遍|次|行)|\brepeat|重复|反复|[百千]遍", re.IGNORECASE)


class Circles:
    """Looks at a text as it comes.

    Args:
        most: so many units one after the other that were all there before are a circle, if they
            have each of them twice, on average.
        ends: what ends a unit. One with too little in it to tell is passed over.
    """

    def __init__(self, most: int, ends: re.Pattern[str]) -> None:
        self._most, self._ends = most, ends
        self._unit = ""
        self._place = 0
        self._seen: set[str] = set()
        self._again = 0
        self._round: set[str] = set()
        self._begun = 0

    def feed(self, text: str) -> bool:
        """Whether, with ``text``, it goes round in circles."""
        *whole, self._unit = self._ends.split(self._unit + text)
        for unit in whole:
            self._take(unit)
            self._place += len(unit) + 1
        if len(self._unit) > _LONGEST:
            self._place += len(self._unit) - _STUCK
            self._unit = self._unit[-_STUCK:]
        many = max(self._most, 2 * len(self._round))
        return self._again >= many or self._stuck()

    def without(self, text: str) -> str:
        """All the ``text`` that was fed, up to where the circles began."""
        return text[: self._begun].rstrip() if self._again else text

    def _stuck(self) -> bool:
        """Whether a unit does not come to its end: for long nothing but the same few characters."""
        tail = self._unit[-_STUCK:]
        if len(tail) < _STUCK:
            return False
        period = next((n for n in range(1, _STUCK // _TIMES) if tail[n:] == tail[:-n]), 0)
        if period:
            self._again, self._begun = 1, self._place + len(self._unit) - _STUCK + period
        return period > 0

    def _take(self, unit: str) -> None:
        key = _key(unit)
        if not key:
            return
        if key not in self._seen:
            self._seen.add(key)
            self._again = 0
            return
        if not self._again:
            self._begun = self._place
            self._round.clear()
        self._again += 1
        self._round.add(key)


def repetition_wanted(question: str) -> bool:
    """Whether it asks for the same again and again."""
    return any(map(_WANTED.search, (question[:_ASKS], question[-_ASKS:])))


def _key(unit: str) -> str:
    """What it says behind its number or label; empty if that is too little to tell."""
    for part in (_LABEL.sub("", unit), unit):
        key = _NO_LETTER.sub("", part).lower()
        if len(key) >= _SHORTEST:
            return key
    return ""
