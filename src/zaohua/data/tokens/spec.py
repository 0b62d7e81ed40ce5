"""The recipe's ``tokenizer`` section."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.spec import Spec


class TokenizerSpec(Spec):
    """A byte-level BPE tokenizer trained on prepared data sets."""

    data: list[str] = Field(min_length=1, description="Names of prepared data sets.")
    vocab_size: int = Field(default=6400, ge=300, le=300_000)
    sample_bytes: int = Field(default=50 << 20, ge=1 << 10, description="Text it is trained on.")
    special_tokens: list[str] = Field(default_factory=list, description="Beside the chat ones.")
    digits: Literal[1, 3] = Field(default=1, description="Digits in a token at most.")
    longest_chinese: int = Field(
        default=0, ge=0, description="Chinese characters in a token at most; 0: as BPE finds them."
    )
