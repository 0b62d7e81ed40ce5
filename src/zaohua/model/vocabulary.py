"""What a model must know of its tokenizer: special ids, where a turn ends, bytes of each token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from zaohua.errors import UsageError

_SAID = "5d41402a"


@dataclass(frozen=True, slots=True)
class SpecialIds:
    """Ids of special tokens; ``None`` where the tokenizer has none.

    Attributes:
        eos: ends a document.
        turn_end: ends a turn in the chat template, if that is another than ``eos``.
    """

    bos: int | None
    eos: int | None
    pad: int | None
    turn_end: int | None

    @property
    def stops(self) -> list[int]:
        """All that end an answer."""
        return [id_ for id_ in dict.fromkeys((self.eos, self.turn_end)) if id_ is not None]


def special_ids(tokenizer: PreTrainedTokenizerBase) -> SpecialIds:
    """The special ids of a tokenizer.

    Raises:
        UsageError: its chat template cannot be rendered.
    """
    return SpecialIds(
        _id(tokenizer.bos_token_id),
        _id(tokenizer.eos_token_id),
        _id(tokenizer.pad_token_id),
        _turn_end(tokenizer),
    )


def _id(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _turn_end(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The first special token that the template writes behind an answer."""
    if not tokenizer.chat_template:
        return None
    talk = [{"role": "user", "content": "1"}, {"role": "assistant", "content": _SAID}]
    try:
        text = str(tokenizer.apply_chat_template(talk, tokenize=False))
    except Exception as error:
        raise UsageError(
            f"the chat template cannot be rendered: {error}", where="tokenizer"
        ) from None
    tail = text.rpartition(_SAID)[2]
    ids = tokenizer(tail, add_special_tokens=False)["input_ids"]
    special = set(tokenizer.all_special_ids) | set(_added(tokenizer))
    return next((id_ for id_ in ids if id_ in special), None)


def _added(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    decoder = getattr(tokenizer, "added_tokens_decoder", {})
    return [id_ for id_, token in decoder.items() if token.special]
