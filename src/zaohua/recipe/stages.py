"""A recipe as stages in the order they run: what each makes, and from which others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from zaohua.data.prepare.spec import DataSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.recipe.spec import ExportSpec, Recipe
from zaohua.spec import Spec
from zaohua.train.spec import TrainSpec

Verb = Literal["data", "tokenizer", "pretrain", "finetune", "export", "evaluate"]
VERBS: Final[tuple[Verb, ...]] = (
    "data",
    "tokenizer",
    "pretrain",
    "finetune",
    "export",
    "evaluate",
)

S = TypeVar("S", TrainSpec, EvaluateSpec)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    Attributes:
        label: names it within the recipe: ``data.verse``, ``pretrain``, ``evaluate.0``.
        name: of what it makes; empty for an evaluation, which names its report itself.
        spec: as the recipe has it, with the recipe's seed and what follows from other stages
            filled in; names are still those of the recipe.
    """

    verb: Verb
    label: str
    name: str
    spec: Spec


def stages(recipe: Recipe) -> list[Stage]:
    """All stages of a recipe in the order they run."""
    return list(_stages(recipe))


def _stages(recipe: Recipe) -> Iterator[Stage]:
    for key, data in recipe.data.items():
        yield Stage("data", f"data.{key}", dataset_name(recipe, key), data)
    if recipe.tokenizer:
        yield Stage("tokenizer", "tokenizer", recipe.name, recipe.tokenizer)
    for verb, spec in trainings(recipe).items():
        yield Stage(verb, verb, f"{recipe.name}-{verb}", spec)
    if recipe.export:
        export = recipe.export
        chosen = export.model_copy(update={"model": export.model or last_trained(recipe)})
        yield Stage("export", "export", export.name or recipe.name, chosen)
    for number, suite in enumerate(recipe.evaluate):
        judging = suite.model_copy(update={"model": suite.model or judged(recipe, suite)})
        yield Stage("evaluate", f"evaluate.{number}", "", _seeded(judging, recipe))


def dataset_name(recipe: Recipe, name: str) -> str:
    """What a data set that the recipe calls ``name`` is called outside of it."""
    return f"{recipe.name}-{name}" if name in recipe.data else name


def trainings(recipe: Recipe) -> dict[Verb, TrainSpec]:
    """The training runs with what they take from the recipe: seed, tokenizer, where they start."""
    found: dict[Verb, TrainSpec] = {}
    if recipe.pretrain:
        found["pretrain"] = _with_tokenizer(_seeded(recipe.pretrain, recipe), recipe)
    if recipe.finetune:
        spec = _seeded(recipe.finetune, recipe)
        if recipe.pretrain and not spec.model.start:
            spec = spec.model_copy(
                update={"model": spec.model.model_copy(update={"start": "pretrain"})}
            )
        found["finetune"] = _with_tokenizer(spec, recipe)
    return found


def last_trained(recipe: Recipe) -> str:
    """``finetune``, else ``pretrain``, else nothing."""
    return "finetune" if recipe.finetune else "pretrain" if recipe.pretrain else ""


def judged(recipe: Recipe, suite: EvaluateSpec) -> str:
    """The stage whose outcome a suite judges when it names no model."""
    if suite.suite == "poems" and recipe.export:
        return "export"
    if suite.suite == "bits_per_byte" and recipe.pretrain:
        return "pretrain"
    return last_trained(recipe)


def _seeded(spec: S, recipe: Recipe) -> S:
    if "seed" in spec.model_fields_set:
        return spec
    return spec.model_copy(update={"seed": recipe.seed})


def _with_tokenizer(spec: TrainSpec, recipe: Recipe) -> TrainSpec:
    if spec.model.start or spec.tokenizer or not recipe.tokenizer:
        return spec
    return spec.model_copy(update={"tokenizer": recipe.name})


def needs(stage: Stage, recipe: Recipe) -> list[str]:
    """The labels of the stages whose outcome a stage takes."""
    return [label for label in _needs(stage.spec, recipe) if label]


def _needs(spec: Spec, recipe: Recipe) -> Iterator[str]:
    if isinstance(spec, DataSpec):
        yield from (_data(name, recipe) for name in spec.decontaminate)
    elif isinstance(spec, TokenizerSpec):
        yield from (_data(name, recipe) for name in spec.data)
    elif isinstance(spec, TrainSpec):
        yield _data(spec.data, recipe)
        yield "tokenizer" if recipe.tokenizer and spec.tokenizer == recipe.name else ""
        yield _trained(spec.model.start, recipe)
    elif isinstance(spec, ExportSpec):
        yield _trained(spec.model, recipe)
    elif isinstance(spec, EvaluateSpec):
        yield _data(spec.data, recipe)
        yield _judged(spec.model, recipe)


def _data(name: str, recipe: Recipe) -> str:
    return f"data.{name}" if name in recipe.data else ""


def _judged(name: str, recipe: Recipe) -> str:
    return "export" if recipe.export and name == "export" else _trained(name, recipe)


def _trained(name: str, recipe: Recipe) -> str:
    return name if name in trainings(recipe) else ""


def bound(stage: Stage, made: Mapping[str, str], recipe: Recipe) -> Spec:
    """A stage's spec with every name that means another stage replaced by what that one made.

    Args:
        stage: the stage.
        made: label → ``name@version`` (or a name of the shelf) of the stages done before.
        recipe: the whole.
    """

    def data(name: str) -> str:
        return made.get(_data(name, recipe), name)

    spec = stage.spec
    if isinstance(spec, DataSpec):
        return spec.model_copy(update={"decontaminate": [data(n) for n in spec.decontaminate]})
    if isinstance(spec, TokenizerSpec):
        return spec.model_copy(update={"data": [data(name) for name in spec.data]})
    if isinstance(spec, TrainSpec):
        start = made.get(_trained(spec.model.start, recipe), spec.model.start)
        tokenizer = made.get("tokenizer", "") if "tokenizer" in needs(stage, recipe) else ""
        return spec.model_copy(
            update={
                "data": data(spec.data),
                "tokenizer": tokenizer or spec.tokenizer,
                "model": spec.model.model_copy(update={"start": start}),
            }
        )
    if isinstance(spec, ExportSpec):
        return spec.model_copy(update={"model": made.get(spec.model, spec.model)})
    if isinstance(spec, EvaluateSpec):
        model = made.get(_judged(spec.model, recipe), spec.model)
        return spec.model_copy(update={"data": data(spec.data), "model": model})
    return spec
