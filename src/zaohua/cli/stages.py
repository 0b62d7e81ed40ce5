"""What the verbs that make something share: their options, and how what was made is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from zaohua.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from zaohua.progress import Progress
    from zaohua.recipe.outcome import Outcome
    from zaohua.recipe.stages import Verb
    from zaohua.settings import Settings
    from zaohua.spec import Spec

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any key, dotted: optimiser.lr=0.01; again."),
]
MOST_FIGURES = 5

R = TypeVar("R")


def is_recipe(arguments: Sequence[str]) -> bool:
    """Whether a verb's arguments are one recipe file."""
    return len(arguments) == 1 and arguments[0].endswith((".yaml", ".yml"))


def refuse_beside_recipe(**options: object) -> None:
    """Be sure that none of ``options`` was given beside a recipe, where it would be passed over.

    Raises:
        UsageError: one was.
    """
    from zaohua.errors import UsageError

    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise UsageError(
            f"{', '.join(given)} cannot be given beside a recipe",
            mend="change the recipe, or use --set KEY=VALUE",
        )


def with_progress(work: Callable[[Settings, Progress], R]) -> R:
    """Do ``work`` with the settings and a bar on stderr."""
    from zaohua.cli.bars import RichProgress
    from zaohua.settings import load_settings

    settings = load_settings()
    with RichProgress() as progress:
        return work(settings, progress)


def from_recipe(recipe: str, only: Verb, changes: Sequence[str]) -> Sequence[Outcome]:
    """Run one stage of a recipe; ``changes`` are within its section."""
    from zaohua.recipe import run

    below = [f"{only}.{change}" for change in changes]
    return with_progress(
        lambda settings, progress: (
            run(recipe, settings=settings, progress=progress, only=only, changes=below).outcomes
        )
    )


def from_options(
    verb: Verb, name: str, form: type[Spec], given: Mapping[str, Any], changes: Sequence[str]
) -> Sequence[Outcome]:
    """Run one stage described by options: those ``given``, then ``changes``."""
    from zaohua.recipe.alone import run_alone
    from zaohua.recipe.reading import changed
    from zaohua.spec import read_spec

    table = {key: value for key, value in given.items() if value not in (None, "")}
    spec: Any = read_spec(form, changed(table, changes, form), "options")
    return with_progress(
        lambda settings, progress: [
            run_alone(verb, name, spec, settings=settings, progress=progress)
        ]
    )


def show(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """What was made, and what to type next."""
    if as_json:
        print_json([outcome.as_json() for outcome in outcomes])
        return
    print_outcomes(outcomes)
    typer.echo(f"\nnext: {outcomes[-1].next_command}")


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """A table: stage, artefact, time, key figures."""
    rows = [
        (
            outcome.stage.label,
            outcome.reference,
            "made before" if outcome.skipped else duration(outcome.seconds),
            figures(outcome.figures),
        )
        for outcome in outcomes
    ]
    print_table(("STAGE", "MADE", "TIME", "FIGURES"), rows, right=("TIME",), folded=("FIGURES",))


def figures(table: Mapping[str, float]) -> str:
    """The first few figures: ``documents 1,200, bits_per_byte 2.41``."""
    from zaohua.recipe.figures import listed

    return listed(table, MOST_FIGURES)


def duration(seconds: float) -> str:
    """``0.8 s``, ``12 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"
