"""The recipe's ``evaluate`` section."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.spec import Spec


class EvaluateSpec(Spec):
    """One suite run on one model."""

    suite: Literal["poems", "bits_per_byte", "classification"]
    model: str = Field(default="", description="Checkpoint or shelf model; the run's own if empty.")
    data: str = Field(description="Prepared data set; its validation part is used.")
    examples: int = Field(default=200, ge=1, description="Instructions asked (poems).")
    temperature: float = Field(default=0.8, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=256, ge=1, description="Of one answer, at most (poems).")
    instructions: bool = Field(
        default=True, description="Ask with the system prompt that the chat puts first (poems)."
    )
    characters: int = Field(
        default=4_000_000, ge=1000, description="Training text that baselines are fitted on."
    )
    seed: int = 1
