"""Token probabilities of an answer, as they are stored and shown."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from zaohua.generate.events import TokenLogprob
from zaohua.text.wholesome import storable


class Alternative(TypedDict):
    """A token that could have come."""

    token: str
    logprob: float


class Token(TypedDict):
    """The token that came, its natural-log probability, and the likeliest alternatives."""

    token: str
    logprob: float
    top: list[Alternative]


def compact(token: TokenLogprob) -> list[Any]:
    """``[token, logprob, [[token, logprob], ...]]``: short enough to keep with every answer."""
    top = [[storable(other.token), round(other.logprob, 4)] for other in token.top]
    return [storable(token.token), round(token.logprob, 4), top]


def expand(stored: list[Any]) -> Token:
    """The token that `compact` made a list of."""
    token, logprob, top = stored
    return Token(
        token=token,
        logprob=logprob,
        top=[Alternative(token=other, logprob=value) for other, value in top],
    )
