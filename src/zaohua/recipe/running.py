"""Runs a recipe: its stages in order, what is made already is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zaohua.errors import NotFoundError, UsageError
from zaohua.problems import nearest
from zaohua.progress import Progress, Silent
from zaohua.recipe import describing, rooms
from zaohua.recipe.check import check
from zaohua.recipe.finding import locate
from zaohua.recipe.forms import require_fitting
from zaohua.recipe.outcome import Made, Outcome, reference
from zaohua.recipe.reading import changed, read_table
from zaohua.recipe.report import write_report
from zaohua.recipe.spec import Recipe
from zaohua.recipe.stages import VERBS, Stage, bound, needs, stages
from zaohua.settings import Settings
from zaohua.spec import read_spec
from zaohua.store import models
from zaohua.store.artefacts import Artefact, Artefacts


@dataclass(frozen=True, slots=True)
class Run:
    """A recipe that was run; ``report`` is there when all of its stages were."""

    recipe: Recipe
    outcomes: tuple[Outcome, ...]
    report: Artefact | None = None

    @property
    def next_command(self) -> str:
        """What to type next: the last stage that makes something to use says it."""
        using = [o for o in self.outcomes if o.stage.verb != "evaluate"] or list(self.outcomes)
        return using[-1].next_command if using else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a plan; ``made`` is what would be taken instead of running it."""

    stage: Stage
    kind: str
    origins: tuple[str, ...]
    sizes: str
    made: Made | None
    chosen: bool

    @property
    def runs(self) -> bool:
        """Whether it would be run."""
        return self.chosen and self.made is None

    @property
    def state(self) -> str:
        """``runs``, ``made before`` or ``left out``, for people."""
        if not self.chosen:
            return "left out"
        return "runs" if self.made is None else "made before"


def load(path_or_name: str, changes: Sequence[str], settings: Settings) -> Recipe:
    """The recipe in a file, or the one of that name that comes with zaohua, read and checked.

    Args:
        path_or_name: a YAML file, or the name of a recipe that comes with zaohua.
        changes: ``path.to.key=value``, each.
        settings: of the home that later runs use.

    Raises:
        NotFoundError: there is no such file or name.
        UsageError: **all** that is wrong in it, in one line.
        MissingExtraError: what it needs is not installed.
    """
    path = locate(path_or_name)
    table = changed(read_table(path), changes, Recipe)
    recipe = read_spec(Recipe, table, str(path))
    check(recipe, settings, str(path))
    return recipe


def run(
    path_or_name: str,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
    only: str = "",
    since: str = "",
    changes: Sequence[str] = (),
) -> Run:
    """Run the stages of a recipe. Broken off, the same call goes on from where it was.

    Args:
        path_or_name: a YAML file, or the name of a recipe that comes with zaohua.
        settings: the home.
        progress: told of stages and what they do.
        only: run this stage alone, on what the others made before.
        since: run this stage and those after it.
        changes: ``path.to.key=value`` to set in the recipe.

    Raises:
        ZaohuaError: the recipe is wrong (before anything runs), or a stage failed.
    """
    recipe = load(path_or_name, changes, settings)
    chosen = _chosen(recipe, only, since)
    try:
        outcomes = tuple(_outcomes(recipe, chosen, settings, progress))
    except KeyboardInterrupt:
        progress.note(f"stopped; 'zaohua run {path_or_name}' goes on from there")
        raise
    if len(chosen) < len(stages(recipe)):
        return Run(recipe, outcomes)
    return Run(recipe, outcomes, write_report(recipe, outcomes, settings, progress))


def plan(
    path_or_name: str,
    *,
    settings: Settings,
    only: str = "",
    since: str = "",
    changes: Sequence[str] = (),
) -> list[Step]:
    """What `run` would do, and what is made already. Makes nothing.

    Raises:
        ZaohuaError: the recipe is wrong.
    """
    recipe = load(path_or_name, changes, settings)
    chosen = _chosen(recipe, only, since)
    made: dict[str, str] = {}
    return [_step(stage, recipe, made, chosen, settings) for stage in stages(recipe)]


def _step(
    stage: Stage, recipe: Recipe, made: dict[str, str], chosen: set[str], settings: Settings
) -> Step:
    found = None
    if all(label in made for label in needs(stage, recipe)):
        found = rooms.made(stage, bound(stage, made, recipe), settings=settings)
    if found is not None:
        made[stage.label] = reference(found)
    return Step(
        stage,
        describing.kind(stage),
        tuple(describing.origins(stage, recipe)),
        describing.sizes(stage, recipe, settings),
        found,
        stage.label in chosen,
    )


def _outcomes(
    recipe: Recipe, chosen: set[str], settings: Settings, progress: Progress
) -> Iterator[Outcome]:
    made: dict[str, str] = {}
    needed = {label for s in stages(recipe) if s.label in chosen for label in needs(s, recipe)}
    number = 0
    for stage in stages(recipe):
        if stage.label in chosen:
            number += 1
            _head(stage, recipe, f"[{number}/{len(chosen)}]", progress)
            spec = bound(stage, made, recipe)
            outcome = rooms.outcome(stage, spec, settings=settings, progress=progress)
            made[stage.label] = reference(outcome.made)
            if stage.verb == "data" and isinstance(outcome.made, Artefact):
                require_fitting(stage.label, outcome.made, recipe)
            yield outcome
        elif stage.label in needed:
            made[stage.label] = reference(_made_before(stage, settings))


def _head(stage: Stage, recipe: Recipe, count: str, progress: Progress) -> None:
    sources = ", ".join(describing.origins(stage, recipe))
    what = f"{count} {describing.title(stage)} ({describing.kind(stage)})"
    progress.note(f"{what} from {sources}" if sources else what)


def _made_before(stage: Stage, settings: Settings) -> Made:
    """What a stage that does not run now has made before: its version in use."""
    try:
        if stage.verb == "export":
            return models.find(settings, stage.name, paths=False)
        kind = {"data": "dataset", "tokenizer": "tokenizer"}.get(stage.verb, "checkpoint")
        return Artefacts(settings.home).require(kind, stage.name)  # type: ignore[arg-type]
    except NotFoundError:
        raise NotFoundError(
            f"stage '{stage.label}' has not been run yet", mend="run it first, or the whole recipe"
        ) from None


def _chosen(recipe: Recipe, only: str, since: str) -> set[str]:
    """The labels of the stages to run."""
    labels = [stage.label for stage in stages(recipe)]
    if only and since:
        raise UsageError("'only' and 'from' cannot be given together", mend="give one of them")
    if only:
        return set(_matching(only, labels, recipe))
    if since:
        return set(labels[labels.index(_matching(since, labels, recipe)[0]) :])
    return set(labels)


def _matching(wanted: str, labels: Sequence[str], recipe: Recipe) -> list[str]:
    found = [label for label in labels if wanted in (label, label.partition(".")[0])]
    if found:
        return found
    if wanted in VERBS:
        raise UsageError(f"the recipe '{recipe.name}' has no stage '{wanted}'")
    raise UsageError(f"there is no stage '{wanted}'", mend=nearest(wanted, labels))
