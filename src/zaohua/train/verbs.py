"""Pretraining and fine-tuning: data and tokenizer, or a model to go on from, in; a checkpoint out.

They are one path. What differs is what the recipe says: where the model comes from, which
objective, how long.
"""

from __future__ import annotations

from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.train import sources
from zaohua.train.run import Run
from zaohua.train.sources import Sources
from zaohua.train.spec import TrainSpec


def pretrain(
    name: str,
    spec: TrainSpec,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
) -> Artefact:
    """Train a new model, or go on with one, on a prepared data set.

    A run that was stopped or killed goes on when it is asked for again; one that is finished is
    given back at once.

    Args:
        name: of the checkpoint.
        spec: everything that decides it.
        settings: for the home folder and threads.
        progress: told of the plan and the steps.

    Raises:
        UsageError: it cannot work; all that can be known beforehand, in one line.
        NotFoundError: a name in the recipe means nothing.
        StoppedError: stopped by Ctrl-C, and saved.
        DivergedError: the loss was not finite.
        UnavailableError: not even one row fits into memory, or the disk is full.
    """
    found = sources.find(spec, settings, goes_on=False)
    return _run(name, spec, found, settings, progress)


def finetune(
    name: str,
    spec: TrainSpec,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
) -> Artefact:
    """As `pretrain`, from a model that is there: ``spec.model.start``."""
    found = sources.find(spec, settings, goes_on=True)
    return _run(name, spec, found, settings, progress)


def pretrain_made(name: str, spec: TrainSpec, *, settings: Settings) -> Artefact | None:
    """What `pretrain` would give back at once; ``None``: it would have to train."""
    return _made(name, spec, sources.find(spec, settings, goes_on=False), settings)


def finetune_made(name: str, spec: TrainSpec, *, settings: Settings) -> Artefact | None:
    """What `finetune` would give back at once; ``None``: it would have to train."""
    return _made(name, spec, sources.find(spec, settings, goes_on=True), settings)


def _made(name: str, spec: TrainSpec, found: Sources, settings: Settings) -> Artefact | None:
    recipe = sources.recipe_of(spec)
    artefacts = Artefacts(settings.home)
    return artefacts.made("checkpoint", name, inputs=found.inputs, recipe=recipe)


def _run(
    name: str, spec: TrainSpec, found: Sources, settings: Settings, progress: Progress
) -> Artefact:
    artefacts, recipe = Artefacts(settings.home), sources.recipe_of(spec)
    with artefacts.make(
        "checkpoint", name, inputs=found.inputs, recipe=recipe, progress=progress
    ) as work:
        if isinstance(work, Artefact):
            return work
        Run(spec, found, work, settings, progress).fill()
    return artefacts.require("checkpoint", f"{name}@{work.version}")
