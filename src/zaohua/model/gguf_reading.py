"""A GGUF file as a plain transformers model: dequantised weights, configuration, tokenizer."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from zaohua.progress import Progress


def read_gguf(path: Path, progress: Progress) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """WIP."""
    raise NotImplementedError
