"""What cannot work in a recipe is told before anything runs, all of it in one line."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zaohua.errors import MissingExtraError, UsageError
from zaohua.progress import Silent
from zaohua.recipe import check as checking
from zaohua.recipe.check import check, problems
from zaohua.recipe.reading import read_table
from zaohua.recipe.running import load
from zaohua.recipe.spec import Recipe
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Kind

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def table(folder: Path) -> dict[str, Any]:
    return read_table(folder / "tiny.yaml")


def found(table: dict[str, Any], settings: Settings) -> list[str]:
    return list(problems(Recipe.model_validate(table), settings))


def keep(settings: Settings, kind: Kind, name: str, **files: str) -> Artefact:
    """An artefact with the given files."""
    artefacts = Artefacts(settings.home)
    with artefacts.make(kind, name, inputs=[], recipe={}, progress=Silent()) as work:
        assert not isinstance(work, Artefact)
        for file, text in files.items():
            (work.path / file.replace("_json", ".json")).write_text(text)
    return artefacts.require(kind, name)


def test_the_tiny_recipe_has_no_problem(table: dict[str, Any], settings: Settings):
    assert found(table, settings) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda t: t["tokenizer"].update(data=["textz"]),
            "tokenizer.data: there is no data set 'textz', did you mean 'texts'?",
        ),
        (
            lambda t: t["pretrain"].update(data="verse"),
            "pretrain.data: there is no data set 'verse', there are texts, talk",
        ),
        (
            lambda t: t["evaluate"][0].update(data="talks"),
            "evaluate.0.data: there is no data set 'talks', did you mean 'talk'?",
        ),
        (
            lambda t: t["data"].update({"a-b": t["data"]["talk"]}),
            "data.a-b: a key is made of lower-case letters, digits and '_'",
        ),
        (
            lambda t: t["data"]["texts"].update(decontaminate=["talk"]),
            "data.texts.decontaminate: 'talk' is made later, write it above",
        ),
        (
            lambda t: t["data"]["talk"].update(decontaminate=["gone.txt"]),
            "data.talk.decontaminate: there is no data set 'gone.txt', there are texts, talk",
        ),
        (
            lambda t: t["data"]["texts"]["sources"].append({"path": "gone"}),
            "data.texts.sources.1: no such file, folder or match (gone)",
        ),
        (
            lambda t: t["data"]["texts"]["sources"].append({"path": "talk.jsonl", "set": "x"}),
            "data.texts.sources.1: a source needs exactly one of 'path', 'set' and 'hub'",
        ),
        (
            lambda t: t["data"]["texts"].update(clean={"lenght": True}),
            "data.texts.clean: there is no cleaning step 'lenght', did you mean 'length'?",
        ),
        (
            lambda t: t["pretrain"].pop("steps"),
            "pretrain: its length is one of steps, tokens, epochs, minutes, none is given",
        ),
        (
            lambda t: t["pretrain"].update(minutes=2, epochs=1),
            "pretrain: its length is one of steps, tokens, epochs, minutes, "
            "steps and epochs and minutes are given",
        ),
        (
            lambda t: t["pretrain"].update(objective="masked"),
            "pretrain.objective: masked needs an encoder (bert or modernbert), "
            "layout qwen3 is a decoder",
        ),
        (
            lambda t: t["pretrain"]["model"].update(layout="bert"),
            "pretrain.objective: causal needs a decoder (qwen3 or llama), layout bert is",
        ),
        (
            lambda t: t["finetune"].update(objective="classify"),
            "finetune.objective: classify needs an encoder (bert or modernbert), "
            "'pretrain' is a decoder",
        ),
        (
            lambda t: t["finetune"].update(model={"width": 128}),
            "finetune.model: width cannot change a model that is gone on with",
        ),
        (
            lambda t: t["pretrain"]["model"].update(heads=3),
            "pretrain.model: the model's widths do not fit together: "
            "width 64 is no multiple of heads 3",
        ),
        (
            lambda t: t.pop("tokenizer"),
            "pretrain: a new model needs a tokenizer, write a 'tokenizer' section or name one",
        ),
        (
            lambda t: t["pretrain"].update(tokenizer="bpe"),
            "pretrain.tokenizer: there is no tokenizer 'bpe', 'zaohua tokenizer train' makes one",
        ),
        (
            lambda t: t["finetune"].update(tokenizer="tiny"),
            "finetune.tokenizer: a model that is gone on with keeps its own, leave it out",
        ),
        (
            lambda t: t["pretrain"]["model"].update(start="pretrain"),
            "pretrain.model.start: it cannot start from itself",
        ),
        (
            lambda t: t["finetune"].update(model={"start": "smollm2-135"}),
            "finetune.model.start: there is no model 'smollm2-135', did you mean 'smollm2-135m'?",
        ),
        (
            lambda t: t["finetune"].update(model={"start": "./gone.gguf"}),
            "finetune.model.start: there is no model './gone.gguf'",
        ),
        (
            lambda t: t["finetune"].update(model={"start": "."}),
            "finetune.model.start: . holds no model: it has no config.json",
        ),
        (
            lambda t: t["pretrain"].update(wandb="x"),
            "pretrain.wandb: wandb is not installed",
        ),
        (
            lambda t: t["export"].update(model="nothing"),
            "export: there is no 'nothing' to export",
        ),
        (
            lambda t: t["export"].update(name="smollm2-135m"),
            "export.name: the catalogue has another model named 'smollm2-135m'",
        ),
        (lambda t: t["export"].update(name="A b"), "export.name: 'A b' cannot be a name"),
        (lambda t: t.update(name="con"), "name: 'con' cannot be a name"),
        (
            lambda t: t["evaluate"][0].update(suite="classification", model="finetune"),
            "evaluate.0: classification judges a classify model, 'finetune' is chat",
        ),
        (
            lambda t: t["data"]["texts"].update(validation=0),
            "evaluate.0.data: 'texts' has no validation part, its 'validation' is 0",
        ),
        (
            lambda t: (t.pop("export"), t["evaluate"][0].update(model="export")),
            "evaluate.0.model: the recipe has no 'export'",
        ),
    ],
)
def test_what_cannot_work_is_told(
    table: dict[str, Any],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    told: str,
):
    monkeypatch.setattr(checking, "find_spec", lambda name: None if name == "wandb" else name)
    change(table)
    assert any(problem.startswith(told) for problem in found(table, settings)), found(
        table, settings
    )


def test_an_encoder_is_not_exported(table: dict[str, Any], settings: Settings):
    table["pretrain"] |= {"objective": "masked", "model": {"layout": "modernbert"}}
    table["finetune"]["objective"] = "classify"
    table["evaluate"] = []
    assert found(table, settings) == [
        "export: finetune trains an encoder, only decoders are served"
    ]


def test_a_recipe_that_does_nothing_is_told(settings: Settings):
    assert found({"name": "x"}, settings) == [
        "there is nothing to do: write 'data', 'tokenizer', 'pretrain' or 'finetune'"
    ]


def test_an_evaluation_without_a_model_is_told(table: dict[str, Any], settings: Settings):
    for stage in ("pretrain", "finetune", "export"):
        table.pop(stage)
    assert found(table, settings) == ["evaluate.0.model: the recipe trains no model, name one"]


def test_all_problems_come_in_one_line_before_anything_runs(folder: Path, settings: Settings):
    changes = [
        "data.texts.sources.0.path=gone.jsonl",
        "pretrain.minutes=3",
        "finetune.objective=masked",
        "tokenizer.data=[talkk]",
    ]
    with pytest.raises(UsageError) as caught:
        load("tiny.yaml", changes, settings)
    assert [problem.partition(":")[0] for problem in caught.value.what.split("; ")] == [
        "data.texts.sources.0",
        "tokenizer.data",
        "pretrain",
        "finetune.objective",
        "export",
    ]
    assert "\n" not in caught.value.line()
    assert caught.value.where == "tiny.yaml"
    assert not settings.home.exists()


def test_names_of_what_was_made_before_are_known(table: dict[str, Any], settings: Settings):
    keep(settings, "dataset", "old")
    keep(settings, "tokenizer", "bpe")
    table["tokenizer"]["data"].append("old")
    table["pretrain"]["tokenizer"] = "bpe"
    table["finetune"]["data"] = "old"
    assert found(table, settings) == []


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('{"model_type": "qwen3"}', []),
        ('{"model_type": "gpt_neox"}', []),
        (
            '{"model_type": "modernbert"}',
            ["finetune.objective: chat needs a decoder (qwen3 or llama), 'made' is an encoder"],
        ),
        ("{", ["holds no model"]),
    ],
)
def test_the_family_of_a_checkpoint_is_looked_up(
    table: dict[str, Any], settings: Settings, config: str, told: list[str]
):
    keep(settings, "checkpoint", "made", config_json=config)
    table["finetune"]["model"] = {"start": "made"}
    said = found(table, settings)
    assert len(said) == len(told)
    assert all(part in problem for part, problem in zip(told, said, strict=True))


@pytest.mark.parametrize("start", ["smollm2-135m", "owner/name", "hf:owner/name"])
def test_models_that_will_be_fetched_are_no_problem(
    table: dict[str, Any], settings: Settings, start: str
):
    table["finetune"]["model"] = {"start": start}
    assert found(table, settings) == []


def test_training_that_is_not_installed_is_told_first(
    table: dict[str, Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checking, "find_spec", lambda name: None)
    wrong = copy.deepcopy(table) | {"export": {"model": "nothing"}}
    with pytest.raises(MissingExtraError, match=r"pip install 'zaohua\[train\]'"):
        check(Recipe.model_validate(wrong), settings, "tiny.yaml")
