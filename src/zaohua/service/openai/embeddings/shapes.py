"""What `POST /v1/embeddings` takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zaohua.service.body import Body
from zaohua.service.openai.completions.shapes import Prompt

MAX_INPUTS = 2048


class EmbeddingRequest(Body):
    """Texts to turn into vectors. Token ids are read as `/tokenize` gives them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": ["时间管理"]}]})

    input: Prompt
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    input_type: Literal["query", "passage"] | None = Field(
        default=None, description="Whether the texts are questions; passages if not told."
    )
    user: str | None = None


class Embedding(BaseModel):
    """A vector: numbers, or base64 of little-endian 32-bit floats."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Token counts."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """One vector an input, in order."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
