"""What the pipeline asks of a tokenizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Vocabulary(Protocol):
    """A model's tokens, and its chat template; many threads may ask at once."""

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None,
        extra: Mapping[str, Any] | None,
    ) -> str:
        """The prompt of a conversation; ``extra`` is what else the template is told.

        Raises:
            ValueError, RuntimeError: the template refuses it.
        """

    def encode(self, text: str, ends: bool) -> list[int]:
        """Token ids, control tokens read as such; with ``ends`` the model's own around them."""

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, without control tokens."""

    def pieces(self) -> Mapping[int, bytes]:
        """What each token stands for, control tokens too."""
