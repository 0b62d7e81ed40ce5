"""The tokenizer and the chat template that lie beside a graph, as OpenVINO reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class OpenVinoVocabulary:
    """A `Vocabulary` of the graph in ``folder``.

    Raises:
        RuntimeError: OpenVINO cannot read it.
    """

    def __init__(self, folder: Path) -> None:
        import openvino_genai

        self._tokenizer = openvino_genai.Tokenizer(str(folder))
        # The first look into a tensor must not be made by two threads: they wait for ever, one with
        # Python's lock, one with OpenVINO's.
        self.encode("a", ends=False)

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """The prompt of a conversation; ``extra`` is what else the template is told."""
        rendered: str = self._tokenizer.apply_chat_template(
            messages,
            add_generation_prompt=add_generation_prompt,
            tools=tools,
            extra_context=extra,
        )
        return rendered

    def encode(self, text: str, ends: bool) -> list[int]:
        """Token ids, control tokens read as such; with ``ends`` the model's own around them."""
        encoded = self._tokenizer.encode(text, add_special_tokens=ends).input_ids.data
        return [int(token) for token in encoded.reshape(-1)]

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, without control tokens."""
        text: str = self._tokenizer.decode(list(tokens)) if tokens else ""
        return text

    def pieces(self) -> Mapping[int, bytes]:
        """What each token stands for, control tokens too."""
        return {number: piece for piece, number in self._tokenizer.get_vocab().items()}
