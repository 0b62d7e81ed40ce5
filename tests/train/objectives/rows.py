"""Rows made by hand, and small models with fixed weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from transformers import BertConfig, ModernBertConfig, Qwen3Config

from zaohua.data.tokens.rows import IGNORE, Row

VOCAB, PAD, MASK = 61, 0, 1
BYTE_LENGTHS = np.array([0] * 5 + [1 + n % 4 for n in range(VOCAB - 5)], np.int32)


def row(documents: Sequence[Sequence[int]], length: int, label: int = -1) -> Row:
    """Documents beside each other; the rest is padding."""
    tokens = np.full(length, PAD, np.int64)
    targets = np.full(length, IGNORE, np.int64)
    segments = np.zeros(length, np.int32)
    at = 0
    for number, document in enumerate(documents, 1):
        end = at + len(document)
        tokens[at:end] = document
        targets[at : end - 1] = document[1:]
        segments[at:end] = number
        at = end
    return Row(tokens, targets, segments, label)


def words(count: int, seed: int = 0) -> list[int]:
    """Random ordinary tokens."""
    return [int(n) for n in np.random.default_rng(seed).integers(5, VOCAB, count)]


def decoder(attention: str = "sdpa", tie: bool = True) -> nn.Module:
    from transformers import Qwen3ForCausalLM

    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=64,
        pad_token_id=PAD,
        initializer_range=0.2,
        tie_word_embeddings=tie,
    )
    config._attn_implementation = attention
    return Qwen3ForCausalLM(config)


def bert_config(attention: str = "sdpa") -> BertConfig:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        pad_token_id=PAD,
        initializer_range=0.2,
        num_labels=3,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config._attn_implementation = attention
    return config


def modernbert_config() -> ModernBertConfig:
    torch.manual_seed(0)
    return ModernBertConfig(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=64,
        pad_token_id=PAD,
        bos_token_id=2,
        eos_token_id=3,
        cls_token_id=2,
        sep_token_id=3,
        num_labels=3,
    )
