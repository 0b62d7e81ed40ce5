"""Sources in the pieces that can be quoted: sentences, items of lists, rows, answers of a FAQ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from zaohua.knowledge.grounding.letters import Letters, Name, folded
from zaohua.knowledge.grounding.words import has_word, stems
from zaohua.text.blocks import Block, blocks
from zaohua.text.sentences import sentences

_RULE = re.compile(r"\n\s*\|[\s|:-]+\|?\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•·]|\d{1,2}[.)、．]|[（(]\d{1,2}[)）]|[①-⑳])\s*(?=\S)")
_LEADS = re.compile(r"[:：]\s*(?:\*\*)?\s*$")
_FIELD = re.compile(r"^\s*[^\s:：|][^:：|\n]{0,30}[:：]\s*\S")
_ANSWER = re.compile(
    r"(?:^|\n)\s*(?:\*\*)?(?:答案?|回答|A|Answer)\s*\d*\s*(?:\*\*)?\s*[:：.、]\s*", re.I
)
_ENDED = re.compile(r"[。！？.!?；;：:|]\s*$")
_ASKS = re.compile(r"[?？]\s*(?:\*\*)?\s*$")
_TOLD = re.compile(r"[^:：?？]{2,}[:：]")
"""How a question begins that says something before it asks."""
_LONGEST_HEADING = 160


@dataclass(frozen=True)
class Piece:
    """What is quoted as a whole.

    Attributes:
        source: number of its source, from 1.
        text: word for word.
        above: headings over it, the question it answers, the lead-in of its list.
        lead: what is quoted before it: a lead-in, the head of a table.
        row: whether it is a row of a table or a record.
    """

    source: int
    text: str
    above: str = ""
    lead: str = ""
    row: bool = False

    @property
    def heading(self) -> str:
        """The headings over it alone."""
        return self.above.partition("\n")[0]

    @cached_property
    def letters(self) -> Letters:
        """The piece and its lead, for names."""
        return Letters.of(f"{self.lead}\n{self.text}")

    @cached_property
    def heads(self) -> Letters:
        """What stands above, for names."""
        return Letters.of(self.above)

    @cached_property
    def lower(self) -> str:
        """The piece and its lead, folded."""
        return self.letters.lower

    @cached_property
    def above_lower(self) -> str:
        """What stands above, folded."""
        return self.heads.lower

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words of the piece in Latin letters."""
        return stems(self.lower)

    @cached_property
    def above_stems(self) -> frozenset[str]:
        """Those above it."""
        return stems(self.above_lower)

    def has(self, word: str) -> bool:
        """Whether it has one of `words.words_of`."""
        return has_word(word, self.lower, self.stems)

    def under(self, word: str) -> bool:
        """Whether it stands above."""
        return has_word(word, self.above_lower, self.above_stems)

    def names(self, name: Name) -> bool:
        """Whether it or what stands above has ``name``."""
        return self.letters.has(name) or self.heads.has(name)


@dataclass(frozen=True)
class Source:
    """A source in pieces; ``title`` is the first of the headings above it, if it has one."""

    number: int
    title: str
    text: Letters
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, number: int, text: str) -> Source:
        """Read a source: its headings in the first line, if they are there, then its text."""
        above, body = _headed(text)
        title = above.split(" › ")[0].strip("# ")
        return cls(number, title, Letters.of(text), tuple(_pieces(number, above, body)))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words in Latin letters."""
        return stems(self.text.lower)

    def has(self, word: str) -> bool:
        """Whether it has one of `words.words_of`."""
        return has_word(word, self.text.lower, self.stems)


def _headed(text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition("\n")
    bare = len(first) <= _LONGEST_HEADING and not _ENDED.search(first) and not _ITEM.match(first)
    if rest.strip() and bare and not first.lstrip().startswith("|"):
        return first.strip(), rest.strip()
    return "", text.strip()


def _pieces(number: int, above: str, text: str) -> Iterator[Piece]:
    head = ""
    for block in blocks(text):
        body = text[block.start : block.end].strip()
        over = "\n".join((above, *block.headings))
        if block.kind == "row":
            head = "" if not block.head else head
            if _RULE.search(body):
                head = body
            elif not body.startswith("|---"):
                yield Piece(number, body, over, head, row=True)
        elif block.kind != "heading":
            yield from _in_block(number, over, body, block)


def _in_block(number: int, over: str, body: str, block: Block) -> Iterator[Piece]:
    if block.kind == "code":
        yield Piece(number, body, over)
    elif block.kind == "pair" and (answer := _ANSWER.search(body)):
        yield Piece(number, body[answer.end() :].strip(), f"{over}\n{body[: answer.start()]}")
    else:
        yield from _in_paragraph(number, over, body)


def _in_paragraph(number: int, over: str, body: str) -> Iterator[Piece]:
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and all(_FIELD.match(line) and not _ITEM.match(line) for line in lines):
        yield Piece(number, body, over, row=True)
        return
    lead = asked = ""
    for line in lines:
        if _ITEM.match(line):
            yield Piece(number, line, f"{over}\n{lead}\n{asked}", lead)
        elif _LEADS.search(line):
            *before, lead = [part.strip() for part in sentences(line)]
            yield from _sentences(number, over, before)
        elif _ASKS.search(line) and len(lines) > 1:
            asked, lead = line, ""
        else:
            lead = ""
            yield from _sentences(number, f"{over}\n{asked}", list(sentences(line)))


def _sentences(number: int, over: str, parts: list[str]) -> Iterator[Piece]:
    asked = ""
    for part in parts:
        if _ASKS.search(part):
            asked = part
            if _TOLD.match(part):
                yield Piece(number, part.strip(), over)
        elif folded(part).strip():
            yield Piece(number, part.strip(), f"{over}\n{asked}")
