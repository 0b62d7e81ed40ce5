"""What a run's recipe leaves open, derived by rules that can be read, printed and overridden.

Pure functions: the same recipe and data give the same plan. What depends on the machine (rows of
a micro-batch, precision, compilation, minutes to steps) is decided elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from zaohua.train.optimisers.rates import Rates
from zaohua.train.spec import OptimiserSpec, TrainSpec

FOREIGN_LENGTH = 512
"""Row length for models that zaohua has not trained: attention's cost grows with its square."""

BATCH_TOKENS = 4096
"""Positions a step of a run of `BATCH_RUN` tokens, or of so many minutes.

Measured: nano on poems for 3 minutes, 1.2 million tokens: 2.225 bits per byte with 8,192, 2.151
with 2,048 (by the power law 1,820), 2.204 with 1,024.
"""

BATCH_RUN = 10e6
BATCH_GROWTH = 0.383
BATCH_LIMITS = (2048, 524_288)
CLASSIFY_ROWS = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a plan and where it came from."""

    name: str
    value: float | str
    why: str

    def line(self) -> str:
        """``rows a step 16 (8,192 tokens)``; what is still to be measured has no value."""
        return f"{self.name} {self.shown} ({self.why})" if self.value else f"{self.name} {self.why}"

    @property
    def shown(self) -> str:
        """The value as people write it."""
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:,.0f}" if self.value == int(self.value) else f"{self.value:.4g}"


@dataclass(frozen=True, slots=True)
class Size:
    """What there is to learn from: rows of one length."""

    rows: int
    length: int

    @property
    def tokens(self) -> int:
        """Positions of one epoch."""
        return self.rows * self.length


def row_length(spec: TrainSpec, limit: int, inherited: int) -> Choice:
    """Positions in a row, of a model that can see ``limit``.

    ``inherited`` is what the model it starts from was trained with; 0: not known.
    """
    if spec.model.context:
        return Choice("context", spec.model.context, "recipe")
    if not spec.model.start:
        return Choice("context", limit, f"size {spec.model.size}")
    if inherited:
        return Choice("context", min(inherited, limit), "as the model was trained")
    return Choice("context", min(FOREIGN_LENGTH, limit), "start of unknown training: at most 512")


def rows_a_step(spec: TrainSpec, size: Size, inherited: int) -> Choice:
    """Rows that a step learns from.

    Of a language model the best batch grows with the run's tokens D as D^0.383 (Bergsma et al.
    2025, arXiv:2505.13738), rounded to a power of two; of a classifier it is 32 texts (Devlin et
    al. 2019, A.3). ``inherited`` are the positions a step of the model it starts from; 0: not
    known.
    """
    if spec.batch_tokens:
        return _rows(spec.batch_tokens, size, "recipe")
    if spec.objective == "classify":
        return Choice("rows a step", CLASSIFY_ROWS, "32 texts (Devlin 2019)")
    tokens = spec.tokens or spec.epochs * size.tokens
    if not tokens:
        why = "as the model was trained" if inherited else f"{BATCH_TOKENS:,} tokens"
        return _rows(inherited or BATCH_TOKENS, size, why)
    best = BATCH_TOKENS * (tokens / BATCH_RUN) ** BATCH_GROWTH
    rounded = 2 ** round(math.log2(best))
    low, high = BATCH_LIMITS
    return _rows(min(max(rounded, low), high), size, f"tokens^{BATCH_GROWTH} of the run")


def steps(spec: TrainSpec, size: Size, rows: int) -> Choice:
    """Steps of the run; 0: to be measured, as the recipe gives minutes."""
    if spec.minutes:
        return Choice("steps", 0, f"measured, for {spec.minutes:g} minutes")
    if spec.steps:
        return Choice("steps", spec.steps, "recipe")
    if spec.tokens:
        count = math.ceil(spec.tokens / (rows * size.length))
        return Choice("steps", max(count, 1), f"{spec.tokens:,.0f} tokens")
    count = math.ceil(spec.epochs * size.rows / rows)
    return Choice("steps", max(count, 1), f"{spec.epochs:g} epochs of {size.rows:,} rows")


def optimiser(asked: OptimiserSpec, found: OptimiserSpec, *, alien: bool) -> Choice:
    """Which one; `zaohua.train.optimisers.chosen` chooses where the recipe says ``auto``."""
    if asked.name != "auto":
        return Choice("optimiser", found.name, "recipe")
    why = "of a model that was not trained here" if alien else "its share of a step's work"
    return Choice("optimiser", found.name, why)


def rates(spec: OptimiserSpec, found: Rates) -> list[Choice]:
    """The learning rates, for the table; `zaohua.train.optimisers.rates` derives them."""
    why = "size of model and batch"
    first = Choice("learning rate", found.lr, "recipe" if spec.lr else why)
    if spec.name != "muon":
        return [first]
    told = "recipe" if spec.embedding_lr else why
    return [first, Choice("embedding rate", found.embedding_lr, told)]


def _rows(tokens: int, size: Size, why: str) -> Choice:
    return Choice("rows a step", max(1, tokens // size.length), why)
