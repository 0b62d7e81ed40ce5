"""The tokens of a model in ik_llama.cpp, and its chat template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zaohua.generate.ik.library import Library
from zaohua.generate.ik.template import ChatTemplate


class IkVocabulary:
    """The vocabulary of the model in ``library``.

    Raises:
        ValueError: its chat template cannot be read.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._template = ChatTemplate(library.template, library.marks)
        self._pieces = {token: library.piece(token) for token in range(library.vocabulary)}

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None,
        extra: Mapping[str, Any] | None,
    ) -> str:
        """The prompt of a conversation.

        Raises:
            ValueError: the template does not take it.
        """
        return self._template.render(
            messages, add_generation_prompt=add_generation_prompt, tools=tools, more=extra
        )

    def encode(self, text: str, ends: bool) -> list[int]:
        """The tokens of ``text``, control tokens among them; with ``ends`` the model's own around
        them."""
        return self._library.encode(text, ends=ends, control=True)

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, without control tokens."""
        said = (self._pieces[token] for token in tokens if not self._library.is_control(token))
        return b"".join(said).decode("utf-8", "replace")

    def pieces(self) -> Mapping[int, bytes]:
        """The bytes of each token."""
        return self._pieces
