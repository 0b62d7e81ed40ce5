"""Attention in blocks of queries, registered with transformers as ``zaohua_blocks``.

On CPUs it is faster than PyTorch's own kernel in training (docs/log.md has the figures): the empty
upper triangle is skipped block by block, the query heads that share a key head are one matrix
product, and the scores of a block stay in the cache. It knows documents packed into one row: a
model called with ``segments`` [rows, length] lets no position see another segment.

What it cannot do (key-value cache, sliding windows, masks given from outside, devices other than
the CPU) goes to PyTorch's scaled dot-product attention, ``segments`` included.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, sdpa_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS, PreTrainedModel

BLOCKS: Final = "zaohua_blocks"
"""What ``attn_implementation`` is called in transformers."""

SUITED: Final = ("bert", "llama", "mistral", "modernbert", "qwen2", "qwen3")
"""Model types that hand ``segments`` down to it; tested."""

BLOCK: Final = 64
"""Queries in a block. Measured: 64 and 128 are within 7 %, 256 costs a third more."""


def register() -> str:
    """Make the attention known to transformers; returns its name. Doing it twice does nothing."""
    ALL_ATTENTION_FUNCTIONS.register(BLOCKS, attend)
    ALL_MASK_ATTENTION_FUNCTIONS.register(BLOCKS, sdpa_mask)
    return BLOCKS


def use(model: PreTrainedModel) -> bool:
    """Let a model that is known to work with it compute attention so; whether it does.

    Only then may it be called with ``segments``: other models would pass over them silently.
    """
    if model.config.model_type not in SUITED:
        return False
    model.set_attn_implementation(register())
    return True


def attend(  # noqa: PLR0917  (transformers' order)
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    segments: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Softmax attention, as transformers calls it.

    Args:
        module: the layer; says with ``is_causal`` whether it may look ahead.
        query: [rows, heads, length, head width].
        key: [rows, heads or fewer, length seen, head width].
        value: as ``key``.
        attention_mask: from transformers. Where ``segments`` are given they say all that padding
            and restarting positions would, and the mask counts only for a sliding window.
        scaling: of the scores; without it one over the root of the head width.
        dropout: share of the weights that is dropped.
        segments: [rows, length]; who may see whom. 0 is padding, which sees only itself.
        **kwargs: ``is_causal``, ``sliding_window``; others go on to transformers' function.

    Returns:
        [rows, length, heads, head width], and no weights.
    """
    causal = kwargs.pop("is_causal", None)
    causal = getattr(module, "is_causal", True) if causal is None else causal
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    windowed = (kwargs.get("sliding_window") or query.shape[2]) < query.shape[2]
    masked = attention_mask is not None and (segments is None or windowed)
    if masked or not _suits(query, key, kwargs):
        mask = _dense(attention_mask, segments, causal=causal, windowed=windowed)
        return sdpa_attention_forward(
            module, query, key, value, mask, dropout, scale, is_causal=causal, **kwargs
        )
    return in_blocks(query, key, value, scale, segments, causal=causal, dropout=dropout), None


def in_blocks(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scale: float,
    segments: Tensor | None = None,
    *,
    causal: bool = True,
    dropout: float = 0.0,
    block: int = BLOCK,
) -> Tensor:
    """The attention itself; shapes as in `attend`. Query and key have the same length."""
    rows, heads, length, width = query.shape
    shared = key.shape[1]
    group = heads // shared
    query = query.reshape(rows, shared, group, length, width)
    key = key.reshape(rows * shared, length, width)
    value = value.reshape(rows * shared, length, width)
    parts = []
    for start in range(0, length, block):
        stop = min(start + block, length)
        seen = stop if causal else length
        asked = query[:, :, :, start:stop].reshape(rows * shared, -1, width)
        hidden = None if segments is None else _hidden(segments, start, stop, seen, causal=causal)
        scores = _scores(
            asked, key[:, :seen], scale, start=start, group=group, hidden=hidden, causal=causal
        )
        weights = functional.softmax(scores, -1, dtype=torch.float32).to(value.dtype)
        weights = functional.dropout(weights, dropout) if dropout else weights
        part = torch.bmm(weights, value[:, :seen])
        parts.append(part.view(rows, shared, group, stop - start, width))
    joined = torch.cat(parts, 3).reshape(rows, heads, length, width)
    return joined.transpose(1, 2).contiguous()


def _scores(
    query: Tensor,
    key: Tensor,
    scale: float,
    *,
    start: int,
    group: int,
    hidden: Tensor | None,
    causal: bool,
) -> Tensor:
    """[rows * shared, group * block, seen], minus infinity where a query must not look."""
    if hidden is not None:
        rows, block, seen = hidden.shape
        shared = query.shape[0] // rows
        spread = hidden[:, None, None].expand(rows, shared, group, block, seen)
        scores = torch.bmm(query * scale, key.transpose(1, 2))
        return scores.masked_fill_(spread.reshape(scores.shape), -torch.inf)
    if not causal:
        return torch.bmm(query * scale, key.transpose(1, 2))
    block, seen = query.shape[1] // group, key.shape[1]
    future = torch.full((block, seen), -torch.inf, dtype=query.dtype, device=query.device)
    future = future.triu(start + 1).repeat(group, 1)
    return torch.baddbmm(future, query, key.transpose(1, 2), alpha=scale)


def _hidden(segments: Tensor, start: int, stop: int, seen: int, *, causal: bool) -> Tensor:
    """[rows, stop - start, seen]: true where a query must not look."""
    hidden = segments[:, start:stop, None] != segments[:, None, :seen]
    if not causal:
        return hidden
    future = torch.ones(stop - start, seen, dtype=torch.bool, device=segments.device)
    return hidden | future.triu(start + 1)


def _suits(query: Tensor, key: Tensor, kwargs: dict[str, Any]) -> bool:
    plain = all(kwargs.get(name) is None for name in ("position_bias", "softcap", "s_aux", "cache"))
    return plain and query.device.type == "cpu" and query.shape[2] == key.shape[2] > 1


def _dense(
    mask: Tensor | None, segments: Tensor | None, *, causal: bool, windowed: bool
) -> Tensor | None:
    """One mask for PyTorch's attention out of transformers' mask and the segments."""
    if segments is None:
        return mask
    length = segments.shape[1]
    seen = ~_hidden(segments, 0, length, length, causal=causal)[:, None]
    return seen & mask if windowed and mask is not None and mask.dtype == torch.bool else seen
