"""How text is cut into pieces before BPE: splits that llama.cpp knows, so that GGUF files agree.

Both are the split that GPT-4's tokenizer made known, with digits one by one or in threes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_PATTERN: Final = (
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
    r"|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+"
    r"|\p{{N}}{digits}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
    r"|\s*[\r\n]+"
    r"|\s+(?!\S)"
    r"|\s+"
)


@dataclass(frozen=True, slots=True)
class Split:
    """A way of cutting text.

    Attributes:
        ggml: its name in GGUF files (``tokenizer.ggml.pre``).
        pattern: regular expression; every match is a piece, and the matches cover all text.
    """

    ggml: str
    pattern: str


def split_of(digits: Literal[1, 3]) -> Split:
    """The split that puts at most so many digits into one piece."""
    if digits == 1:
        return Split("qwen2", _PATTERN.format(digits=""))
    # "llama-bpe" has the same pattern, but llama.cpp then passes over the merges.
    return Split("dbrx", _PATTERN.format(digits="{1,3}"))
