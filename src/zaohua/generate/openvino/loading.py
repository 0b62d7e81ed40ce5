"""Loads a model into the pipeline that its weights and its precision want."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from zaohua.generate.huge_pages import collapse
from zaohua.generate.openvino.batch import Pipeline
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.openvino.continuous import ContinuousPipeline
from zaohua.generate.openvino.paged.blocks import BLOCK, Blocks
from zaohua.generate.openvino.paged.graph import Compiled
from zaohua.generate.openvino.paged.pipeline import PagedPipeline
from zaohua.generate.openvino.weights import readable


def load(config: OpenVinoConfig) -> tuple[Any, Pipeline]:
    """The tokenizer and what answers.

    Raises:
        RuntimeError: OpenVINO cannot read the file.
    """
    import openvino_genai

    if config.folder:
        return openvino_genai.Tokenizer(config.folder), _paged(config)
    pipeline = _continuous(config, kept=config.context_length + config.cached)
    return pipeline.get_tokenizer(), ContinuousPipeline(pipeline)


def load_with_lookup(config: OpenVinoConfig) -> Pipeline:
    """One that guesses words that came before, and keeps nothing beside the context."""
    pipeline = _continuous(config, kept=config.context_length, prompt_lookup=True)
    return ContinuousPipeline(pipeline)


def _paged(config: OpenVinoConfig) -> PagedPipeline:
    folder, blocks = Path(config.folder), _blocks(config, config.context_length + config.cached)
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


def _continuous(config: OpenVinoConfig, *, kept: int, **more: Any) -> Any:
    import openvino_genai

    scheduling = openvino_genai.SchedulerConfig()
    scheduling.num_kv_blocks = _blocks(config, kept)
    scheduling.max_num_seqs = config.slots
    scheduling.max_num_batched_tokens = max(config.batch, config.slots)
    scheduling.enable_prefix_caching = True
    properties = {
        "INFERENCE_NUM_THREADS": config.threads,
        "INFERENCE_PRECISION_HINT": config.precision,
        **more,
    }
    with tempfile.TemporaryDirectory() as folder:
        # By another name OpenVINO does not take it for a GGUF file, and never comes back.
        source = Path(folder) / "model.gguf"
        source.symlink_to(readable(Path(config.path), Path(config.rewritten)))
        return openvino_genai.ContinuousBatchingPipeline(source, scheduling, "CPU", properties)


def _blocks(config: OpenVinoConfig, kept: int) -> int:
    """Of the cache, for ``kept`` tokens; each answer leaves part of its last one empty."""
    return -(-kept // BLOCK) + config.slots
