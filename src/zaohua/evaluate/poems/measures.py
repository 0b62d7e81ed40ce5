"""What is measured of poems, each exactly defined here. Everything is counted on the text alone.

An answer is split into **lines** at stops (，。！？；：、), spaces and line breaks. The **whole
poem** is the lines given in the request, if any, and then those of the answer.

- ``form``: the answer has exactly the number of lines that were asked for (of a poem to be gone
  on with, what is missing), and each is of the asked number of Chinese characters and nothing
  else.
- ``rhyme``: ``form`` holds, and the last characters of *all* even lines of the whole poem (2nd,
  4th …) are different and share one rhyme of the Pingshui book
  (`zaohua.data.sets.poetry.rhymes`).
- ``rhyming_lines``: of the even lines of all whole poems, the share that belongs to the largest
  set in its poem of different last characters sharing a rhyme; a set of one counts 0. Poems
  without ``form`` count 0 for each even line asked for.
- ``acrostic``: of the acrostics asked for, the share whose lines begin with exactly the given
  characters, in order.
- ``rhyme_asked``: of the poems asked for in a rhyme of the book, the share that has ``form`` and
  in which all even lines end in characters of that rhyme.
- ``copied``: one or more lines of the answer, of four characters or longer and not given in the
  request, stand in a training poem.
- ``tones``: of the lines of the asked length whose tones the book knows, the share whose 2nd and
  4th (in 7 characters: 2nd, 4th and 6th) characters alternate between level and oblique;
  characters of both readings fit either.
- ``repeated``: a line of the whole poem occurs in it twice.
- ``new_bigrams``: different pairs of neighbouring characters within lines over all such pairs of
  the answer; 1 is no pair twice.
- ``on_title``: of the poems with a title, the share in which a character of the title occurs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zaohua.data.sets.poetry.forms import HANZI, verses
from zaohua.data.sets.poetry.rhymes import RhymeBook, rhyme_words

SHORTEST_COPY = 4
_ONLY_HANZI = re.compile(f"[{HANZI}]+")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for.

    Attributes:
        task: the kind of instruction.
        form: short name of the form.
        lines, characters: of the whole poem, and in each line.
        given: lines that the request holds.
        heads: the characters that the lines must begin with; empty for none.
        title: the title; empty for none.
        rhyme: short name of the rhyme asked for (尤); empty for none.
    """

    task: str
    form: str
    lines: int
    characters: int
    given: tuple[str, ...] = ()
    heads: str = ""
    title: str = ""
    rhyme: str = ""

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Request:
        """From the ``request`` that the poetry set keeps with each instruction."""
        return cls(
            str(table["task"]),
            str(table["form"]),
            int(table["lines"]),
            int(table["characters"]),
            tuple(table.get("given", ())),
            str(table.get("heads", "")),
            str(table.get("title", "")),
            str(table.get("rhyme", "")),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, measured. ``None`` where a measure does not apply."""

    form: bool
    rhyme: bool
    rhyme_asked: bool | None
    rhyming_lines: int
    even_lines: int
    acrostic: bool | None
    copied: bool
    toned_lines: int
    lines_with_tones: int
    repeated: bool
    new_bigrams: float | None
    on_title: bool | None


def lines_of(answer: str) -> tuple[str, ...]:
    """The lines of an answer."""
    return verses(answer.strip())


def copies(lines: Iterable[str], request: Request) -> list[str]:
    """The lines that must not stand in a training poem: long enough, and not given."""
    given = set(request.given)
    return [line for line in lines if len(line) >= SHORTEST_COPY and line not in given]


def judge(answer: str, request: Request, book: RhymeBook, known: Collection[str]) -> Judged:
    """Measure one answer; ``known`` are lines of training poems."""
    lines = lines_of(answer)
    poem = (*request.given, *lines)
    form = _has_form(lines, request)
    words = rhyme_words(poem) if form else []
    rhyming = book.largest_rhyme(words)
    toned = [kept for line in lines if (kept := tones_kept(line, request, book)) is not None]
    return Judged(
        form=form,
        rhyme=book.all_rhyme(words),
        rhyme_asked=book.all_in(words, request.rhyme) if request.rhyme else None,
        rhyming_lines=rhyming if rhyming > 1 else 0,
        even_lines=request.lines // 2,
        acrostic=_heads(lines) == request.heads if request.heads else None,
        copied=any(line in known for line in copies(lines, request)),
        toned_lines=sum(toned),
        lines_with_tones=len(toned),
        repeated=len(set(poem)) < len(poem),
        new_bigrams=_new_bigrams(lines),
        on_title=bool(set(request.title) & set("".join(lines))) if request.title else None,
    )


def tones_kept(line: str, request: Request, book: RhymeBook) -> bool | None:
    """Whether level and oblique alternate in a line; ``None`` if that cannot be told."""
    if len(line) != request.characters:
        return None
    tones = [book.tone_of(line[at]) for at in range(1, len(line) - 1, 2)]
    if None in tones:
        return None
    fixed = [
        (tone == "level") == (at % 2 == 0) for at, tone in enumerate(tones) if tone != "either"
    ]
    return len(set(fixed)) <= 1


def _has_form(lines: Sequence[str], request: Request) -> bool:
    wanted = request.lines - len(request.given)
    return len(lines) == wanted and all(
        len(line) == request.characters and _ONLY_HANZI.fullmatch(line) for line in lines
    )


def _heads(lines: Sequence[str]) -> str:
    return "".join(line[0] for line in lines)


def _new_bigrams(lines: Sequence[str]) -> float | None:
    pairs = [line[at : at + 2] for line in lines for at in range(len(line) - 1)]
    return len(set(pairs)) / len(pairs) if pairs else None
