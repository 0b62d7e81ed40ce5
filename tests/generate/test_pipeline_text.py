"""Whole characters, stop texts and reasoning out of tokens that come in pieces."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.generate.pipeline.text import Reasoning, StopFinder, TokenText


def a_byte(token: int) -> bytes:
    """A token is a byte."""
    return bytes([token])


def cut(text: str, at: Sequence[int]) -> list[str]:
    places = sorted({place % (len(text) + 1) for place in at} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(places)]


@given(st.text(max_size=30), st.integers(1, 4))
def test_text_comes_whole_whatever_the_pieces(text: str, size: int) -> None:
    tokens, reader = list(text.encode()), TokenText(a_byte)
    parts = [reader.add(tokens[at : at + size]) for at in range(0, len(tokens), size)]
    assert not any("\ufffd" in part for part in parts if "\ufffd" not in text)
    assert "".join(parts) + reader.rest() == text


def test_half_a_character_at_the_end_is_told_as_such() -> None:
    reader = TokenText(a_byte)
    assert reader.add("好".encode()[:2]) == ""
    assert reader.rest() == "\ufffd"
    assert reader.rest() == ""


@given(st.text("ab<|", max_size=30), st.lists(st.text("ab<|", min_size=1, max_size=4), max_size=3),
       st.lists(st.integers(0, 30), max_size=8))  # fmt: skip
def test_text_ends_before_the_first_stop(text: str, stops: list[str], at: list[int]) -> None:
    finder, told = StopFinder(stops), ""
    for part in cut(text, at):
        told += finder.add(part)
        if finder.found:
            break
    told += finder.rest()
    first = min((text.find(stop) for stop in stops if stop in text), default=-1)
    assert told == (text if first < 0 else text[:first])
    assert finder.found == (first >= 0)


def test_a_beginning_of_a_stop_waits_for_the_rest() -> None:
    finder = StopFinder(["END"])
    assert [finder.add(piece) for piece in ("one E", "N", "O")] == ["one ", "", "ENO"]


REASONED = [
    ("<think>\nwhy\n</think>\n\nanswer", "why", "answer"),
    ("\n<think>a</think>b", "a", "b"),
    ("no marks at all", "", "no marks at all"),
    ("<thin air", "", "<thin air"),
    ("1 < 2 </think> 3", "", "1 < 2 </think> 3"),
    ("<think>never ends\n", "never ends", ""),
    ("<think>\n\n</think>\n\n", "", ""),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), REASONED)
@given(at=st.lists(st.integers(0, 40), max_size=8))
def test_reasoning_is_parted_whatever_the_pieces(
    text: str, reasoning: str, answer: str, at: list[int]
) -> None:
    reader = Reasoning(begun=False)
    parts = [*map(reader.add, cut(text, at)), reader.rest()]
    assert "".join(part[0] for part in parts) == reasoning
    assert "".join(part[1] for part in parts) == answer


def test_reasoning_that_the_prompt_began() -> None:
    reader = Reasoning(begun=True)
    assert reader.add("why</think>\n") == ("why", "")
    assert reader.add("\nso") == ("", "so")
