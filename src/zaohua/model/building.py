"""New models: transformers' own classes, our widths, initialised for small models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from zaohua.errors import UsageError
from zaohua.model import attention
from zaohua.model.shapes import Shape
from zaohua.model.vocabulary import SpecialIds, special_ids

_Configure = Callable[[Shape, SpecialIds], PretrainedConfig]
ROPE_BASE: Final = 10_000.0
RESIDUAL: Final = ("o_proj.weight", "down_proj.weight", "output.dense.weight")
"""Matrices whose product is added to the residual stream."""


def build(shape: Shape, tokenizer: PreTrainedTokenizerBase, *, seed: int = 1) -> PreTrainedModel:
    """A new model in fp32, the same for the same ``seed``; encoders get the masked head.

    Initialisation: normal with the deviation sqrt(2 / (5 width)) (Nguyen and Salazar 2019,
    arXiv:1910.05895); what is added to the residual stream is divided by sqrt(2 depth), as in
    GPT-2 (Radford 2019). Norms 1, biases 0.

    Raises:
        UsageError: the tokenizer has more tokens than the shape, or lacks what the layout needs.
    """
    if len(tokenizer) > shape.vocab:
        raise UsageError(
            f"the tokenizer has {len(tokenizer)} tokens, the model has room for {shape.vocab}"
        )
    ids = special_ids(tokenizer)
    config = _CONFIGS[shape.layout](shape, ids)
    config.initializer_range = sqrt(2 / (5 * shape.width))
    config._attn_implementation = attention.register()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _CLASSES[shape.layout](config)
    _scale_residual(model, shape)
    if shape.causal:
        model.generation_config = generation_config(ids)
    return model


def generation_config(ids: SpecialIds) -> GenerationConfig:
    """Where generation starts and stops."""
    return GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=ids.bos, eos_token_id=ids.stops or None, pad_token_id=ids.pad
    )


@torch.no_grad()
def _scale_residual(model: nn.Module, shape: Shape) -> None:
    if shape.layout == "modernbert":  # its own initialisation does this
        return
    for name, parameter in model.named_parameters():
        if name.endswith(RESIDUAL):
            parameter.mul_(1 / sqrt(2 * shape.depth))


def _common(shape: Shape, ids: SpecialIds) -> dict[str, Any]:
    return {
        "vocab_size": shape.vocab,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.depth,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "max_position_embeddings": shape.context,
        "tie_word_embeddings": shape.tie,
        "bos_token_id": ids.bos,
        "eos_token_id": ids.eos,
        "pad_token_id": ids.pad,
        "dtype": "float32",
    }


def _decoder(
    form: Callable[..., PretrainedConfig],
) -> Callable[[Shape, SpecialIds], PretrainedConfig]:
    def make(shape: Shape, ids: SpecialIds) -> PretrainedConfig:
        return form(
            **_common(shape, ids),
            num_key_value_heads=shape.kv_heads,
            head_dim=shape.head_width,
            rms_norm_eps=1e-6,
            rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
        )

    return make


def _bert(shape: Shape, ids: SpecialIds) -> PretrainedConfig:
    return BertConfig(
        **_common(shape, ids),
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def _modernbert(shape: Shape, ids: SpecialIds) -> PretrainedConfig:
    """Global attention in every layer: rows this short gain nothing from windows."""
    return ModernBertConfig(
        **_common(shape, ids),
        cls_token_id=ids.bos,
        sep_token_id=ids.eos,
        layer_types=["full_attention"] * shape.depth,
        rope_parameters={
            kind: {"rope_type": "default", "rope_theta": ROPE_BASE}
            for kind in ("full_attention", "sliding_attention")
        },
        classifier_pooling="mean",
    )


_CONFIGS: Final[Mapping[str, _Configure]] = MappingProxyType(
    {
        "qwen3": _decoder(Qwen3Config),
        "llama": _decoder(LlamaConfig),
        "bert": _bert,
        "modernbert": _modernbert,
    }
)
_CLASSES: Final[Mapping[str, Callable[[Any], PreTrainedModel]]] = MappingProxyType(
    {
        "qwen3": Qwen3ForCausalLM,
        "llama": LlamaForCausalLM,
        "bert": BertForMaskedLM,
        "modernbert": ModernBertForMaskedLM,
    }
)
