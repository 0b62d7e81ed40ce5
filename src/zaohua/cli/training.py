"""``zaohua pretrain`` and ``zaohua finetune``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.stages import (
    Changes,
    Json,
    from_options,
    from_recipe,
    refuse_beside_recipe,
    show,
)

if TYPE_CHECKING:
    from zaohua.recipe.outcome import Outcome
    from zaohua.recipe.stages import Verb

Recipe = Annotated[
    str | None,
    typer.Argument(metavar="[RECIPE]", help="Run this stage of a recipe (YAML file or name)."),
]
Data = Annotated[str, typer.Option(help="A prepared data set.")]
Name = Annotated[str, typer.Option("--name", "-n", help="What to call the checkpoint.")]
Start = Annotated[
    str,
    typer.Option(metavar="MODEL", help="Go on from a checkpoint, a model, a GGUF file, a hub id."),
]
Tokenizer = Annotated[str, typer.Option(help="Tokenizer of a new model.")]
Size = Annotated[str, typer.Option(help="Of a new model: nano, micro, mini, small or base.")]
Layout = Annotated[str, typer.Option(help="Of a new model: qwen3, llama, bert or modernbert.")]
Objective = Annotated[str, typer.Option(help="causal, chat, masked or classify.")]
Minutes = Annotated[float | None, typer.Option(help="How long to train; or give …")]
Steps = Annotated[int | None, typer.Option(help="… so many steps,")]
Epochs = Annotated[float | None, typer.Option(help="… the data so many times,")]
Tokens = Annotated[float | None, typer.Option(help="… so many tokens.")]
Seed = Annotated[int | None, typer.Option(help="Same seed, same model.")]
Wandb = Annotated[str, typer.Option(metavar="PROJECT", help="Log to Weights & Biases too.")]


def pretrain(
    recipe: Recipe = None,
    *,
    data: Data = "",
    name: Name = "",
    size: Size = "",
    layout: Layout = "",
    tokenizer: Tokenizer = "",
    start: Start = "",
    objective: Objective = "",
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    tokens: Tokens = None,
    seed: Seed = None,
    wandb: Wandb = "",
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Train a model on text.

    Stopped, the same command goes on from there.
    """
    given = {
        "data": data,
        "tokenizer": tokenizer,
        "objective": objective,
        "model": _filled(size=size, layout=layout, start=start),
        **_filled(minutes=minutes, steps=steps, epochs=epochs, tokens=tokens),
        "seed": seed,
        "wandb": wandb,
    }
    outcomes = _train("pretrain", recipe, name, _filled(**given), changes or ())
    show(outcomes, as_json=as_json)


def finetune(
    recipe: Recipe = None,
    *,
    data: Data = "",
    name: Name = "",
    start: Start = "",
    objective: Objective = "",
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    tokens: Tokens = None,
    seed: Seed = None,
    wandb: Wandb = "",
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Train a model further, on conversations or labels.

    Stopped, the same command goes on from there.
    """
    given = {
        "data": data,
        "objective": objective,
        "model": _filled(start=start),
        **_filled(minutes=minutes, steps=steps, epochs=epochs, tokens=tokens),
        "seed": seed,
        "wandb": wandb,
    }
    outcomes = _train("finetune", recipe, name, _filled(**given), changes or ())
    show(outcomes, as_json=as_json)


def _train(
    verb: Verb, recipe: str | None, name: str, given: dict[str, Any], changes: Sequence[str]
) -> Sequence[Outcome]:
    from zaohua.errors import UsageError
    from zaohua.train.spec import TrainSpec

    if recipe:
        refuse_beside_recipe(name=name)
        return from_recipe(recipe, verb, [*_as_changes(given), *changes])
    if "data" not in given:
        raise UsageError("there is nothing to train on", mend="give a recipe, or --data NAME")
    objective = "causal" if verb == "pretrain" else "chat"
    chosen = name or f"{str(given['data']).partition('@')[0]}-{verb}"
    return from_options(verb, chosen, TrainSpec, {"objective": objective, **given}, changes)


def _as_changes(given: dict[str, Any]) -> list[str]:
    """Options beside a recipe change its section."""
    model = [f"model.{key}={value}" for key, value in given.get("model", {}).items()]
    return model + [f"{key}={value}" for key, value in given.items() if key != "model"]


def _filled(**options: Any) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value not in (None, "", {})}
