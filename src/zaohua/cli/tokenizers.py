"""``zaohua tokenizer``: tokenizers trained on prepared data."""

from __future__ import annotations

from typing import Annotated

import typer

from zaohua.cli.stages import (
    Changes,
    Json,
    from_options,
    from_recipe,
    is_recipe,
    refuse_beside_recipe,
    show,
)

app = typer.Typer(help="Train tokenizers.", rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def tokenizer() -> None:
    """Train tokenizers."""


@app.command()
def train(
    data: Annotated[
        list[str],
        typer.Argument(metavar="DATA...", help="Prepared data sets; or one RECIPE.yaml."),
    ],
    *,
    name: Annotated[str, typer.Option("--name", "-n", help="What to call it.")] = "",
    vocab_size: Annotated[int | None, typer.Option(help="Tokens in all.")] = None,
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Train a byte-level BPE tokenizer."""
    from zaohua.data.tokens.spec import TokenizerSpec
    from zaohua.errors import UsageError

    if is_recipe(data):
        refuse_beside_recipe(name=name, vocab_size=vocab_size)
        show(from_recipe(data[0], "tokenizer", changes or ()), as_json=as_json)
        return
    if not name:
        raise UsageError("the tokenizer has no name", mend="--name mine")
    given = {"data": data, "vocab_size": vocab_size}
    show(from_options("tokenizer", name, TokenizerSpec, given, changes or ()), as_json=as_json)
