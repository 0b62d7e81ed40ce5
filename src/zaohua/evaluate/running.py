"""One suite on one model: found if it was run before, else run and kept as a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zaohua.errors import NotFoundError, UsageError
from zaohua.evaluate.lineage import manifest_of
from zaohua.evaluate.report import Result, write
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.manifest import name_from

MEASURES = 1
"""Counts changes of what is measured, so that reports are made again."""


@dataclass(frozen=True, slots=True)
class _Judging:
    """What a report is made from, and its name."""

    name: str
    data: Artefact
    inputs: list[str]
    recipe: dict[str, Any]


def evaluate(
    spec: EvaluateSpec,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008 - it holds nothing
) -> Artefact:
    """Run a suite; the report has ``report.json``, ``report.md``, and its figures as metrics.

    Suites: ``poems`` (a chat model of the shelf, or of a server named in the settings),
    ``bits_per_byte`` and ``classification`` (checkpoints).

    Args:
        spec: which suite, on which model and data.
        settings: where things are.
        progress: told how far it is.

    Raises:
        NotFoundError: there is no such model or data set.
        UsageError: the data set does not fit the suite.
    """
    judging = _judging(spec, settings)
    artefacts = Artefacts(settings.home)
    with artefacts.make(
        "report", judging.name, inputs=judging.inputs, recipe=judging.recipe, progress=progress
    ) as work:
        if isinstance(work, Artefact):
            return work
        result = _run(spec, judging.data, settings, progress)
        head = {"suite": spec.suite, "model": judging.inputs[0], "data": judging.data.reference}
        write(work, result, head)
    return artefacts.require("report", f"{judging.name}@{work.version}")


def made(spec: EvaluateSpec, *, settings: Settings) -> Artefact | None:
    """The report that `evaluate` would give, if it is made already.

    Raises:
        NotFoundError: there is no such model or data set.
    """
    judging = _judging(spec, settings)
    return Artefacts(settings.home).made(
        "report", judging.name, inputs=judging.inputs, recipe=judging.recipe
    )


def _judging(spec: EvaluateSpec, settings: Settings) -> _Judging:
    if not spec.model:
        raise UsageError("there is no model to evaluate", where=spec.suite, mend="name one")
    data = Artefacts(settings.home).require("dataset", spec.data)
    recipe = spec.model_dump(mode="json", exclude={"model", "data"}) | {"measures": MEASURES}
    inputs = [_reference(spec.model, settings), data.reference]
    suite = spec.suite.replace("_", "-")
    return _Judging(f"{name_from(spec.model.partition('@')[0])}-{suite}", data, inputs, recipe)


def _reference(model: str, settings: Settings) -> str:
    """How the model is named as an input."""
    if model in settings.engine_urls:
        return f"server:{model}"
    manifest = manifest_of(model, settings)
    if manifest is None:
        raise NotFoundError(
            f"there is no model '{model}' on the shelf, and no such checkpoint",
            mend="'zaohua models list' shows the shelf, 'zaohua lineage' the checkpoints",
        )
    return f"{manifest.kind}/{manifest.name}@{manifest.version}"


def _run(spec: EvaluateSpec, data: Artefact, settings: Settings, progress: Progress) -> Result:
    if spec.suite == "poems":
        from zaohua.evaluate.poems.suite import poems

        return poems(spec, data, settings=settings, progress=progress)
    if spec.suite == "bits_per_byte":
        from zaohua.evaluate.bits import bits_per_byte

        return bits_per_byte(spec, data, settings=settings, progress=progress)
    from zaohua.evaluate.classification import classification

    return classification(spec, data, settings=settings, progress=progress)
