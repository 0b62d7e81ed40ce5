"""``zaohua models``: the models of this machine and those that can be had."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_facts, print_json, print_table

if TYPE_CHECKING:
    from zaohua.settings import Settings
    from zaohua.store.catalogue import CatalogueEntry
    from zaohua.store.models import InstalledModel

app = typer.Typer(
    help="List, fetch, import, export, remove models.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A name of 'zaohua models list', hf:owner/repo[/file.gguf], owner/repo:Q4_K_M, "
        "modelscope:owner/repo/file, a https URL or a path.",
    ),
]
Installed = Annotated[str, typer.Argument(metavar="NAME", help="A model, a version, or a path.")]


@app.command("list")
def list_models(
    only_installed: Annotated[
        bool, typer.Option("--installed", help="Leave out what is not on this machine.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the models that are installed and those that can be pulled."""
    from zaohua.settings import load_settings
    from zaohua.store.models import available, installed

    settings = load_settings()
    there = {model.name: model for model in installed(settings)}
    rows = [_row(model, settings) for model in there.values()]
    if not only_installed:
        rows += [_offer(entry) for entry in available(settings) if entry.name not in there]
    if as_json:
        print_json(rows)
    elif rows:
        _print_table(rows)
    else:
        fetch = f"'zaohua models pull {settings.model}' fetches the default"
        typer.echo(f"no model is installed: {fetch}")


@app.command()
def pull(name: Name, as_json: Json = False) -> None:
    """Fetch a model; goes on where an earlier pull stopped."""
    from zaohua.cli.bars import RichProgress, quantity
    from zaohua.settings import load_settings
    from zaohua.store.models import pull as fetch

    settings = load_settings()
    with RichProgress() as progress:
        model = fetch(settings, name, progress=progress)
    if as_json:
        print_json(_facts(model, settings))
    else:
        typer.echo(f"{model.name} is installed: {quantity(model.size)}, {model.licence}")


@app.command()
def show(
    name: Installed,
    verify: Annotated[bool, typer.Option("--verify", help="Hash the file again.")] = False,
    as_json: Json = False,
) -> None:
    """Show all that is known of a model."""
    from zaohua.errors import NotFoundError
    from zaohua.settings import load_settings
    from zaohua.store.models import available, find

    settings = load_settings()
    try:
        model = find(settings, name, verify=verify)
        facts = _facts(model, settings) | ({"verified": True} if verify else {})
    except NotFoundError:
        entry = next((entry for entry in available(settings) if entry.name == name), None)
        if entry is None or verify:
            raise
        facts = _offer(entry) | {"note": entry.note, "mirrors": [m.label for m in entry.mirrors]}
    if as_json:
        print_json(facts)
    else:
        _print_facts(facts)


@app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A GGUF file.")],
    name: Annotated[
        str | None, typer.Option("--name", "-n", help="What to call it; else after the file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a GGUF file into the store."""
    from zaohua.cli.bars import RichProgress, quantity
    from zaohua.settings import load_settings
    from zaohua.store.models import import_file

    settings = load_settings()
    with RichProgress() as progress:
        model = import_file(settings, file, name=name, progress=progress)
    if as_json:
        print_json(_facts(model, settings))
    else:
        typer.echo(f"{model.name} is installed: {quantity(model.size)}, {model.licence}")


@app.command("export")
def export_model(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A checkpoint, an adapter or a folder of one.")
    ],
    *,
    gguf: Annotated[
        bool, typer.Option("--gguf", help="As GGUF (there is no other format).")
    ] = True,
    quant: Annotated[str, typer.Option(help="f32, f16, bf16, q8_0, q4_0, q4_1 or q5_0.")] = "q8_0",
    called: Annotated[
        str, typer.Option("--name", "-n", help="What to call it on the shelf; else NAME.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Put the file and a Modelfile for Ollama there too."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a trained model on the shelf, to serve it."""
    from zaohua.cli.bars import RichProgress, quantity
    from zaohua.model.export import export
    from zaohua.settings import load_settings
    from zaohua.store.manifest import name_from

    settings = load_settings()
    shelf_name = called or name_from(name.partition("@")[0])
    with RichProgress() as progress:
        how: dict[str, Any] = {"quant": quant, "out": out, "progress": progress}
        model = export(shelf_name, name, settings=settings, **how)
    if as_json:
        print_json(_facts(model, settings))
        return
    typer.echo(f"{model.name} is on the shelf: {quantity(model.size)}, {model.licence}")
    if out:
        typer.echo(f"the file and its Modelfile are in {out}")
    typer.echo(f"next: zaohua serve -m {model.name}")


@app.command("rm")
def remove_models(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models to remove.")],
    as_json: Json = False,
) -> None:
    """Remove models and free their disk space."""
    from zaohua.cli import running
    from zaohua.cli.bars import quantity
    from zaohua.errors import UsageError
    from zaohua.settings import load_settings
    from zaohua.store.models import remove

    settings = load_settings()
    server = running.find(settings)
    if server and server.model in names:
        raise UsageError(f"'{server.model}' is being served at {server.url}", mend="stop it first")
    freed = {}
    for name in dict.fromkeys(names):
        freed[name] = remove(settings, name)
        if not as_json:
            typer.echo(f"{name} is removed: {quantity(freed[name])} freed")
    if as_json:
        print_json([{"name": name, "freed": size} for name, size in freed.items()])


def _row(model: InstalledModel, settings: Settings) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "size": model.size,
        "licence": model.licence,
        "languages": list(model.languages),
        "context_length": model.context_length,
        "state": "installed",
        "default": model.name == settings.model,
        "source": model.source,
    }


def _offer(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "size": entry.size,
        "approx": entry.approx,
        "licence": entry.licence,
        "languages": list(entry.languages),
        "context_length": entry.context_length,
        "state": "available",
        "source": ", ".join(dict.fromkeys(mirror.kind for mirror in entry.mirrors)),
        "sha256": entry.sha256,
        "catalogue": entry.origin,
    }


def _facts(model: InstalledModel, settings: Settings) -> dict[str, Any]:
    prices = {
        "prompt": model.price_prompt,
        "completion": model.price_completion,
        "currency": model.currency,
    }
    return _row(model, settings) | {
        "version": model.version,
        "path": str(model.path),
        "sha256": model.sha256,
        "hash_from": model.hash_from,
        "installed": model.installed.isoformat(),
        "prices": prices if model.currency else None,
        "metadata": dict(model.metadata),
    }


def _print_table(rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    headings = ("NAME", "SIZE", "LICENCE", "LANGUAGES", "CONTEXT", "STATE", "SOURCE")
    cells = [
        (
            row["name"],
            _size(row),
            row["licence"],
            ", ".join(row["languages"]),
            f"{row['context_length']:,}" if row["context_length"] else "",
            "default" if row.get("default") else row["state"],
            row["source"],
        )
        for row in rows
    ]
    print_table(
        headings,
        cells,
        right=("SIZE", "CONTEXT"),
        folded=("LICENCE", "LANGUAGES", "SOURCE"),
        dimmed=[row["state"] != "installed" for row in rows],
    )


def _print_facts(facts: dict[str, Any]) -> None:
    flat = dict(facts)
    for nested in [value for value in facts.values() if isinstance(value, dict)]:
        flat = {**nested, **flat}
    order = [*facts, *(key for key in flat if key not in facts)]
    plain = [key for key in order if not isinstance(flat[key], dict)]
    print_facts({key: _shown(key, flat[key], facts) for key in plain})


def _shown(key: str, value: Any, facts: dict[str, Any]) -> str:
    if key == "size":
        return _size(facts)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and not key.endswith(("_id", "_type")):
        return f"{value:,}"
    return "" if value is None else str(value)


def _size(row: dict[str, Any]) -> str:
    from zaohua.cli.bars import quantity

    if not row["size"]:
        return ""
    return ("~" if row.get("approx") else "") + quantity(row["size"])
