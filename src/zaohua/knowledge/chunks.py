"""Blocks to passages: about as long as the embedder likes, never across what belongs together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zaohua.text.blocks import Block, blocks
from zaohua.text.sentences import clauses, sentences

TARGET = 280
"""Tokens of a passage, about: what embeds well and is still precise to cite."""
MOST = 440
"""Tokens beyond which even what belongs together is parted (the embedder reads 512)."""
LEAST = 16
"""A passage shorter than this goes on over a heading."""

_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\ua960-\ud7ff\uf900-\ufaff\uff00-\uffef]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Characters ``start`` to ``end`` of a text and where they stand."""

    start: int
    end: int
    headings: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not parted: a sentence, a row, a heading."""

    start: int
    end: int
    tokens: int
    headings: tuple[str, ...]
    lead: str = ""
    opens: bool = False
    alone: bool = False


def tokens_of(text: str) -> int:
    """About how many tokens the embedder sees: measured on Chinese and English prose."""
    wide, digits = len(_WIDE.findall(text)), len(_DIGIT.findall(text))
    return int(wide * 0.75 + digits * 0.5 + (len(text) - wide - digits) * 0.27) + 1


def chunks(text: str) -> list[Chunk]:
    """All of ``text``: chunks follow one another without gap or overlap."""
    found: list[list[_Unit]] = []
    for unit in _units(text):
        if found and _fits(found[-1], unit):
            found[-1].append(unit)
        else:
            found.append([unit])
    return [_chunk(units) for units in _with_their_text(found)]


def record_chunks(text: str) -> list[Chunk]:
    """A record (a row of a file, a pair, a talk) whole, in parts only if it is far too long."""
    if tokens_of(text) <= MOST:
        return [Chunk(0, len(text), ())]
    return chunks(text)


def _fits(units: list[_Unit], unit: _Unit) -> bool:
    size = sum(one.tokens for one in units)
    if units[-1].alone or unit.alone:
        return all(one.opens for one in units) and size + unit.tokens <= MOST
    if unit.opens:
        return size < LEAST or (all(one.opens for one in units) and size < TARGET)
    return size + unit.tokens <= TARGET or (all(one.opens for one in units) and size < MOST)


def _with_their_text(found: list[list[_Unit]]) -> Iterator[list[_Unit]]:
    """No heading last in a passage: it goes with what it stands above."""
    held: list[_Unit] = []
    for number, units in enumerate(found):
        kept = [*held, *units]
        held = []
        bare = all(unit.opens for unit in kept)  # headings alone: a table of contents
        while number + 1 < len(found) and kept[-1].opens and not bare:
            held.insert(0, kept.pop())
        yield kept
    if held:
        yield held


def _chunk(units: list[_Unit]) -> Chunk:
    bodies = [unit for unit in units if not unit.opens] or units
    first = bodies[0]
    return Chunk(units[0].start, units[-1].end, first.headings, units[0].lead)


def _units(text: str) -> Iterator[_Unit]:
    for block in blocks(text):
        body = text[block.start : block.end]
        size = tokens_of(body)
        whole = MOST if block.kind in {"pair", "row", "code"} else TARGET
        if block.kind == "heading" or size <= whole:
            yield _Unit(
                block.start,
                block.end,
                size,
                block.headings,
                block.head,
                opens=block.kind == "heading",
                alone=block.kind == "pair",
            )
        else:
            yield from _sentences(body, block)


def _sentences(body: str, block: Block) -> Iterator[_Unit]:
    place = block.start
    for piece in _pieces(body):
        end = place + len(piece)
        yield _Unit(place, end, tokens_of(piece), block.headings, block.head)
        place = end


def _pieces(body: str) -> Iterator[str]:
    """Sentences; of a longer one clauses; of a longer clause as many characters as fit."""
    for sentence in sentences(body):
        if tokens_of(sentence) <= TARGET:
            yield sentence
            continue
        for clause in clauses(sentence):
            for start in range(0, len(clause), TARGET):
                yield clause[start : start + TARGET]
