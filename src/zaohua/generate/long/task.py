"""What is to be done with a long text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from zaohua.generate.collect import Collected
from zaohua.generate.request import ChatRequest

How = Literal["map-reduce", "in-order", "refine"]
Ask = Callable[[ChatRequest], Awaitable[Collected]]
"""Gets one whole answer."""


class Combine(Protocol):
    """The request that makes one of several answers; ``final`` ones are the output.

    ``of``: how many such answers make up the output together.
    """

    def __call__(self, parts: Sequence[str], *, final: bool, of: int = 1) -> ChatRequest:
        """Of answers in the order of their parts."""


class Refine(Protocol):
    """The request that adds to an answer what the next part says."""

    def __call__(self, so_far: str, text: str, *, final: bool) -> ChatRequest:
        """The answer ``so_far``, and the next part."""


@dataclass(frozen=True, slots=True)
class Task:
    """A text and what is asked of it.

    Attributes:
        name: for people.
        text: all of it.
        how: ``map-reduce`` asks every part and makes one answer of the answers, ``in-order`` puts
            the answers one after the other, ``refine`` carries one answer from part to part.
        part: what is asked of a part.
        combine: see `Combine`.
        refine: see `Refine`.
        skip: answers that begin with it say that their part holds nothing.
        empty: the output if none holds anything.
        key: changes when what is asked does.
        most: tokens of a part, at most; 0: as many as there is room for.
        sections: answers that make up the output, at most: the first tells of the beginning.
    """

    name: str
    text: str
    how: How
    part: Callable[[str], ChatRequest]
    combine: Combine
    refine: Refine
    skip: str = ""
    empty: str = ""
    key: str = ""
    most: int = 0
    sections: int = 1
