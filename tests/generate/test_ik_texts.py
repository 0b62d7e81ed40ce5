"""Which texts are in the cells of ik_llama.cpp's cache, with a cache that only counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import pytest

from zaohua.generate.ik.library import Library
from zaohua.generate.ik.texts import LEAST, Held, Texts

LONG = list(range(100))


class Cells:
    """What the library would do with cells: which text holds which places, shared or not."""

    def __init__(self, cells: int = 1000) -> None:
        self.cells = cells
        self.held: dict[int, list[object]] = {}

    @property
    def used(self) -> int:
        return len({id(cell) for cells in self.held.values() for cell in cells})

    def compute(self, text: int, count: int) -> None:
        self.held.setdefault(text, []).extend(object() for _ in range(count))

    def forget(self, text: int, start: int = 0) -> None:
        del self.held.get(text, [])[start:]

    def share(self, text: int, other: int, end: int) -> None:
        self.held[other] = self.held[text][:end]

    def copied(self, text: int) -> Any:
        return np.zeros(len(self.held[text]), np.uint8)

    def put(self, text: int, copied: Any) -> bool:
        if self.used + len(copied) > self.cells:
            return False
        self.compute(text, len(copied))
        return True


@pytest.fixture
def cells() -> Cells:
    return Cells()


def texts_in(cells: Cells, kept: int = 10_000) -> Texts:
    return Texts(cast("Library", cells), 4, kept)


def read(cells: Cells, texts: Texts, tokens: Iterable[int], *, fresh: bool = False) -> Held:
    """A text that is begun, and read to its end."""
    told = list(tokens)
    held = texts.begin(told, fresh=fresh)
    assert texts.extend(held, len(told))
    cells.compute(held.text, len(told) - held.known)
    texts.fill(held, told, len(told))
    return held


def test_who_begins_alike_shares_the_cells_of_a_text_that_is_there(cells: Cells) -> None:
    texts = texts_in(cells)
    first = read(cells, texts, LONG)
    second = read(cells, texts, [*LONG[:60], 7, 8])
    assert (first.known, second.known) == (0, 60)
    assert cells.used == 102
    texts.release(first)
    assert cells.used == 62, "what is shared stays"


def test_what_ended_leaves_the_cache_and_is_put_back(cells: Cells) -> None:
    texts = texts_in(cells)
    texts.release(read(cells, texts, LONG))
    assert cells.used == 0
    again = read(cells, texts, [*LONG[:60], 7, 8])
    assert again.known == 60
    assert cells.used == 62
    whole = texts.begin(LONG)
    assert whole.known == 99, "the last token is to be read"


def test_fresh_and_short_beginnings_know_nothing(cells: Cells) -> None:
    texts = texts_in(cells)
    texts.release(read(cells, texts, LONG))
    assert read(cells, texts, LONG, fresh=True).known == 0
    assert texts.begin([*LONG[: LEAST - 1], 7, 8]).known == 0


def test_a_longer_text_is_kept_in_place_of_its_beginnings_and_the_oldest_give_way(
    cells: Cells,
) -> None:
    texts = texts_in(cells, kept=250)
    texts.release(read(cells, texts, LONG))
    texts.release(read(cells, texts, [*LONG, *range(50)]))
    assert [len(kept.tokens) for kept in texts._kept] == [150]
    texts.release(read(cells, texts, LONG))
    assert [len(kept.tokens) for kept in texts._kept] == [150], "it is a beginning of what is kept"
    texts.release(read(cells, texts, range(500, 600)))
    assert [len(kept.tokens) for kept in texts._kept] == [150, 100]
    texts.release(read(cells, texts, range(800, 900)))
    assert [len(kept.tokens) for kept in texts._kept] == [100, 100]
    texts.begin(list(range(500, 600)))
    texts.release(read(cells, texts, range(900, 990)))
    assert [int(kept.tokens[0]) for kept in texts._kept] == [500, 900], "used again, it is younger"


def test_wrong_guesses_are_not_kept(cells: Cells) -> None:
    texts = texts_in(cells)
    held = read(cells, texts, LONG)
    cells.compute(held.text, 5)
    texts.release(held)
    assert [len(kept.copied) for kept in texts._kept] == [100]


def test_room_that_was_promised_is_not_promised_again() -> None:
    cells = Cells(200)
    texts = texts_in(cells)
    first = texts.begin(LONG)
    assert texts.extend(first, 150)
    second = texts.begin(list(range(500, 560)))
    assert not texts.extend(second, 60)
    assert texts.extend(second, 50)
    cells.compute(first.text, 100)
    texts.fill(first, LONG, 100)
    assert not texts.extend(second, 51), "fifty are still to be written"
    texts.release(first)
    assert texts.extend(second, 60)


def test_without_room_for_a_copy_a_text_is_read_again() -> None:
    cells = Cells(120)
    texts = texts_in(cells)
    texts.release(read(cells, texts, LONG))
    read(cells, texts, range(500, 550))
    assert texts.begin(LONG).known == 0
