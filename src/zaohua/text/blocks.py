"""The structure of a text: headings, paragraphs, tables, pairs of question and answer.

Texts come from the readers with headings and tables as Markdown writes them; in plain text the
usual numbering of Chinese and English headings is understood too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "row", "pair", "code"]

_MARKED = re.compile(r"(#{1,6})[ \t]+(\S.*?)[ \t]*#*")
_UNDERLINE = re.compile(r"(=+|-{2,})[ \t]*")
_CHAPTER = re.compile(
    r"第[\d一二三四五六七八九十百零〇两]+([编编部篇卷章节節條条])(?:[\s　:：、]+\S.*)?"
)
_NUMBERED = re.compile(r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])\S.*")
_DECIMAL = re.compile(r"\d{1,2}((?:\.\d{1,2})+)\.?[ \t　]+\S.*")
_LEVELS = {"编": 1, "部": 1, "篇": 1, "卷": 1, "章": 2, "节": 3, "節": 3, "条": 4, "條": 4}
_MARKED_LEVELS = 6  # headings known by their numbers stand below all that are marked
_QUESTION = re.compile(r"(?:\*\*)?(?:问题?|提问|Q|Question)\s*\d*\s*(?:\*\*)?\s*[:：.、]", re.I)
_ANSWER = re.compile(r"(?:\*\*)?(?:答案?|回答|A|Answer)\s*\d*\s*(?:\*\*)?\s*[:：.、]", re.I)
_ENDED = tuple("。！？；，,;.!?：:")
_LONGEST_HEADING = 40  # characters, where nothing but numbering speaks for one
_RULE = re.compile(r"[|\-:\s]+")


@dataclass(frozen=True, slots=True)
class Block:
    """Characters ``start`` to ``end`` of a text; blocks follow one another without gaps.

    Attributes:
        start: first character.
        end: one past the last, blank lines after it included.
        kind: what it is.
        headings: those it stands under, a heading's own included.
        head: of a row: the first row of its table, if it is not that.
    """

    start: int
    end: int
    kind: Kind
    headings: tuple[str, ...]
    head: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def blocks(text: str) -> list[Block]:
    """All of ``text`` as blocks, each ending where the next begins."""
    found = list(_blocks(text))
    edges = [0, *(block.start for block in found[1:]), len(text)]
    return [
        Block(start, end, block.kind, block.headings, block.head)
        for block, start, end in zip(found, edges, edges[1:], strict=False)
    ]


def _blocks(text: str) -> Iterator[Block]:
    path: list[tuple[int, str]] = []
    lines = _lines(text)
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.text:
            place += 1
            continue
        heading = _heading(lines, place)
        if heading:
            level, name, used = heading
            path = [*(above for above in path if above[0] < level), (level, name)]
            yield Block(line.start, line.end, "heading", _names(path))
            place += used
            continue
        kind, last = _extent(lines, place)
        if kind == "row":
            yield from _rows(lines[place:last], _names(path))
        else:
            yield Block(line.start, lines[last - 1].end, kind, _names(path))
        place = last


def _lines(text: str) -> list[_Line]:
    found, start = [], 0
    for raw in text.splitlines(keepends=True):
        found.append(_Line(start, start + len(raw), raw.strip()))
        start += len(raw)
    return found


def _names(path: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(name for _, name in path)


def _heading(lines: list[_Line], place: int) -> tuple[int, str, int] | None:
    """Level, text and number of lines of the heading that begins here, if one does."""
    text = lines[place].text
    if marked := _MARKED.fullmatch(text):
        return len(marked[1]), marked[2], 1
    after = lines[place + 1].text if place + 1 < len(lines) else ""
    alone = place == 0 or not lines[place - 1].text
    under = _UNDERLINE.fullmatch(after)
    if under and alone and len(after) > 1 and not text.startswith(("|", "-", "*", ">")):
        return (1 if after[0] == "=" else 2), text, 2
    if len(text) > _LONGEST_HEADING or text.endswith(_ENDED):
        return None
    return _by_number(text, alone=alone and not after)


def _by_number(text: str, *, alone: bool) -> tuple[int, str, int] | None:
    if chapter := _CHAPTER.fullmatch(text):
        return _MARKED_LEVELS + _LEVELS.get(chapter[1], 4), text, 1
    if alone and _NUMBERED.fullmatch(text):
        return _MARKED_LEVELS + 5, text, 1
    decimal = _DECIMAL.fullmatch(text) if alone else None
    return (_MARKED_LEVELS + 2 + decimal[1].count("."), text, 1) if decimal else None


def _extent(lines: list[_Line], place: int) -> tuple[Kind, int]:
    """What begins here, and the line after it."""
    first = lines[place].text
    if first.startswith(("```", "~~~")):
        return "code", _fence_end(lines, place, first[:3])
    last = place + 1
    if first.startswith("|"):
        while last < len(lines) and lines[last].text.startswith("|"):
            last += 1
        return "row", last
    if _QUESTION.match(first):
        return "pair", _pair_end(lines, place)
    while last < len(lines) and _goes_on(lines, last):
        last += 1
    return "paragraph", last


def _fence_end(lines: list[_Line], place: int, fence: str) -> int:
    for last in range(place + 1, len(lines)):
        if lines[last].text.startswith(fence):
            return last + 1
    return len(lines)


def _pair_end(lines: list[_Line], place: int) -> int:
    """To the blank line after the answer; an answer may follow a blank line itself."""
    answered = False
    last = place + 1
    while last < len(lines):
        text = lines[last].text
        if text and (_QUESTION.match(text) or _heading(lines, last)):
            break
        if not text and (answered or not _ANSWER.match(_next_text(lines, last))):
            break
        answered = answered or bool(_ANSWER.match(text))
        last += 1
    return last


def _next_text(lines: list[_Line], place: int) -> str:
    while place < len(lines) and not lines[place].text:
        place += 1
    return lines[place].text if place < len(lines) else ""


def _goes_on(lines: list[_Line], place: int) -> bool:
    text = lines[place].text
    if not text or text.startswith(("|", "```", "~~~")) or _QUESTION.match(text):
        return False
    return _heading(lines, place) is None


def _rows(lines: list[_Line], headings: tuple[str, ...]) -> Iterator[Block]:
    head = lines[0].text
    for number, line in enumerate(lines):
        if number and _RULE.fullmatch(line.text):
            continue  # the rule under the head belongs to the row above it
        yield Block(line.start, line.end, "row", headings, head if number else "")
