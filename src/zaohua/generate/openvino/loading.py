"""Loads a graph in the precisions that are wanted, behind our pipeline."""

from __future__ import annotations

from pathlib import Path

from zaohua.generate.huge_pages import collapse
from zaohua.generate.openvino.blocks import BLOCK, Blocks, Held
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.openvino.graph import Compiled
from zaohua.generate.openvino.vocabulary import OpenVinoVocabulary
from zaohua.generate.pipeline.asked import Limits
from zaohua.generate.pipeline.model import Model
from zaohua.generate.pipeline.pipeline import PagedPipeline


def load(config: OpenVinoConfig) -> Model:
    """The model, ready to answer.

    Raises:
        RuntimeError: OpenVINO cannot read the folder.
    """
    vocabulary = OpenVinoVocabulary(Path(config.folder))
    limits = Limits(config.context_length, frozenset(config.ends))
    return Model(vocabulary, _pipeline(config), limits)


def _pipeline(config: OpenVinoConfig) -> PagedPipeline[Held]:
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
