"""The recipe's ``model`` section: one dial, each derived value overridable."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.spec import Spec

Size = Literal["nano", "micro", "mini", "small", "base"]


class ModelSpec(Spec):
    """A new model (``size`` and overrides), or one to go on from (``start``)."""

    start: str = Field(
        default="",
        description="Checkpoint artefact, model of the shelf, hub id, folder or GGUF file; "
        "empty: a new model.",
    )
    size: Size = "nano"
    layout: Literal["qwen3", "llama", "bert", "modernbert"] = Field(
        default="qwen3", description="Decoders: qwen3, llama; encoders: bert, modernbert."
    )
    width: int = Field(default=0, ge=0, description="Hidden size; 0: from size.")
    depth: int = Field(default=0, ge=0)
    heads: int = Field(default=0, ge=0)
    kv_heads: int = Field(default=0, ge=0)
    inner: int = Field(default=0, ge=0, description="Width of the feed-forward layer.")
    context: int = Field(default=0, ge=0, description="Tokens; 0: from size.")
    tie: bool | None = Field(default=None, description="One matrix for embedding and head.")
