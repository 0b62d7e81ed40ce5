"""The process that holds one model in ik_llama.cpp: ``python -m zaohua.generate.ik.worker``.

It is told an `IkConfig`; how it lives is said in `worker_life`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zaohua.generate.ik.config import IkConfig
from zaohua.generate.ik.library import Library
from zaohua.generate.ik.steps import Steps
from zaohua.generate.ik.texts import Texts
from zaohua.generate.ik.vocabulary import IkVocabulary
from zaohua.generate.pipeline.asked import Limits
from zaohua.generate.pipeline.model import Model
from zaohua.generate.pipeline.pipeline import PagedPipeline
from zaohua.generate.pipeline.server import Server
from zaohua.generate.worker_life import live


def main() -> None:
    """Load and serve."""
    live(_serve)


def _serve(fields: dict[str, Any]) -> Server:
    config = IkConfig(**fields)
    return Server(_loaded(config), config.key)


def _loaded(config: IkConfig) -> Model:
    library = Library(
        Path(config.library),
        Path(config.path),
        cells=config.context_length,
        texts=config.slots,
        batch=config.batch,
        threads=config.threads,
    )
    steps, texts = Steps(library, config.threads), Texts(library, config.slots, config.kept)
    pipeline = PagedPipeline(steps, steps, texts, slots=config.slots, batch=config.batch)
    limits = Limits(config.context_length, frozenset(config.ends))
    return Model(IkVocabulary(library), pipeline, limits)


if __name__ == "__main__":
    main()
