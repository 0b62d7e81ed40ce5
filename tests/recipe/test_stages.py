"""What a recipe's stages make, in which order, from which others."""

from __future__ import annotations

from typing import Any

import pytest

from zaohua.evaluate.spec import EvaluateSpec
from zaohua.recipe import describing
from zaohua.recipe.spec import ExportSpec, Recipe
from zaohua.recipe.stages import bound, needs, stages
from zaohua.train.spec import TrainSpec

SOURCES = {"sources": [{"set": "poetry"}]}
TABLE: dict[str, Any] = {
    "name": "poet",
    "seed": 5,
    "data": {"verse": SOURCES, "talk": {**SOURCES, "decontaminate": ["verse", "old", "t.txt"]}},
    "tokenizer": {"data": ["verse", "talk", "old"]},
    "pretrain": {"data": "verse", "objective": "causal", "minutes": 3},
    "finetune": {"data": "talk", "objective": "chat", "epochs": 1, "seed": 9},
    "export": {},
    "evaluate": [
        {"suite": "poems", "data": "talk"},
        {"suite": "bits_per_byte", "data": "verse"},
        {"suite": "bits_per_byte", "data": "verse", "model": "finetune", "seed": 2},
    ],
}


def recipe(**changes: Any) -> Recipe:
    return Recipe.model_validate(TABLE | changes)


def spec_of(label: str, whole: Recipe) -> Any:
    return next(stage.spec for stage in stages(whole) if stage.label == label)


def test_stages_run_in_the_order_of_the_fields_under_names_of_the_recipe():
    assert [(stage.label, stage.name) for stage in stages(recipe())] == [
        ("data.verse", "poet-verse"),
        ("data.talk", "poet-talk"),
        ("tokenizer", "poet"),
        ("pretrain", "poet-pretrain"),
        ("finetune", "poet-finetune"),
        ("export", "poet"),
        ("evaluate.0", ""),
        ("evaluate.1", ""),
        ("evaluate.2", ""),
    ]


def test_each_stage_needs_those_it_is_made_from():
    whole = recipe()
    found = {stage.label: needs(stage, whole) for stage in stages(whole)}
    assert found == {
        "data.verse": [],
        "data.talk": ["data.verse"],
        "tokenizer": ["data.verse", "data.talk"],
        "pretrain": ["data.verse", "tokenizer"],
        "finetune": ["data.talk", "pretrain"],
        "export": ["finetune"],
        "evaluate.0": ["data.talk", "export"],
        "evaluate.1": ["data.verse", "pretrain"],
        "evaluate.2": ["data.verse", "finetune"],
    }


def test_names_are_bound_to_what_was_made_and_others_are_left():
    whole = recipe()
    made = {label: f"{label}@1" for label in ("data.verse", "data.talk", "tokenizer", "pretrain")}
    made |= {"finetune": "poet-finetune@2", "export": "poet"}
    found = {stage.label: bound(stage, made, whole) for stage in stages(whole)}
    assert found["data.talk"].model_dump()["decontaminate"] == ["data.verse@1", "old", "t.txt"]
    assert found["tokenizer"].model_dump()["data"] == ["data.verse@1", "data.talk@1", "old"]
    pretrain, finetune = found["pretrain"], found["finetune"]
    assert isinstance(pretrain, TrainSpec)
    assert isinstance(finetune, TrainSpec)
    assert (pretrain.data, pretrain.tokenizer) == ("data.verse@1", "tokenizer@1")
    assert pretrain.model.start == ""
    assert (finetune.data, finetune.tokenizer) == ("data.talk@1", "")
    assert finetune.model.start == "pretrain@1"
    assert isinstance(found["export"], ExportSpec)
    assert found["export"].model == "poet-finetune@2"
    judged = [found[f"evaluate.{number}"] for number in range(3)]
    assert [j.model for j in judged if isinstance(j, EvaluateSpec)] == [
        "poet",
        "pretrain@1",
        "poet-finetune@2",
    ]


def test_the_recipes_seed_is_taken_by_stages_that_set_none():
    whole = recipe()
    assert spec_of("pretrain", whole).seed == 5
    assert spec_of("finetune", whole).seed == 9
    assert spec_of("evaluate.0", whole).seed == 5
    assert spec_of("evaluate.2", whole).seed == 2


def test_a_seed_that_equals_the_default_is_set_all_the_same():
    whole = recipe(pretrain={**TABLE["pretrain"], "seed": 1})
    assert spec_of("pretrain", whole).seed == 1


def test_finetuning_starts_from_what_it_names_or_anew():
    named = recipe(finetune={**TABLE["finetune"], "model": {"start": "smollm2-135m"}})
    assert spec_of("finetune", named).model.start == "smollm2-135m"
    alone = recipe(pretrain=None)
    assert spec_of("finetune", alone).model.start == ""
    assert spec_of("finetune", alone).tokenizer == "poet"
    assert spec_of("export", alone).model == "finetune"


def test_no_recipe_calls_its_own_what_another_does():
    """``a`` with the key ``b_c`` and ``a-b`` with ``c``: names end in a part without hyphens."""
    one = Recipe.model_validate({"name": "a", "data": {"b_c": SOURCES}})
    other = Recipe.model_validate({"name": "a-b", "data": {"c": SOURCES}})
    names = [stage.name for whole in (one, other) for stage in stages(whole)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("label", "kind", "origins"),
    [
        ("data.talk", "preset documents", ["set poetry", "poet-verse", "old", "t.txt"]),
        ("tokenizer", "vocabulary of 6,400", ["poet-verse", "poet-talk", "old"]),
        ("pretrain", "causal, new nano qwen3, 3 minutes", ["poet-verse", "poet"]),
        ("finetune", "chat, 1 epoch", ["poet-talk", "poet-pretrain"]),
        ("export", "GGUF q8_0", ["poet-finetune"]),
        ("evaluate.0", "poems, 200 examples", ["poet-talk", "poet"]),
    ],
)
def test_a_stage_is_described_in_a_few_words(label: str, kind: str, origins: list[str]):
    whole = recipe()
    stage = next(stage for stage in stages(whole) if stage.label == label)
    assert describing.kind(stage) == kind
    assert describing.origins(stage, whole) == origins
