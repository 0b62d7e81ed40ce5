"""``zaohua label``: files that say that they were generated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zaohua.cli.printing import print_facts, print_json
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.safety.label_files import Verified

app = typer.Typer(
    help="Label files as generated, and verify labels.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A .txt or .md file.")]


@app.command()
def write(
    file: File,
    *,
    language: Annotated[
        Literal["zh", "en", ""], typer.Option(help="Of the notice; without it, the file's.")
    ] = "",
    where: Annotated[Literal["start", "end"], typer.Option(help="Place of the notice.")] = "end",
    producer: Annotated[
        str, typer.Option(help="Name or 27-character code, for the label for machines.")
    ] = "",
    number: Annotated[
        str, typer.Option("--id", help="Number of the content; without it, a new one.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write the notice and, into Markdown with --producer, the label for machines."""
    from uuid import uuid4

    from zaohua.errors import UsageError
    from zaohua.safety.aigc import AigcLabel
    from zaohua.safety.label_files import write_label

    if number and not producer:
        raise UsageError("a number needs who gave it", mend="--producer NAME")
    label = AigcLabel(producer, number or uuid4().hex) if producer else None
    _show(write_label(file, language, where=where, label=label), as_json=as_json)


@app.command()
def verify(file: File, *, as_json: Json = False) -> None:
    """Tell which labels a file has. Leaves with 1 if the notice is missing or a label is broken."""
    from zaohua.safety.label_files import verify_label

    verified = verify_label(file)
    _show(verified, as_json=as_json)
    if not verified.good:
        raise typer.Exit(1)


def _show(verified: Verified, *, as_json: bool) -> None:
    if as_json:
        fields = verified.label.as_fields() if verified.label else None
        print_json(
            {
                "path": verified.path,
                "good": verified.good,
                "notice": verified.notice,
                "metadata": verified.metadata,
                "problems": verified.problems,
                "label": fields,
            }
        )
        return
    label = verified.label
    print_facts(
        {
            "notice": "yes" if verified.notice else "no",
            "for machines": verified.metadata,
            "problems": "; ".join(verified.problems),
            "producer": label.content_producer if label else "",
            "number": label.produce_id if label else "",
        }
    )
