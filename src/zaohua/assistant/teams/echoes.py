"""Sees when an answer only says again what it has said: small models do not always end."""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 3
"""Lines one after the other that were all there before."""

_SHORTEST = 4
_LABEL = re.compile(r"^.*[:：]")
_NO_LETTER = re.compile(r"[\W_]+")


class Echoes:
    """Looks at the lines of one answer as they come."""

    def __init__(self) -> None:
        self._line = ""
        self._seen: set[str] = set()
        self._again = 0

    def feed(self, text: str) -> bool:
        """Whether, with ``text``, the answer goes round in circles."""
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            if key := _key(line):
                self._again = self._again + 1 if key in self._seen else 0
                self._seen.add(key)
        return self._again >= MOST

    def without(self, text: str) -> str:
        """``text`` without the lines that went round in circles."""
        lines, again = text.split("\n")[:-1], self._again
        while lines and again:
            again -= bool(_key(lines.pop()))
        return "\n".join(lines).rstrip()


def _key(line: str) -> str:
    """What a line says behind its number or label; empty if that is too little to tell."""
    for part in (_LABEL.sub("", line), line):
        key = _NO_LETTER.sub("", part).lower()
        if len(key) >= _SHORTEST:
            return key
    return ""
