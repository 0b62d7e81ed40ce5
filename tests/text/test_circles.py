"""Texts that only say again what they have said."""

from __future__ import annotations

import re
import time

import pytest

from zaohua.text.circles import CLAUSES, LINES, Circles, repetition_wanted

SONG = """\
Down by the river, where the willows grow,
we sang to the water, we sang to the snow.
Carry me over, carry me home,
over the river, never alone.
The ferry is late, but the moon is early,
somebody whistles, the night is pearly.
Carry me over, carry me home,
over the river, never alone.
"""
CODE = """\
def area(width: float, height: float) -> float:
    return width * height


def volume(width: float, height: float, depth: float) -> float:
    return area(width, height) * depth


for width in range(10):
    for height in range(10):
        for depth in range(10):
            print(width, height, depth, volume(width, height, depth))
"""


def fed(text: str, circles: Circles) -> int:
    """After how many characters it was seen; 0: never."""
    return next((n for n, one in enumerate(text, 1) if circles.feed(one)), 0)


@pytest.mark.parametrize(
    "once",
    [
        "一条小河，",
        "校对后的评论：\n\n校对后的新闻：\n\n",
        "They were having fun with their friends. ",
    ],
)
def test_the_same_again_and_again_is_a_circle(once: str) -> None:
    begin = "站在河边。" if once[0] > "z" else "It was late. "
    circles = Circles(16, CLAUSES)
    seen = fed(begin + once * 60, circles)
    assert 0 < seen <= len(begin) + 18 * len(once)
    assert circles.without((begin + once * 60)[:seen]) == (begin + once).strip()


@pytest.mark.parametrize(
    "text", [SONG, CODE, "".join(f"Chapter {n}: it goes on, and on.\n" for n in range(5))]
)
def test_what_comes_again_now_and_then_is_none(text: str) -> None:
    assert not fed(text, Circles(16, CLAUSES))
    assert Circles(16, CLAUSES).without(text) == text


@pytest.mark.parametrize("ends", [LINES, CLAUSES])
@pytest.mark.parametrize("once", ["一条小河", "of the way ", "的"])
def test_a_sentence_that_does_not_end_is_one(once: str, ends: re.Pattern[str]) -> None:
    text = "站在" + once * 400
    circles = Circles(16, ends)
    seen = fed(text, circles)
    assert 240 <= seen < 260
    assert circles.without(text[:seen]).count(once) < 4


def test_a_text_without_any_clause_costs_no_more_and_more() -> None:
    circles = Circles(16, CLAUSES)
    begun = time.process_time()
    assert not any(circles.feed(f"{n:07x}") for n in range(20_000))
    assert time.process_time() - begun < 5
    assert any(circles.feed("again and ") for _ in range(60))


def test_numbered_lines_that_say_the_same_are_the_same() -> None:
    text = "First\n" + "".join(f"Example {n}: 25 + 35 = 60\n" for n in range(9))
    circles = Circles(3, LINES)
    assert text[: fed(text, circles)].count("\n") == 5
    assert circles.without(text) == "First\nExample 0: 25 + 35 = 60"


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("把“我不再迟到”写50遍", True),
        ("Write 'I will not be late' 30 times.", True),
        ("Repeat after me", True),
        ("写一个小故事", False),
        (
            f"Shorten this. {'It was late. ' * 20}{'He repeated it. ' * 50}{'It was late. ' * 20}",
            False,
        ),
        ("What are the times of the trains?", False),
    ],
)
def test_who_asks_for_it_gets_it(question: str, wanted: bool) -> None:
    assert repetition_wanted(question) == wanted
