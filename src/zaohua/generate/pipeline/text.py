"""From tokens to text, as they come: whole characters, stop texts, reasoning apart."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence

OPENING, CLOSING = "<think>", "</think>"


class TokenText:
    """The text of tokens that come one after another; characters in pieces wait for their rest.

    ``said`` gives the bytes that a token stands for.
    """

    def __init__(self, said: Callable[[int], bytes]) -> None:
        self._said = said
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def add(self, tokens: Sequence[int]) -> str:
        """The text that ``tokens`` add."""
        return self._decoder.decode(b"".join(map(self._said, tokens)))

    def rest(self) -> str:
        """What never became whole."""
        return self._decoder.decode(b"", final=True)


class StopFinder:
    """Lets text through up to the first of the stop texts; what may be its beginning waits."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.found = False

    def add(self, text: str) -> str:
        """What can be told for certain."""
        held = self._held + text
        at = min((place for place in map(held.find, self._stops) if place >= 0), default=-1)
        if at >= 0:
            self.found, self._held = True, ""
            return held[:at]
        waiting = max((_overlap(held, stop) for stop in self._stops), default=0)
        self._held = held[len(held) - waiting :]
        return held[: len(held) - waiting]

    def rest(self) -> str:
        """What waited in vain."""
        held, self._held = self._held, ""
        return held


class Reasoning:
    """Parts reasoning, which comes first and between marks, from the answer.

    Args:
        begun: the prompt has opened it.
    """

    def __init__(self, *, begun: bool) -> None:
        self._state = "opened" if begun else "start"
        self._held = ""

    def add(self, text: str) -> tuple[str, str]:
        """Reasoning and answer that ``text`` adds."""
        self._held += text
        if self._state == "start":
            self._look_for_opening()
        self._pass_lines("opened", "reasoning")
        reasoning = self._reasoning() if self._state == "reasoning" else ""
        self._pass_lines("closed", "answer")
        return reasoning, self._take() if self._state == "answer" else ""

    def rest(self) -> tuple[str, str]:
        """What was held back."""
        reasoning = self._state == "reasoning"
        held = self._take()
        return (held.rstrip("\n"), "") if reasoning else ("", held)

    def _look_for_opening(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(OPENING):
            self._state, self._held = "opened", begun[len(OPENING) :]
        elif not OPENING.startswith(begun):
            self._state = "answer"

    def _pass_lines(self, before: str, after: str) -> None:
        """Pass over the line breaks after a mark."""
        if self._state == before:
            self._held = self._held.lstrip("\n")
            self._state = after if self._held else before

    def _reasoning(self) -> str:
        reasoning, mark, rest = self._held.partition(CLOSING)
        if mark:
            self._state, self._held = "closed", rest
            return reasoning.rstrip("\n")
        bare = reasoning[: len(reasoning) - _overlap(reasoning, CLOSING)].rstrip("\n")
        self._held = reasoning[len(bare) :]
        return bare

    def _take(self) -> str:
        held, self._held = self._held, ""
        return held


def _overlap(text: str, mark: str) -> int:
    """Length of the longest beginning of ``mark`` that ``text`` ends with."""
    lengths = range(min(len(text), len(mark) - 1), 0, -1)
    return next((length for length in lengths if text.endswith(mark[:length])), 0)
