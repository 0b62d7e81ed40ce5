"""What cannot work in a recipe, all of it, before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from zaohua.data.prepare.spec import DataSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.errors import IntegrityError, MissingExtraError, UsageError, ZaohuaError
from zaohua.problems import nearest
from zaohua.progress import Silent
from zaohua.recipe.forms import misfit
from zaohua.recipe.spec import Recipe
from zaohua.recipe.stages import Verb, judged, last_trained, trainings
from zaohua.recipe.starts import Family, family_of
from zaohua.settings import Settings
from zaohua.store import catalogue
from zaohua.store.artefacts import Artefacts
from zaohua.store.manifest import check_name
from zaohua.train.spec import TrainSpec

KEY: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
LENGTHS: Final = ("steps", "tokens", "epochs", "minutes")
SHAPE: Final = ("size", "layout", "width", "depth", "heads", "kv_heads", "inner", "tie")
FITTING: Final = {
    "causal": "decoder",
    "chat": "decoder",
    "masked": "encoder",
    "classify": "encoder",
}
SUITES: Final = {
    "poems": ("causal", "chat"),
    "bits_per_byte": ("causal", "chat"),
    "classification": ("classify",),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What names in a recipe can mean."""

    recipe: Recipe
    settings: Settings
    datasets: tuple[str, ...]

    @classmethod
    def of(cls, recipe: Recipe, settings: Settings) -> Known:
        """The recipe's own names and those of the home."""
        prepared = Artefacts(settings.home).names("dataset")
        return cls(recipe, settings, (*recipe.data, *prepared))

    def dataset(self, name: str, where: str) -> Iterator[str]:
        """The problem with the name of a data set, if there is one."""
        if name in self.recipe.data or _found(self.settings, "dataset", name):
            return
        known = (
            f"{nearest(name, self.datasets)}"
            if self.datasets
            else "'zaohua data prepare' makes one"
        )
        yield f"{where}: there is no data set '{name}', {known}"


def check(recipe: Recipe, settings: Settings, where: str) -> None:
    """Be sure that a recipe can be run to its end, as far as that can be told beforehand.

    Raises:
        UsageError: it cannot; **all** that is wrong, in one line.
        MissingExtraError: what it needs is not installed.
    """
    if last_trained(recipe):
        require_training()
    if found := [*problems(recipe, settings)]:
        raise UsageError("; ".join(found), where=where)


def require_training() -> None:
    """Be sure that training is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if find_spec("torch") is None:
        raise MissingExtraError("train", "training")


def stage_problems(
    verb: Verb, spec: DataSpec | TokenizerSpec | TrainSpec, settings: Settings
) -> Iterator[str]:
    """What is wrong with a stage that is run alone, outside of any recipe."""
    known = Known.of(Recipe(name="alone"), settings)
    if isinstance(spec, TrainSpec):
        yield from _training(verb, spec, known)
    elif isinstance(spec, TokenizerSpec):
        yield from _tokenizer_data(spec, known)
    else:
        yield from _contents("data", spec, settings)


def problems(recipe: Recipe, settings: Settings) -> Iterator[str]:
    """What is wrong with a recipe, each clause beginning with the key it concerns."""
    known = Known.of(recipe, settings)
    if not (recipe.data or recipe.tokenizer or last_trained(recipe) or recipe.evaluate):
        yield "there is nothing to do: write 'data', 'tokenizer', 'pretrain' or 'finetune'"
    yield from _name(recipe.name, "name")
    for key, data in recipe.data.items():
        yield from _data(key, data, known)
    if recipe.tokenizer:
        yield from _tokenizer_data(recipe.tokenizer, known)
    for verb, spec in trainings(recipe).items():
        yield from _training(verb, spec, known)
    yield from _export(known)
    for number in range(len(recipe.evaluate)):
        yield from _evaluation(number, known)


def _data(key: str, data: DataSpec, known: Known) -> Iterator[str]:
    where = f"data.{key}"
    if not KEY.fullmatch(key):
        yield f"{where}: a key is made of lower-case letters, digits and '_'"
    yield from _contents(where, data, known.settings)
    above = list(known.recipe.data)[: list(known.recipe.data).index(key)]
    for name in data.decontaminate:
        if name in known.recipe.data and name not in above:
            yield f"{where}.decontaminate: '{name}' is made later, write it above"
        elif name not in above and not Path(name).expanduser().exists():
            yield from known.dataset(name, f"{where}.decontaminate")


def _contents(where: str, data: DataSpec, settings: Settings) -> Iterator[str]:
    for number, source in enumerate(data.sources):
        alone = data.model_copy(update={"sources": [source]})
        yield from _source(alone, f"{where}.sources.{number}", settings)
    yield from _cleaning(data, where)


def _source(alone: DataSpec, where: str, settings: Settings) -> Iterator[str]:
    from zaohua.data.prepare.sources import open_sources

    try:
        open_sources(alone, settings, Silent())
    except ZaohuaError as error:
        place = error.where.removeprefix("sources[0]").lstrip(".")
        inside = f" ({place})" if place else ""
        yield f"{where}: {error.what}{inside}"


def _cleaning(data: DataSpec, where: str) -> Iterator[str]:
    from zaohua.data.prepare.plan import plan

    try:
        plan(data)
    except UsageError as error:
        mend = f", {error.mend}" if error.mend else ""
        yield f"{where}.{error.where}: {error.what}{mend}"


def _tokenizer_data(spec: TokenizerSpec, known: Known) -> Iterator[str]:
    for name in spec.data:
        yield from known.dataset(name, "tokenizer.data")


def _training(verb: Verb, spec: TrainSpec, known: Known) -> Iterator[str]:
    yield from known.dataset(spec.data, f"{verb}.data")
    yield from _form(verb, spec, known)
    yield from _length(verb, spec)
    yield from _start(verb, spec, known)
    yield from _shape(verb, spec)
    yield from _tokenizer(verb, spec, known)
    if spec.wandb and find_spec("wandb") is None:
        yield f"{verb}.wandb: wandb is not installed, pip install wandb"


def _form(verb: Verb, spec: TrainSpec, known: Known) -> Iterator[str]:
    """Of a data set that is there already; of others it is looked at when they are made."""
    if spec.data in known.recipe.data:
        return
    with suppress(ZaohuaError, OSError):
        dataset = Artefacts(known.settings.home).require("dataset", spec.data)
        yield from (f"{verb}.data: {problem}" for problem in misfit(spec.objective, dataset))


def _length(verb: Verb, spec: TrainSpec) -> Iterator[str]:
    given = [name for name in LENGTHS if getattr(spec, name) > 0]
    if len(given) != 1:
        told = f"{' and '.join(given)} are given" if given else "none is given"
        yield f"{verb}: its length is one of {', '.join(LENGTHS)}, {told}"


def _start(verb: Verb, spec: TrainSpec, known: Known) -> Iterator[str]:
    if verb == "pretrain" and spec.model.start == "pretrain":
        yield "pretrain.model.start: it cannot start from itself"
        return
    try:
        family = family_of(spec, known.recipe, known.settings)
    except ZaohuaError as error:
        yield f"{verb}.model.start: {error.what}" + (f", {error.mend}" if error.mend else "")
        return
    yield from _fits(verb, spec, family)


def _fits(verb: Verb, spec: TrainSpec, family: Family) -> Iterator[str]:
    wanted = FITTING[spec.objective]
    if family not in ("unknown", wanted):
        layouts = "qwen3 or llama" if wanted == "decoder" else "bert or modernbert"
        model = f"layout {spec.model.layout}" if not spec.model.start else f"'{spec.model.start}'"
        yield (
            f"{verb}.objective: {spec.objective} needs {_an(wanted)} ({layouts}), "
            f"{model} is {_an(family)}"
        )


def _an(family: str) -> str:
    return f"an {family}" if family[0] in "aeiou" else f"a {family}"


def _shape(verb: Verb, spec: TrainSpec) -> Iterator[str]:
    """Widths that do not fit, or that are given for a model which has its own."""
    from zaohua.model.shapes import shape

    given = [name for name in SHAPE if name in spec.model.model_fields_set]
    if spec.model.start and given:
        yield f"{verb}.model: {', '.join(given)} cannot change a model that is gone on with"
    elif not spec.model.start:
        try:
            shape(spec.model, 0)
        except UsageError as error:
            yield f"{verb}.model: {error.what}"


def _tokenizer(verb: Verb, spec: TrainSpec, known: Known) -> Iterator[str]:
    if spec.model.start:
        if spec.tokenizer:
            yield f"{verb}.tokenizer: a model that is gone on with keeps its own, leave it out"
    elif not spec.tokenizer:
        yield f"{verb}: a new model needs a tokenizer, write a 'tokenizer' section or name one"
    elif not _has_tokenizer(spec.tokenizer, known):
        names = Artefacts(known.settings.home).names("tokenizer")
        near = nearest(spec.tokenizer, names) if names else "'zaohua tokenizer train' makes one"
        yield f"{verb}.tokenizer: there is no tokenizer '{spec.tokenizer}', {near}"


def _has_tokenizer(name: str, known: Known) -> bool:
    own = known.recipe.tokenizer is not None and name == known.recipe.name
    return own or _found(known.settings, "tokenizer", name)


def _export(known: Known) -> Iterator[str]:
    recipe = known.recipe
    if recipe.export is None:
        return
    source = recipe.export.model or last_trained(recipe)
    trained = trainings(recipe).get(source)  # type: ignore[call-overload]
    if trained and FITTING[trained.objective] == "encoder":
        yield f"export: {source} trains an encoder, only decoders are served"
    elif not trained and not _found(known.settings, "checkpoint", source):
        yield f"export: there is no '{source or 'pretrain'}' to export"
    name = recipe.export.name or recipe.name
    if recipe.export.name:
        yield from _name(name, "export.name")
    if name in catalogue.load(known.settings.home):
        yield f"export.name: the catalogue has another model named '{name}', choose a name"


def _name(name: str, where: str) -> Iterator[str]:
    try:
        check_name(name)
    except UsageError as error:
        yield f"{where}: {error.what}"


def _evaluation(number: int, known: Known) -> Iterator[str]:
    recipe, suite, where = known.recipe, known.recipe.evaluate[number], f"evaluate.{number}"
    yield from known.dataset(suite.data, f"{where}.data")
    if suite.data in recipe.data and recipe.data[suite.data].validation == 0:
        yield f"{where}.data: '{suite.data}' has no validation part, its 'validation' is 0"
    source = suite.model or judged(recipe, suite)
    if source == "export" and recipe.export:
        source = recipe.export.model or last_trained(recipe)
    if suite.model == "export" and recipe.export is None:
        yield f"{where}.model: the recipe has no 'export'"
    if not source:
        yield f"{where}.model: the recipe trains no model, name one"
    objective = getattr(trainings(recipe).get(source), "objective", "")  # type: ignore[call-overload]
    if objective and objective not in SUITES[suite.suite]:
        fitting = " or ".join(SUITES[suite.suite])
        yield f"{where}: {suite.suite} judges a {fitting} model, '{source}' is {objective}"


def _found(settings: Settings, kind: str, name: str) -> bool:
    try:
        return Artefacts(settings.home).resolve(f"{kind}/{name}") is not None
    except IntegrityError:
        return False
