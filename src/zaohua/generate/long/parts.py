"""A text parted where it parts by itself: chapters, paragraphs, sentences, never in a word."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zaohua.text.blocks import Block, blocks
from zaohua.text.sentences import clauses, sentences

Size = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Part:
    """Characters of a text, and the heading they stand under."""

    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not parted."""

    text: str
    size: float
    heading: str
    opens: bool = False


def parts(text: str, most: float, size: Size) -> list[Part]:
    """Parts of ``most`` at most, about equally long; joined they are the text.

    A heading begins a part where that does not make the one before it much too short.
    """
    units = list(_units(text, most, size))
    total = sum(unit.size for unit in units)
    wanted = total / max(math.ceil(total / most), 1)
    return [
        Part("".join(unit.text for unit in group), _heading(group))
        for group in _grouped(units, wanted, most)
    ]


def halves(text: str, size: Size) -> list[Part]:
    """A part in two, for an answer that did not fit; itself if it cannot be parted."""
    return parts(text, max(size(text) / 2 + 1, 8), size)


def _grouped(units: list[_Unit], wanted: float, most: float) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    filled = 0.0
    for unit in units:
        full = filled + unit.size > most or filled + unit.size / 2 > wanted
        opens = unit.opens and filled > wanted / 2
        if group and (full or opens) and not all(one.opens for one in group):
            held = _trailing_headings(group)
            yield group[: len(group) - len(held)]
            group, filled = held, sum(one.size for one in held)
        group.append(unit)
        filled += unit.size
    if group:
        yield group


def _trailing_headings(group: list[_Unit]) -> list[_Unit]:
    """Those that nothing follows yet: they go with what they stand above."""
    kept = len(group)
    while kept > 1 and group[kept - 1].opens:
        kept -= 1
    return group[kept:]


def _heading(group: list[_Unit]) -> str:
    return next((unit.heading for unit in group if not unit.opens), group[0].heading)


def _units(text: str, most: float, size: Size) -> Iterator[_Unit]:
    found = blocks(text) or [Block(0, len(text), "paragraph", ())]  # white space alone
    for block in found:
        body = text[block.start : block.end]
        heading = block.headings[-1] if block.headings else ""
        for piece in _pieces(body, most, size):
            yield _Unit(piece, size(piece), heading, block.kind == "heading")


def _pieces(body: str, most: float, size: Size) -> Iterator[str]:
    if size(body) <= most / 4:
        yield body
        return
    for sentence in sentences(body):
        if size(sentence) <= most / 2:
            yield sentence
            continue
        for clause in clauses(sentence):
            yield from _cut(clause, most / 2, size)


def _cut(clause: str, most: float, size: Size) -> Iterator[str]:
    """A clause; one without an end in as many characters as fit."""
    if size(clause) <= most:
        yield clause
        return
    step = max(int(len(clause) * most / size(clause)), 1)
    for start in range(0, len(clause), step):
        yield clause[start : start + step]
