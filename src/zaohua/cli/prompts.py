"""``zaohua prompt``: templates listed, shown, made, tested and improved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from zaohua.cli.printing import print_facts, print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.generate.long import Ask
    from zaohua.generate.prompts import PromptLibrary, Template
    from zaohua.generate.prompts.optimising import Optimised
    from zaohua.generate.prompts.spec import InputSpec
    from zaohua.generate.prompts.testing import Steadiness
    from zaohua.generate.prompts.trying import Give
    from zaohua.progress import Progress

app = typer.Typer(
    help="Prompt templates: list, show, make, test and improve them.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the prompt.")]
Language = Annotated[
    str, typer.Option("--language", "-l", metavar="CODE", help="Its language: zh, en.")
]
Model = Annotated[str, typer.Option("--model", "-m", help="Model to use.")]
SERVER_PARALLEL = 4
ALL = "all"

R = TypeVar("R")


@app.command("list")
def list_prompts(
    search: Annotated[list[str] | None, typer.Argument(metavar="WORD...", help="Words.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """List the prompts, or those that have all the words."""
    from dataclasses import asdict

    found = _library().listings(" ".join(search or ()))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (one.name, one.language or "all", str(one.version), "own" if one.own else "",
         one.problem or f"{one.title}: {one.about}")
        for one in found
    ]  # fmt: skip
    headings = ("NAME", "LANGUAGE", "VERSION", "", "ABOUT")
    print_table(headings, rows, right=("VERSION",), folded=("ABOUT",))


@app.command()
def show(name: Name, *, language: Language = "", as_json: Json = False) -> None:
    """Show a prompt: what it is given, and its file."""
    from zaohua.generate.prompts.facts import facts

    library = _library()
    template = library.get(name, language)
    if as_json:
        print_json(facts(template))
        return
    spec = template.spec
    print_facts({
        "prompt": f"{template.name}, version {spec.version}: {spec.about}",
        "languages": ", ".join(one or "all" for one in library.languages(name)),
        "file": str(template.path),
        **{f"--set {key}": _input(one) for key, one in spec.inputs.items()},
    })  # fmt: skip
    typer.echo(f"\n{template.source.strip()}")


def _input(wanted: InputSpec) -> str:
    said = [wanted.about, wanted.type if wanted.type != "text" else ""]
    said.append(f"one of {', '.join(wanted.choices)}" if wanted.choices else "")
    default = wanted.default
    said.append(f"else {default}" if default is not None else "")
    said.append("" if wanted.must_be_given else "may be left out")
    return "; ".join(filter(None, said))


@app.command()
def new(
    name: Name,
    *,
    start: Annotated[
        str, typer.Option("--from", metavar="PROMPT", help="Begin with a copy of this one.")
    ] = "",
    language: Language = "",
    as_json: Json = False,
) -> None:
    """Make a prompt of your own, to be edited."""
    from zaohua.generate.prompts import writing

    library = _library()
    template = library.get(start, language) if start else None
    path = writing.new(library.own, name, language, template)
    if as_json:
        print_json({"name": name, "path": path})
    else:
        typer.echo(f"{path}: edit it, then 'zaohua prompt test {name}'")


@app.command()
def test(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the prompt, or 'all'.")],
    *,
    language: Language = "",
    model: Model = "",
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Runs of each wording.")] = 3,
    least: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="Leave with 1 below this.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Run a prompt's examples in several wordings: is it right, and is it steady?

    Where a prompt is greedy every seed gives the same, so each wording is run once. Stopped with
    Ctrl-C, it shows what is done.
    """
    from dataclasses import asdict

    library = _library()
    chosen = _all_in(library, language) if name == ALL else [library.get(name, language)]
    found: list[Steadiness] = []
    try:
        _asking(model, partial(_steadiness, chosen, seeds, found))
    finally:
        if as_json and found:
            plain = [asdict(one) for one in found]
            print_json(plain if name == ALL else plain[0])
        elif name == ALL and found:
            _show_tests(found)
        elif found:
            _show_test(found[0])
    if any(one.held < least for one in found):
        raise typer.Exit(1)


def _all_in(library: PromptLibrary, language: str) -> list[Template]:
    """Those that have examples."""
    listed = [one for one in library.listings() if not one.problem]
    found = [library.get(one.name, one.language) for one in listed]
    return [one for one in found if one.spec.examples and language in ("", one.language)]


async def _steadiness(
    templates: list[Template],
    seeds: int,
    found: list[Steadiness],
    *,
    ask: Ask,
    give: Give,
    model: str,
    parallel: int,
    progress: Progress,
) -> None:
    """Add to ``found`` what the test of each template finds, when it is done."""
    from zaohua.generate.prompts.testing import steadiness

    tested = steadiness(
        templates, give, model=model, seeds=seeds, parallel=parallel, progress=progress
    )
    async for one in tested:
        found.append(one)


def _show_tests(found: list[Steadiness]) -> None:
    rows = [
        (one.prompt, one.language or "all", str(one.runs), f"{one.held:.0%}",
         f"{one.agreement:.2f}", "; ".join(dict.fromkeys(f for r in one.rows for f in r.failed)))
        for one in found
    ]  # fmt: skip
    headings = ("NAME", "LANGUAGE", "RUNS", "HELD", "ALIKE", "DID NOT HOLD")
    print_table(headings, rows, right=("RUNS", "HELD", "ALIKE"), folded=("DID NOT HOLD",))


def _show_test(found: Steadiness) -> None:
    rows = [
        (str(row.example), row.variant, f"{row.held:.0%}", f"{row.agreement:.2f}",
         "; ".join(row.failed))
        for row in found.rows
    ]  # fmt: skip
    headings = ("EXAMPLE", "WORDING", "HELD", "ALIKE", "DID NOT HOLD")
    print_table(headings, rows, right=("HELD", "ALIKE"), folded=("DID NOT HOLD",))
    typer.echo(
        f"{found.runs} runs: all that was expected held in {found.held:.0%}; "
        f"outputs for one example are alike by {found.agreement:.2f}"
    )


@app.command()
def optimise(
    name: Name,
    *,
    cases: Annotated[Path, typer.Option(metavar="FILE", help="JSONL of inputs and outputs.")],
    language: Language = "",
    model: Model = "",
    runs: Annotated[int, typer.Option(min=1, help="Answers of the model at most.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed divides the cases otherwise.")] = 1,
    as_json: Json = False,
) -> None:
    """Search a better instruction and better examples; keep them if they are."""
    from zaohua.generate.prompts import optimising
    from zaohua.generate.prompts.cases import read_cases
    from zaohua.generate.prompts.writing import keep_version

    library = _library()
    template = library.get(name, language)
    read = read_cases(cases, template)
    work = partial(optimising.optimise, template, read, runs=runs, seed=seed)
    found = _asking(model, work)
    path = keep_version(found.better, library.own) if found.better else None
    _show_optimised(found, path, as_json=as_json)


def _show_optimised(found: Optimised, path: Path | None, *, as_json: bool) -> None:
    from dataclasses import asdict, replace

    if as_json:
        print_json({**asdict(replace(found, better=None)), "path": path})
        return
    rows = [(one.change, f"{one.score:.2f}", str(one.cases)) for one in found.trials]
    print_table(("TRIED", "SCORE", "CASES"), rows, right=("SCORE", "CASES"))
    scores = f"{found.before:.2f} before, {found.after:.2f} after ({found.change})"
    typer.echo(f"on {found.held_out} cases held out: {scores}, {found.runs} runs")
    typer.echo(f"written to {path}" if path else "nothing better was found: all stays as it is")


def _asking(model: str, work: Callable[..., Awaitable[R]]) -> R:
    """What ``work`` finds with the answers of a model."""
    import asyncio

    from zaohua.cli import connecting
    from zaohua.cli.bars import RichProgress
    from zaohua.generate.many import answered
    from zaohua.generate.prompts.trying import giving
    from zaohua.knowledge.grounding import OneText
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings())
    name = connecting.prepare(choice, model)

    async def asked(progress: Progress) -> R:
        async with connecting.connect(choice) as models, models.use(name) as engine:
            ask: Ask = partial(answered, engine)
            parallel = engine.info.slots or SERVER_PARALLEL
            give = giving(ask, grounding=OneText(), engine=engine)
            return await work(
                ask=ask, give=give, model=engine.info.model, parallel=parallel, progress=progress
            )

    with RichProgress() as progress:
        return asyncio.run(asked(progress))


def _library() -> PromptLibrary:
    from zaohua.assistant.scenarios import packs
    from zaohua.generate.prompts import library
    from zaohua.settings import load_settings

    settings = load_settings()
    return library(settings, packs(settings).template_folders)
