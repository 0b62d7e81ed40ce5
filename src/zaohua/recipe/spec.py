"""A recipe: one YAML file, one pydantic model. Stages run in the order of the fields."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.data.prepare.spec import DataSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.spec import Spec
from zaohua.train.spec import TrainSpec


class ExportSpec(Spec):
    """To GGUF on the shelf, so that ``zaohua serve -m NAME`` answers with it."""

    name: str = Field(default="", description="On the shelf; the recipe's name when empty.")
    model: str = Field(
        default="", description="Stage or checkpoint; the last one trained when empty."
    )
    quant: Literal["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0"] = "q8_0"
    system: str = Field(default="", description="System prompt of the Modelfile.")


class Recipe(Spec):
    """Everything from sources to a served model.

    ``data`` names data sets by keys; later stages use those keys, or names of data sets prepared
    before. The key of a data set has no hyphen: what it makes is called ``NAME-KEY``, and so no
    recipe makes what another calls its own.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)
    seed: int = Field(default=1, description="Taken by every stage that sets none.")
    data: dict[str, DataSpec] = Field(default_factory=dict)
    tokenizer: TokenizerSpec | None = None
    pretrain: TrainSpec | None = None
    finetune: TrainSpec | None = None
    export: ExportSpec | None = None
    evaluate: list[EvaluateSpec] = Field(default_factory=list)
