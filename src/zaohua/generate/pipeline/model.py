"""One model in this process: its tokenizer, its chat template, its answers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from zaohua.generate.pipeline.asked import Asked, Limits
from zaohua.generate.pipeline.batch import Batch, Pipeline, Tokens
from zaohua.generate.pipeline.forms import Form, Forms
from zaohua.generate.pipeline.vocabulary import Vocabulary


class Model:
    """A loaded model."""

    def __init__(self, vocabulary: Vocabulary, pipeline: Pipeline, limits: Limits) -> None:
        self._vocabulary = vocabulary
        self._batch = Batch(pipeline)
        self._said: dict[int, bytes] = {}
        self.limits = limits

    def render(self, body: Mapping[str, Any]) -> str:
        """The prompt of a conversation; an answer that ends it is to go on."""
        messages = [_plain(message) for message in body["messages"]]
        begun = messages[-1]["content"].rstrip() if _begun(messages[-1]) else ""
        rendered = self._vocabulary.render(
            messages,
            add_generation_prompt=not begun,
            tools=body.get("tools"),
            extra=body.get("chat_template_kwargs"),
        )
        return rendered[: rendered.rindex(begun) + len(begun)] if begun else rendered

    def encode(self, text: str, *, ends: bool = False, control: bool = True) -> list[int]:
        """Token ids; with ``ends`` the model's own around them.

        Without ``control`` what looks like a control token is read as text, cut after its first
        character, where the tokenizer might join more.
        """
        parts = [text] if control else _apart(text, self._control.values())
        return [token for part in parts for token in self._vocabulary.encode(part, ends)]

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, without control tokens."""
        return self._vocabulary.decode(tokens)

    def bytes_of(self, token: int) -> bytes:
        """What one token stands for."""
        return self._pieces.get(token, b"")

    def said(self, token: int) -> bytes:
        """The same, nothing for control tokens; the tokenizer, maybe slow, is asked once."""
        if token not in self._said:
            piece = self.bytes_of(token)
            self._said[token] = b"" if _is_text(piece) and not self.decode([token]) else piece
        return self._said[token]

    def form(self, told: Mapping[str, Any] | None) -> Form | None:
        """The form of ``kind`` and ``value`` that an answer must keep to.

        Raises:
            ValueError: it cannot be followed.
        """
        return self._forms.form(told["kind"], told["value"]) if told else None

    def generate(self, tokens: Sequence[int], asked: Asked) -> AsyncIterator[Tokens]:
        """Tokens that follow ``tokens``."""
        return self._batch.generate(tokens, asked)

    @cached_property
    def _forms(self) -> Forms:
        ends = self.limits.ends
        return Forms(self._pieces, ends | self._control.keys(), ends, self._encode_text)

    def _encode_text(self, text: str) -> list[int]:
        return self.encode(text, control=False)

    @cached_property
    def _control(self) -> dict[int, str]:
        """The texts of control tokens: they begin with a bracket, and decode to nothing."""
        pieces = [(number, piece) for number, piece in self._pieces.items() if piece[:1] in b"<["]
        silent = [(number, piece) for number, piece in pieces if not self.decode([number])]
        return {n: piece.decode("utf-8", "replace") for n, piece in silent if len(piece) > 1}

    @cached_property
    def _pieces(self) -> Mapping[int, bytes]:
        return self._vocabulary.pieces()


def _is_text(piece: bytes) -> bool:
    """Whether it is whole characters; parts of one a tokenizer may read as nothing, too."""
    try:
        return bool(piece.decode())
    except UnicodeDecodeError:
        return False


def _apart(text: str, marks: Collection[str]) -> list[str]:
    """``text`` cut after the first character of each of the ``marks`` in it."""
    if not marks:
        return [text]
    found = re.finditer("|".join(map(re.escape, marks)), text)
    cuts = [0, *(match.start() + 1 for match in found), len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if start < end]


def _begun(message: Mapping[str, Any]) -> bool:
    """Whether a message is the beginning of an answer."""
    return message["role"] == "assistant" and not message.get("tool_calls")


def _plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """Without nulls, which templates print."""
    said = {name: value for name, value in message.items() if value is not None}
    return {"content": "", **said}
