"""``zaohua scenario``: packs listed, shown, made, checked and tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zaohua.cli.printing import print_facts, print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.assistant.scenarios import Pack, Packs
    from zaohua.assistant.scenarios.scoring import Tried
    from zaohua.assistant.scenarios.trial import Choice
    from zaohua.progress import Progress

app = typer.Typer(
    help="Scenarios: an assistant for one job, as a folder. List, make, check and test them.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario.")]
NameOrAll = Annotated[str, typer.Argument(metavar="NAME|all", help="Name of the scenario.")]
Tongue = Literal["zh", "en"]


@app.command("list")
def list_scenarios(as_json: Json = False) -> None:
    """List the scenarios; yours stand in for shipped ones of the same name."""
    from zaohua.assistant.scenarios.facts import facts

    found = _sound(_packs())
    if as_json:
        print_json([facts(one) for one in found])
        return
    rows = [
        (one.name, "own" if one.yours else "", one.spec.grounding,
         f"{one.spec.title.zh} · {one.spec.title.en}: {one.spec.about.en}")
        for one in found
    ]  # fmt: skip
    print_table(("NAME", "", "GROUNDING", "ABOUT"), rows, folded=("ABOUT",))


@app.command()
def show(
    name: Name,
    *,
    language: Annotated[
        Tongue, typer.Option("--language", "-l", metavar="CODE", help="Of the card: zh, en.")
    ] = "en",
    as_json: Json = False,
) -> None:
    """Show a scenario: what is in it, and its card."""
    from zaohua.assistant.scenarios.facts import details

    pack = _packs().get(name)
    told = details(pack)
    if as_json:
        print_json({**told, "folder": pack.folder})
        return
    print_facts({
        "scenario": f"{pack.name}: {told['title'][language]}. {told['about'][language]}",
        "folder": str(pack.folder),
        "grounding": pack.spec.grounding,
        "documents": str(told["documents"]),
        "rules": ", ".join(path.name for path in pack.rules),
        "flows": pack.flows.name if pack.flows.exists() else "",
        "tools": ", ".join(pack.spec.tools),
        "prompts": ", ".join(told["templates"]),
        "cases": str(told["cases"]),
    })  # fmt: skip
    if card := told["card"][language]:
        typer.echo(f"\n{card.strip()}")


@app.command()
def new(
    name: Name,
    *,
    start: Annotated[
        str, typer.Option("--from", metavar="SCENARIO", help="Begin with a copy of this one.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Make a scenario of your own, to be edited."""
    from zaohua.assistant.scenarios import writing

    packs = _packs()
    folder = writing.new(packs.own, name, packs.get(start) if start else None)
    if as_json:
        print_json({"name": name, "folder": folder})
    else:
        typer.echo(f"{folder}: edit it, then 'zaohua scenario check {name}'")


@app.command()
def check(name: NameOrAll, as_json: Json = False) -> None:
    """Check all that is in a scenario, without a model. Leaves with 1 if something is wrong."""
    from zaohua.assistant.scenarios.checking import check as faults_of
    from zaohua.assistant.scenarios.pack import EVERY

    packs = _packs()
    found = {
        one.name: faults_of(one.folder, yours=one.folder.parent == packs.own)
        for one in packs.all()
        if name in (EVERY, one.name)
    }
    if not found and name != EVERY:
        packs.get(name)
    if as_json:
        print_json([{"name": one, "faults": faults} for one, faults in found.items()])
    else:
        for one, faults in found.items():
            for fault in faults or ["all is well"]:
                typer.echo(f"{one}: {fault}")
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def test(
    name: NameOrAll,
    *,
    model: Annotated[str, typer.Option("--model", "-m", help="Model to ask.")] = "",
    language: Annotated[
        Tongue | None, typer.Option("--language", "-l", metavar="CODE", help="Only zh or en.")
    ] = None,
    without: Annotated[
        bool, typer.Option("--without/--with-only", help="Ask the model without the scenario, too.")
    ] = True,
    only: Annotated[
        str, typer.Option("--only", metavar="KIND", help="Only cases of this kind.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="So many cases of each language; 0: all.")
    ] = 0,
    tuning: Annotated[
        bool, typer.Option("--tuning", help="Leave out cases that are held out.")
    ] = False,
    show_wrong: Annotated[
        bool, typer.Option("--show", help="Show answers that are not right, and what was wanted.")
    ] = False,
    least: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="Leave with 1 below this.")
    ] = 0.0,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the report here: JSON and Markdown.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask a model the cases of a scenario: how much is right, with and without it?

    Stopped, the same command goes on.
    """
    from zaohua.assistant.scenarios.pack import EVERY
    from zaohua.assistant.scenarios.report import plain
    from zaohua.assistant.scenarios.scoring import ALL, scores
    from zaohua.assistant.scenarios.trial import Choice

    packs = _packs()
    found = _sound(packs) if name == EVERY else [packs.get(name)]
    languages: Sequence[Tongue] = (language,) if language else ("zh", "en")
    tried = _tried(packs, found, model, Choice(languages, only, limit, without, not tuning))
    if report is not None:
        _write(tried, report)
    if as_json:
        print_json([plain(one) for one in tried])
    else:
        _show_tried(tried, wrong=show_wrong)
    shares = [scores(one.judged)[ALL].value or 0.0 for one in tried]
    if least and min(shares, default=0.0) < least:
        raise typer.Exit(1)


def _tried(packs: Packs, found: Sequence[Pack], model: str, choice: Choice) -> list[Tried]:
    import asyncio

    from zaohua.assistant.scenarios.trial import try_packs
    from zaohua.cli import connecting
    from zaohua.cli.bars import RichProgress
    from zaohua.generate.e5 import passage_embedder
    from zaohua.settings import load_settings

    settings = load_settings()
    chosen = connecting.choose(settings)
    name = connecting.prepare(chosen, model)
    work = settings.home / "work" / "scenarios"

    async def asked(progress: Progress) -> list[Tried]:
        async with connecting.connect(chosen) as models:
            embedder = passage_embedder(settings.threads)
            return await try_packs(
                found, packs, models, embedder, work, model=name, choice=choice, progress=progress
            )

    with RichProgress() as progress:
        return asyncio.run(asked(progress))


def _show_tried(tried: Sequence[Tried], *, wrong: bool) -> None:
    from zaohua.assistant.scenarios.report import COLUMNS, kind_rows, rows

    figures = [column.upper() for column in COLUMNS]
    print_table(
        ("SCENARIO", "ASKED", "CASES", *figures), list(rows(tried)), right=("CASES", *figures)
    )
    typer.echo("")
    headings = ("SCENARIO", "KIND", "CASES", "WITH", "WITHOUT")
    print_table(headings, list(kind_rows(tried)), right=headings[2:])
    if wrong:
        for one in tried:
            _show_wrong(one)


def _show_wrong(tried: Tried) -> None:
    from zaohua.assistant.scenarios.report import wrong
    from zaohua.cli.terminal import harmless

    for case, said in wrong(tried):
        typer.echo(f"\n{tried.pack} {case.case.spec.id}: {' / '.join(case.case.asked)}")
        typer.echo(harmless(f"  said: {said.strip()}"))
        typer.echo(f"  cited: {', '.join(case.said[-1].cited) or 'nothing'}")
        for one in case.wrong:
            typer.echo(harmless(f"  wanted: {one}"))


def _write(tried: Sequence[Tried], folder: Path) -> None:
    import json

    from zaohua.assistant.scenarios.report import markdown, plain
    from zaohua.store.files import write_atomic

    written = json.dumps([plain(one) for one in tried], ensure_ascii=False, indent=1)
    write_atomic(folder / "scenarios.json", written.encode("utf-8", "replace"))
    write_atomic(folder / "scenarios.md", markdown(tried).encode("utf-8", "replace"))


def _packs() -> Packs:
    from zaohua.assistant.scenarios import packs
    from zaohua.settings import load_settings

    return packs(load_settings())


def _sound(packs: Packs) -> list[Pack]:
    """All that can be read; of each other one a line says why not."""
    from zaohua.assistant.scenarios import Pack
    from zaohua.cli.failures import say

    found = packs.all()
    for one in found:
        if not isinstance(one, Pack):
            say(f"scenario '{one.name}' is left out: {one.problem}")
    return [one for one in found if isinstance(one, Pack)]
