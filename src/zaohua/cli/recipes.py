"""``zaohua run``: a recipe from its sources to a served model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Changes, Json, print_outcomes, with_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zaohua.recipe.running import Step

Recipe = Annotated[
    str | None, typer.Argument(metavar="RECIPE", help="A YAML file, or a name of --list.")
]
List = Annotated[bool, typer.Option("--list", help="List the recipes that come with zaohua.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done; make nothing.")]
Only = Annotated[str, typer.Option(metavar="STAGE", help="This stage alone: data, pretrain …")]
From = Annotated[str, typer.Option("--from", metavar="STAGE", help="This stage and later ones.")]


def run(
    recipe: Recipe = None,
    *,
    show_list: List = False,
    dry_run: DryRun = False,
    only: Only = "",
    since: From = "",
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Run a recipe, from its sources to a served model.

    The stages are data, tokenizer, pretrain, finetune, export, evaluate. Those that are made
    already are skipped; stopped, the same command goes on from there.
    """
    if show_list:
        _list(as_json)
    elif not recipe:
        from zaohua.errors import UsageError

        raise UsageError("there is no recipe to run", mend="'zaohua run --list' lists some")
    elif dry_run:
        from zaohua.recipe import plan
        from zaohua.settings import load_settings

        settings = load_settings()
        steps = plan(recipe, settings=settings, only=only, since=since, changes=changes or ())
        _show_plan(steps, as_json)
    else:
        _run(recipe, only, since, changes or (), as_json)


def _run(recipe: str, only: str, since: str, changes: Sequence[str], as_json: bool) -> None:
    from zaohua.recipe import run as run_recipe

    done = with_progress(
        lambda settings, progress: run_recipe(
            recipe, settings=settings, progress=progress, only=only, since=since, changes=changes
        )
    )
    if as_json:
        stages = [outcome.as_json() for outcome in done.outcomes]
        report = str(done.report.path) if done.report else None
        print_json({"recipe": done.recipe.name, "stages": stages, "report": report})
        return
    print_outcomes(done.outcomes)
    if done.report:
        typer.echo(f"\nreport: {done.report.path / 'report.md'}")
    typer.echo(f"next: {done.next_command}")


def _list(as_json: bool) -> None:
    from zaohua.recipe.finding import shipped

    offers = shipped()
    if as_json:
        print_json([{"name": o.name, "about": o.about, "path": str(o.path)} for o in offers])
    else:
        print_table(("RECIPE", "ABOUT"), [(o.name, o.about) for o in offers], folded=("ABOUT",))


def _show_plan(steps: Sequence[Step], as_json: bool) -> None:
    if as_json:
        print_json([_plain(step) for step in steps])
        return
    rows = [(s.stage.label, s.stage.name, s.kind, ", ".join(s.origins), s.state) for s in steps]
    headings = ("STAGE", "MAKES", "WHAT", "FROM", "STATE")
    print_table(headings, rows, folded=("WHAT", "FROM"), dimmed=[not s.runs for s in steps])
    for step in steps:
        if step.sizes:
            typer.echo(f"{step.stage.label}: {step.sizes}")


def _plain(step: Step) -> dict[str, object]:
    return {
        "stage": step.stage.label,
        "makes": step.stage.name,
        "what": step.kind,
        "from": list(step.origins),
        "sizes": step.sizes,
        "state": step.state,
    }
