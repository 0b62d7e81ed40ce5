"""Orders to the model in a text: where they stand, and the sentences that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zaohua.safety.folding import Folded
from zaohua.safety.policy import Injection
from zaohua.safety.values import Finding

_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]*]*(?=\s)|[。！？][”’」』）]*|\n")
_LEAD = re.compile(r"[\s.!?:;,>*\"“(\[\-]*")
"""Marks before an order, by which a pattern knows that a clause begins."""
_ALWAYS = frozenset({"tool_syntax", "role_line"})
"""Families that nobody needs in order to speak of orders in prose."""


def orders(injection: Injection, text: Folded) -> Iterator[Finding]:
    """Each order in ``text`` (tightened), family by family; those only spoken of are left out."""
    for name, pattern in injection.rules:
        for found in pattern.finditer(text.text):
            start = found.start() + len(_LEAD.match(found[0])[0])  # type: ignore[index]
            end = found.end()
            if end > start and not (
                name not in _ALWAYS and _spoken_of(injection, text, start, end)
            ):
                yield Finding("order", name, *text.original(start, end))


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentences of ``text`` that hold characters ``start`` to ``end``."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    first = max((place for place in ends if place <= start), default=0)
    last = min((place for place in ends if place >= end), default=len(text))
    while first < start and text[first].isspace():
        first += 1
    return first, last - (last > end and text[last - 1] == "\n")


def _spoken_of(injection: Injection, text: Folded, start: int, end: int) -> bool:
    """Whether what stands near says that the order is an example, a danger, a quotation."""
    if injection.about is None:
        return False
    first, last = max(0, start - injection.within), end + injection.within
    return injection.about.search(text.text, first, last) is not None
