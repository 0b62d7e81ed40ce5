"""From token ids to the logits of chosen positions, without the logits of all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from zaohua.errors import UsageError
from zaohua.model.attention import BLOCKS

ENCODERS = frozenset({"bert", "modernbert"})

PLAIN_HEAD = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})
"""Model types whose logits are ``lm_head(hidden)`` and nothing more: no scale, no soft cap."""


def hidden_states(model: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """[rows, length, width]: what the model's head reads.

    Raises:
        UsageError: documents are packed into a row and the model cannot keep them apart.
    """
    states: Tensor = model.base_model(**_understood(model, inputs)).last_hidden_state
    return states


def plain_head(model: Any) -> Tensor | None:
    """The matrix [vocabulary, width] whose product with hidden states is the logits, if it is so.

    ``None`` for heads with a bias, a transformation, a scale or a soft cap.
    """
    head = model.get_output_embeddings()
    plain = model.config.model_type in PLAIN_HEAD and type(head) is nn.Linear and head.bias is None
    return head.weight if plain else None


def masked_head(model: Any, states: Tensor) -> Tensor | None:
    """Logits of hidden states [n, width] by an encoder's head; ``None`` if it is not known."""
    logits: Tensor
    match model.config.model_type:
        case "bert":
            logits = model.cls(states)
        case "modernbert":
            logits = model.decoder(model.head(states))
        case _:
            return None
    return logits


def all_logits(model: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """[rows, length, vocabulary], by the model's own way; for heads that are not known."""
    logits: Tensor = model(**_understood(model, inputs)).logits
    return logits


def _understood(model: Any, inputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """The inputs in the words of the model's attention.

    Transformers' own attention knows no segments. In decoders it finds them where positions start
    again at 0; in encoders it does not look.
    """
    if model.config._attn_implementation == BLOCKS:
        kept = dict(inputs)
    else:
        kept = {name: value for name, value in inputs.items() if name != "segments"}
    if model.config.model_type not in ENCODERS:
        return kept | {"use_cache": False}
    if len(kept) < len(inputs) and int(inputs["segments"].max()) > 1:
        raise UsageError(
            "the model's attention cannot keep packed documents apart",
            where=model.config.model_type,
            mend=f"load it with attn_implementation='{BLOCKS}'",
        )
    return kept
