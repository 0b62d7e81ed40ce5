"""``zaohua data``: data sets prepared for training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_facts, print_json, print_table
from zaohua.cli.stages import (
    Changes,
    Json,
    from_options,
    from_recipe,
    is_recipe,
    refuse_beside_recipe,
    show,
)

if TYPE_CHECKING:
    from zaohua.data.records import Record
    from zaohua.store.artefacts import Artefact

app = typer.Typer(
    help="Prepare, show and list training data.", rich_markup_mode=None, no_args_is_help=True
)
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Files, folders, globs, set:NAME of 'zaohua data list', hub:OWNER/NAME; "
        "or one RECIPE.yaml, whose data is prepared.",
    ),
]
Name = Annotated[str, typer.Option("--name", "-n", help="What to call the data set.")]
Preset = Annotated[
    str, typer.Option(metavar="PRESET", help="web, documents, verse, chat, labelled or none.")
]
Validation = Annotated[
    float | None, typer.Option(metavar="SHARE", help="Share of documents kept for validation.")
]
Rejects = Annotated[bool, typer.Option("--keep-rejects", help="Keep what is dropped, and why.")]
Dataset = Annotated[str, typer.Argument(metavar="NAME", help="A prepared data set.")]
Examples = Annotated[int, typer.Option("--number", "-n", help="Show so many of its records.")]
Open = Annotated[bool, typer.Option("--open", help="Open the report's page in a browser.")]
ShowRejects = Annotated[bool, typer.Option("--rejects", help="Show what each step dropped.")]

LONGEST_SHOWN = 600


@app.command()
def prepare(
    sources: Sources,
    *,
    name: Name = "",
    preset: Preset = "",
    validation: Validation = None,
    keep_rejects: Rejects = False,
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Read, clean, de-duplicate and divide data.

    Stopped, the same command goes on from there.
    """
    from zaohua.data.prepare.spec import DataSpec
    from zaohua.errors import UsageError

    if is_recipe(sources):
        refuse_beside_recipe(
            name=name, preset=preset, validation=validation, keep_rejects=keep_rejects
        )
        show(from_recipe(sources[0], "data", changes or ()), as_json=as_json)
        return
    if not name:
        raise UsageError("the data set has no name", mend="--name poems")
    given = {
        "sources": _sources(sources),
        "preset": preset,
        "validation": validation,
        "keep_rejects": keep_rejects or None,
    }
    show(from_options("data", name, DataSpec, given, changes or ()), as_json=as_json)


def _sources(given: list[str]) -> list[dict[str, Any]]:
    """Paths together as one source, in their order; each set by itself."""
    sets = [one for one in given if one.startswith(("set:", "hub:"))]
    paths = [one for one in given if one not in sets]
    named = [dict([one.split(":", 1)]) for one in sets]
    return ([{"path": paths}] if paths else []) + named


@app.command("list")
def list_data(as_json: Json = False) -> None:
    """List the prepared data sets and the catalogue."""
    from zaohua.data import sets
    from zaohua.settings import load_settings
    from zaohua.store.artefacts import Artefacts

    artefacts = Artefacts(load_settings().home)
    prepared = [artefacts.require("dataset", name) for name in artefacts.names("dataset")]
    rows = [_prepared(artefact) for artefact in prepared]
    rows += [_offered(sets.describe(name)) for name in sets.names()]
    if as_json:
        print_json(rows)
        return
    cells = [(r["name"], r["documents"], r["licence"], r["state"], r["about"]) for r in rows]
    headings = ("NAME", "DOCUMENTS", "LICENCE", "STATE", "ABOUT")
    shown = [[f"{c:,}" if isinstance(c, int) else c for c in row] for row in cells]
    dimmed = [row["state"] != "prepared" for row in rows]
    print_table(headings, shown, right=("DOCUMENTS",), folded=("ABOUT",), dimmed=dimmed)


def _prepared(artefact: Artefact) -> dict[str, Any]:
    manifest = artefact.manifest
    sources = [str(source["label"]) for source in manifest.details.get("sources", ())]
    return {
        "name": manifest.name,
        "version": manifest.version,
        "documents": manifest.metrics.get("documents", ""),
        "licence": manifest.licence,
        "state": "prepared",
        "about": ", ".join(sources),
        "path": str(artefact.path),
    }


def _offered(entry: Any) -> dict[str, Any]:
    return {
        "name": f"set:{entry.name}",
        "documents": "",
        "licence": entry.licence,
        "state": "available",
        "about": entry.title,
    }


@app.command("show")
def show_data(
    name: Dataset,
    *,
    number: Examples = 0,
    rejects: ShowRejects = False,
    open_page: Open = False,
    as_json: Json = False,
) -> None:
    """Show what a data set holds and what each step dropped."""
    from zaohua.settings import load_settings
    from zaohua.store.artefacts import Artefacts

    artefact = Artefacts(load_settings().home).require("dataset", name)
    if open_page:
        typer.launch(str(artefact.path / "report.html"))
    if rejects:
        _show_rejects(artefact, number or 5, as_json)
    elif number:
        _show_records(artefact, number, as_json)
    elif as_json:
        print_json(_report(artefact))
    else:
        _show_report(artefact)


def _report(artefact: Artefact) -> dict[str, Any]:
    import json

    report: dict[str, Any] = json.loads((artefact.path / "report.json").read_bytes())
    return {"reference": artefact.reference, "path": str(artefact.path), **report}


def _show_report(artefact: Artefact) -> None:
    report = _report(artefact)
    totals = {key.replace("_", " "): f"{value:,}" for key, value in report["totals"].items()}
    about = {"reference": report["reference"], "licence": report["licence"], **totals}
    unreadable = report["unreadable"]["count"]
    about |= {"unreadable": f"{unreadable:,}" if unreadable else "", "path": report["path"]}
    print_facts(about)
    typer.echo()
    rows = [_step(step) for step in report["steps"]]
    headings = ("STEP", "SEEN", "KEPT", "DROPPED FOR")
    print_table(headings, rows, right=("SEEN", "KEPT"), folded=("DROPPED FOR",))
    typer.echo(f"\npage: {artefact.path / 'report.html'}")


def _step(step: dict[str, Any]) -> tuple[str, str, str, str]:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in step["reasons"].items())
    return step["name"], f"{step['seen']:,}", f"{step['kept']:,}", reasons


def _show_records(artefact: Artefact, number: int, as_json: bool) -> None:
    from itertools import islice

    from zaohua.data.dataset import records

    found = list(islice(records(artefact.path, "train"), number))
    if as_json:
        print_json([_plain(record) for record in found])
        return
    for record in found:
        typer.echo(f"── {record.source} {record.position}" + _label(record))
        typer.echo(_shortened(_text(record)))


def _plain(record: Record) -> Any:
    import json

    from zaohua.data.dataset import to_line

    return json.loads(to_line(record))


def _label(record: Record) -> str:
    return "" if record.label is None else f" · {record.label}"


def _text(record: Record) -> str:
    if record.text:
        return record.text
    return "\n".join(f"{turn.role}: {turn.content}" for turn in record.messages)


def _shortened(text: str) -> str:
    from zaohua.cli.terminal import harmless

    clean = harmless(text)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:LONGEST_SHOWN]}…"


def _show_rejects(artefact: Artefact, number: int, as_json: bool) -> None:
    """The first rejects of every step: those kept aside, else the report's examples."""
    import json
    from itertools import islice

    from zaohua.data.dataset import shard_lines

    kept = sorted((artefact.path / "rejects").glob("*.jsonl.zst"))
    found = {
        file.name.removesuffix(".jsonl.zst"): [
            json.loads(line) for line in islice(shard_lines(file), number)
        ]
        for file in kept
    }
    if not kept:
        steps = _report(artefact)["steps"]
        found = {s["name"]: s["examples"][:number] for s in steps if s["examples"]}
    if as_json:
        print_json(found)
        return
    for step, dropped in found.items():
        typer.echo(f"── {step}")
        for one in dropped:
            typer.echo(_shortened(f"{one.get('reason', '')}: {one.get('text', one)}"))
    if not found:
        typer.echo("nothing was dropped")
