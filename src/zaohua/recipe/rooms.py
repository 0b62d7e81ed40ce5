"""The room that does a stage's work: makes its outcome, or tells whether it is made already."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from zaohua.data.prepare.spec import DataSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.errors import NotFoundError
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Progress
from zaohua.recipe.outcome import Made, Outcome
from zaohua.recipe.spec import ExportSpec
from zaohua.recipe.stages import Stage
from zaohua.settings import Settings
from zaohua.spec import Spec
from zaohua.store import catalogue, models
from zaohua.store.artefacts import Artefact
from zaohua.store.shelf import InstalledModel, Shelf
from zaohua.train.spec import TrainSpec


def outcome(stage: Stage, spec: Spec, *, settings: Settings, progress: Progress) -> Outcome:
    """`make`, with the time it took and whether it was made before."""
    begun, clock = datetime.now(UTC), time.monotonic()
    found = make(stage, spec, settings=settings, progress=progress)
    progress.finish()
    when = found.installed if isinstance(found, InstalledModel) else found.manifest.created
    if when < begun:
        progress.note(f"made before, on {when.astimezone():%Y-%m-%d %H:%M}")
    return Outcome(stage, found, when < begun, time.monotonic() - clock)


def make(stage: Stage, spec: Spec, *, settings: Settings, progress: Progress) -> Made:
    """Do the work of a stage, unless it is done. ``spec`` is the stage's, its names bound.

    Raises:
        ZaohuaError: as the room that does it says.
    """
    if isinstance(spec, DataSpec):
        from zaohua.data.prepare import prepare

        return prepare(stage.name, spec, settings=settings, progress=progress)
    if isinstance(spec, TokenizerSpec):
        from zaohua.data.tokens import train_tokenizer

        return train_tokenizer(stage.name, spec, settings=settings, progress=progress)
    if isinstance(spec, TrainSpec):
        return _train(stage, spec, settings, progress)
    if isinstance(spec, EvaluateSpec):
        from zaohua.evaluate import evaluate

        return evaluate(spec, settings=settings, progress=progress)
    if isinstance(spec, ExportSpec):
        return _export(stage.name, spec, settings, progress)
    raise TypeError(f"no room does {type(spec).__name__}")


def _train(stage: Stage, spec: TrainSpec, settings: Settings, progress: Progress) -> Artefact:
    from zaohua.train import finetune, pretrain

    _fetch_start(spec.model.start, settings, progress)
    train = pretrain if stage.verb == "pretrain" else finetune
    return train(stage.name, spec, settings=settings, progress=progress)


def _export(name: str, spec: ExportSpec, settings: Settings, progress: Progress) -> InstalledModel:
    if there := _exported(name, spec, settings):
        return there
    from zaohua.model.export import export

    return export(
        name,
        spec.model,
        quant=spec.quant,
        system=spec.system,
        settings=settings,
        progress=progress,
    )


def _exported(name: str, spec: ExportSpec, settings: Settings) -> InstalledModel | None:
    """The model on the shelf, if it is that very export."""
    shelf = Shelf(settings)
    manifest = shelf.manifest(name)
    if manifest is None or manifest.inputs != (f"checkpoint/{spec.model}",):
        return None
    recipe = manifest.recipe or manifest.details.get("recipe", {})
    if recipe.get("quant") != spec.quant or not shelf.path(manifest).exists():
        return None
    return shelf.model(manifest)


def _fetch_start(start: str, settings: Settings, progress: Progress) -> None:
    """A model of the catalogue is fetched when training is to go on from it."""
    if start not in catalogue.load(settings.home):
        return
    try:
        models.find(settings, start, paths=False)
    except NotFoundError:
        models.pull(settings, start, progress=progress)


def made(stage: Stage, spec: Spec, *, settings: Settings) -> Made | None:
    """What `make` would find made; ``None`` if it would have to work. Makes nothing itself.

    Raises:
        ZaohuaError: the stage cannot work.
    """
    if isinstance(spec, DataSpec):
        from zaohua.data.prepare import made as prepared

        return prepared(stage.name, spec, settings=settings)
    if isinstance(spec, TokenizerSpec):
        from zaohua.data.tokens import tokenizer_made

        return tokenizer_made(stage.name, spec, settings=settings)
    if isinstance(spec, TrainSpec):
        from zaohua.train import finetune_made, pretrain_made

        trained = pretrain_made if stage.verb == "pretrain" else finetune_made
        return trained(stage.name, spec, settings=settings)
    if isinstance(spec, EvaluateSpec):
        from zaohua.evaluate import made as evaluated

        return evaluated(spec, settings=settings)
    if isinstance(spec, ExportSpec):
        return _exported(stage.name, spec, settings)
    raise TypeError(f"no room does {type(spec).__name__}")
