"""Forms that an answer must keep to, by masks over the tokens (llguidance)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from zaohua.generate.grammar import compact

Logits = npt.NDArray[np.float32]
"""Of one place: float32[vocabulary]."""

_ANY_OBJECT: Final = {"type": "object"}


class Form:
    """Which tokens may come next in one answer.

    Args:
        matcher: an ``llguidance.LLMatcher``.
    """

    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher

    def copy(self) -> Self:
        """Another answer's, at the same place."""
        return type(self)(self._matcher.deep_copy())

    @property
    def over(self) -> bool:
        """Whether nothing may follow."""
        return bool(self._matcher.is_stopped())

    def certain(self) -> list[int]:
        """The tokens that must follow, as far as no other can."""
        return list(self._matcher.compute_ff_tokens())

    def masked(self, logits: Logits) -> Logits:
        """``logits``, with tokens that may not come next at minus infinity.

        Raises:
            ValueError: the form is too hard to follow.
        """
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        self._check()
        allowed = np.unpackbits(bits, count=len(logits), bitorder="little").view(np.bool_)
        return np.where(allowed, logits, np.float32(-np.inf))

    def take(self, token: int) -> None:
        """``token`` comes next.

        Raises:
            ValueError: it may not, or the form is too hard to follow.
        """
        if not self.over:
            self._matcher.consume_token(token)
            self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise ValueError(_said(self._matcher.get_error()))


@dataclass(frozen=True)
class _Vocabulary:
    """What llguidance wants to know of a tokenizer."""

    tokens: Sequence[bytes]
    special_token_ids: Sequence[int]
    eos_token_id: int
    encode: Callable[[str], list[int]]
    bos_token_id: None = None

    def __call__(self, text: str | bytes) -> list[int]:
        return self.encode(text if isinstance(text, str) else text.decode("utf-8", "replace"))


class Forms:
    """Makes forms for one vocabulary.

    Args:
        pieces: the bytes of each token.
        control: tokens that stand for no text.
        ends: those that end an answer.
        encode: gives the tokens of a text.
    """

    def __init__(
        self,
        pieces: Mapping[int, bytes],
        control: Collection[int],
        ends: Collection[int],
        encode: Callable[[str], list[int]],
    ) -> None:
        tokens = [pieces.get(number, b"") for number in range(max(pieces) + 1)]
        self._vocabulary = _Vocabulary(tokens, sorted(control), min(ends), encode)
        self._ends = sorted(ends)
        self._reading = threading.Lock()

    def form(self, kind: str, value: Any) -> Form:
        """The form of a `request.Grammar`; takes a second when it is the first.

        Raises:
            ValueError: it cannot be followed; says why.
        """
        import llguidance

        matcher = llguidance.LLMatcher
        if kind == "regex":
            grammar = matcher.grammar_from_regex(value)
        else:
            schema = _ANY_OBJECT if kind == "json" else value
            grammar = matcher.grammar_from_json_schema(compact(schema))
        with self._reading:
            tokenizer = self._tokenizer
        made = matcher(tokenizer, grammar, log_level=0)
        if made.is_error():
            raise ValueError(f"the engine cannot follow this form: {_said(made.get_error())}")
        return Form(made)

    @cached_property
    def _tokenizer(self) -> Any:
        import llguidance

        vocabulary = llguidance.TokenizerWrapper(self._vocabulary)
        return llguidance.LLTokenizer(vocabulary, eos_token=self._ends)


def _said(complaint: str) -> str:
    """One line of what llguidance says, which draws the place beneath it."""
    lines = [line.strip() for line in complaint.splitlines()]
    wrong = [line for line in lines if line.startswith("error:")]
    return (wrong or lines or [""])[-1 if wrong else 0].removeprefix("error:").strip()[:200]
