"""Loads a graph in the precisions that are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zaohua.generate.huge_pages import collapse
from zaohua.generate.openvino.batch import Pipeline
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.openvino.paged.blocks import BLOCK, Blocks
from zaohua.generate.openvino.paged.graph import Compiled
from zaohua.generate.openvino.paged.pipeline import PagedPipeline


def load(config: OpenVinoConfig) -> tuple[Any, Pipeline]:
    """The tokenizer and what answers.

    Raises:
        RuntimeError: OpenVINO cannot read the folder.
    """
    import openvino_genai

    return openvino_genai.Tokenizer(config.folder), _pipeline(config)


def _pipeline(config: OpenVinoConfig) -> PagedPipeline:
    folder, blocks = Path(config.folder), _blocks(config)
    writing = Compiled(folder, "f32", config.threads)
    mixed = config.precision == "mixed"
    reading = Compiled(folder, "bf16", config.threads) if mixed else writing
    collapse()
    cache = writing.new_cache(blocks)
    for graph in (reading, writing):
        graph.use(cache)
        graph.warm()
    return PagedPipeline(
        reading, writing, Blocks(blocks), slots=config.slots, batch=max(config.batch, config.slots)
    )


def _blocks(config: OpenVinoConfig) -> int:
    """Of the cache; each answer leaves part of its last one empty."""
    return -(-(config.context_length + config.cached) // BLOCK) + config.slots
