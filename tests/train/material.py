"""A tiny real model, rows it can learn, and jobs of them, for tests of the loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.train.job import Job
from zaohua.train.objectives.causal import Causal
from zaohua.train.optimisers import Rates, groups, make
from zaohua.train.schedules import schedule
from zaohua.train.spec import OptimiserSpec, ScheduleSpec

VOCABULARY = 61


@dataclass
class Sums:
    """Rows in which every token is the sum of the two before it, modulo the vocabulary."""

    count: int = 40
    length: int = 16
    silent: frozenset[int] = frozenset()
    pad: int = 0

    def __post_init__(self) -> None:
        self.byte_lengths = np.ones(VOCABULARY, np.int32)
        self.lengths = np.full(self.count, self.length, np.int32)
        starts = np.random.default_rng(7).integers(0, VOCABULARY, (self.count, self.length + 1))
        for at in range(2, self.length + 1):
            starts[:, at] = (starts[:, at - 1] + starts[:, at - 2]) % VOCABULARY
        self._tokens = starts.astype(np.int64)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Row:
        tokens, targets = self._tokens[index, :-1], self._tokens[index, 1:].copy()
        targets[: 1 + index % 3] = IGNORE  # rows of different weight
        if index in self.silent:
            targets[:] = IGNORE
        return Row(tokens, targets, np.ones(self.length, np.int32))

    def origin(self, index: int) -> str:
        return f"sums, row {index}"


def tiny(seed: int = 1, **changes: Any) -> LlamaForCausalLM:
    """A decoder of 26,000 parameters."""
    torch.manual_seed(seed)
    plain: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 64,
        "tie_word_embeddings": True,
    }
    return LlamaForCausalLM(LlamaConfig(**{**plain, **changes}))


def job(folder: Path, *, optimiser: str = "adamw", dropout: float = 0.0, **changes: Any) -> Job:
    """A run of 12 steps over the sums."""
    model = changes.pop("model", None) or tiny(attention_dropout=dropout)
    spec = OptimiserSpec(name=optimiser)
    rates = changes.pop("rates", Rates(3e-3, 3e-3))
    steps = changes.pop("steps", 12)
    plain = Job(
        model=model,
        objective=Causal(np.ones(VOCABULARY, np.int32)),
        rows=Sums(),
        validation=Sums(count=10),
        optimiser=make(spec, groups(model), rates),
        schedule=schedule(ScheduleSpec(), steps),
        steps=steps,
        rows_a_step=8,
        rows_a_batch=8,
        folder=folder,
        validate_every=5,
    )
    return replace(plain, **changes)


def losses(history: list[dict[str, Any]]) -> list[float]:
    return [entry["loss"] for entry in history if entry["kind"] == "step"]
