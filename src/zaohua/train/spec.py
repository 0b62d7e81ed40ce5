"""The recipe's ``pretrain`` and ``finetune`` sections: everything that decides a training run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.model.spec import ModelSpec
from zaohua.spec import Spec


class OptimiserSpec(Spec):
    """Zero means: derived from the model's size, batch and objective, and printed."""

    name: Literal["auto", "muon", "adamw", "sgd", "adafactor", "lion"] = "auto"
    lr: float = Field(default=0.0, ge=0, description="Of matrices (Muon) or all (the others).")
    embedding_lr: float = Field(default=0.0, ge=0, description="Of what Muon leaves to AdamW.")
    weight_decay: float = Field(default=0.1, ge=0)
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.95, ge=0, lt=1)
    momentum: float = Field(default=0.95, ge=0, lt=1, description="Of Muon and SGD.")


class ScheduleSpec(Spec):
    """Learning rate over the run, as factors of the peak; shares are of all steps."""

    name: Literal["wsd", "cosine", "linear", "constant"] = "wsd"
    warmup: float = Field(default=0.02, ge=0, le=1, description="Share of rising.")
    decay: float = Field(default=0.5, ge=0, le=1, description="Share of falling (wsd).")
    final: float = Field(default=0.0, ge=0, le=1, description="Factor at the end.")


class TrainSpec(Spec):
    """One training run. Length: exactly one of steps, tokens, epochs, minutes is above 0."""

    data: str = Field(description="Name of a prepared data set.")
    tokenizer: str = Field(default="", description="Of a new model; the start's own when empty.")
    objective: Literal["causal", "masked", "chat", "classify"]
    model: ModelSpec = ModelSpec()
    steps: int = Field(default=0, ge=0)
    tokens: float = Field(default=0, ge=0)
    epochs: float = Field(default=0, ge=0)
    minutes: float = Field(
        default=0, ge=0, description="Steps are counted by the speed, and once anew."
    )
    batch_tokens: int = Field(default=0, ge=0, description="Tokens a step; 0: from size.")
    rows: int = Field(default=0, ge=0, description="Rows a micro-batch; 0: from memory and cores.")
    optimiser: OptimiserSpec = OptimiserSpec()
    schedule: ScheduleSpec = ScheduleSpec()
    whole: bool = Field(
        default=False, description="Rows of whole documents instead of one stream (text)."
    )
    dropout: float = Field(default=0.0, ge=0, lt=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    clip: float = Field(default=1.0, ge=0, description="Norm of the gradient; 0: never.")
    frozen: list[str] = Field(default_factory=list, description="Patterns of parameter names.")
    mask: float = Field(default=0.3, gt=0, lt=1, description="Share of tokens masked (masked).")
    gradient_checkpointing: bool = False
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: Literal["auto", "on", "off"] = "auto"
    validate_every: float = Field(default=0.1, gt=0, le=1, description="Share of the run.")
    checkpoint_minutes: float = Field(default=2.0, gt=0)
    keep_checkpoints: int = Field(default=2, ge=1)
    prompts: list[str] = Field(default_factory=list, description="Continued at each validation.")
    seed: int = 1
    wandb: str = Field(default="", description="Project to log to; empty: TensorBoard only.")
