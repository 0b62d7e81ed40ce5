"""What a run is made from: found by name, checked, and named as the inputs of its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zaohua.model import references
from zaohua.model.references import Place
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.train import checks
from zaohua.train.spec import TrainSpec

UNDECIDING = {"data", "tokenizer", "wandb", "checkpoint_minutes", "keep_checkpoints"}
"""Of a recipe: names, for which the inputs stand, and what changes no weight."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The data set, and the tokenizer of a new model or the model to go on from."""

    dataset: Artefact
    tokenizer: Artefact | None
    start: Place | None
    started: Artefact | None

    @property
    def inputs(self) -> list[str]:
        """As manifests name them."""
        found = [self.dataset.reference]
        if self.tokenizer is not None:
            found.append(self.tokenizer.reference)
        if self.start is not None:
            found.append(self.start.origin)
        return found

    @property
    def folder(self) -> Path | None:
        """Of the model it goes on from, if that is a folder."""
        return self.start.path if self.start is not None and self.start.path.is_dir() else None

    @property
    def inherited(self) -> dict[str, Any]:
        """How the model it goes on from was trained: ``context``, ``batch_tokens``, ``classes``."""
        return dict(self.started.manifest.details) if self.started is not None else {}

    @property
    def licence(self) -> str:
        """Of data and start together."""
        start = self.start.licence if self.start is not None else ""
        return " AND ".join(dict.fromkeys(filter(None, [self.dataset.manifest.licence, start])))


def find(spec: TrainSpec, settings: Settings, *, goes_on: bool) -> Sources:
    """What ``spec`` names.

    Args:
        spec: of the run.
        settings: for the home folder.
        goes_on: whether the verb is for models that are there (fine-tuning).

    Raises:
        UsageError: the recipe cannot work; all that is wrong with it, in one line.
        NotFoundError: a name means nothing.
        UnavailableError: the start would have to be fetched, and cannot be.
    """
    checks.require([*checks.of_spec(spec), *_of_start(spec, goes_on)], "recipe")
    artefacts = Artefacts(settings.home)
    start = references.find(spec.model.start, settings) if spec.model.start else None
    return Sources(
        dataset=artefacts.require("dataset", spec.data),
        tokenizer=artefacts.require("tokenizer", spec.tokenizer) if spec.tokenizer else None,
        start=start,
        started=artefacts.resolve(start.origin) if start is not None else None,
    )


def recipe_of(spec: TrainSpec) -> dict[str, Any]:
    """What decides the outcome beside the inputs, as JSON values."""
    table = spec.model_dump(mode="json", exclude=UNDECIDING)
    table["model"].pop("start")
    return table


def _of_start(spec: TrainSpec, goes_on: bool) -> Iterator[str]:
    if goes_on and not spec.model.start:
        yield "fine-tuning goes on from a model: set model.start"
    if spec.model.start and spec.tokenizer:
        yield "the model it goes on from brings its own tokenizer: leave tokenizer out"
