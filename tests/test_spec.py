"""What a person wrote wrong in a recipe is told whole, in one line, with where it belongs."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field, field_validator

from zaohua.errors import UsageError
from zaohua.problems import form_at
from zaohua.spec import Spec, read_spec


class Optimiser(Spec):
    name: Literal["muon", "adamw"] = "muon"
    lr: float = Field(default=0.0, ge=0)
    weight_decay: float = 0.1


class Source(Spec):
    path: str = ""

    @field_validator("path")
    @classmethod
    def _no_tilde(cls, value: str) -> str:
        if value.startswith("~"):
            raise ValueError("write the folder out")
        return value


class Run(Spec):
    data: str
    steps: int = 0
    optimiser: Optimiser = Optimiser()
    evaluate: Optimiser | None = None
    sources: list[Source] = Field(default_factory=list)
    sets: dict[str, Source] = Field(default_factory=dict)


def told(table: dict[str, object]) -> str:
    with pytest.raises(UsageError) as caught:
        read_spec(Run, table, "poet.yaml")
    assert caught.value.where == "poet.yaml"
    assert "\n" not in caught.value.line()
    return caught.value.what


def test_what_is_right_is_read():
    run = read_spec(Run, {"data": "poems", "optimiser": {"lr": 0.5}}, "x")
    assert (run.data, run.optimiser.lr, run.optimiser.name) == ("poems", 0.5, "muon")


def test_all_problems_are_told_at_once_with_dotted_paths():
    wrong = {"steps": "many", "optimiser": {"lr": -1, "name": "adam"}, "sources": [{}, {"path": 3}]}
    assert told(wrong).split("; ") == [
        "data: is missing",
        "steps: must be a valid integer, is 'many'",
        "optimiser.name: must be 'muon' or 'adamw', is 'adam'",
        "optimiser.lr: must be greater than or equal to 0, is -1",
        "sources.1.path: must be a valid string, is 3",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"stepz": 1}, "stepz: there is no such key, did you mean 'steps'?"),
        ({"lr": 1}, "lr: there is no such key, did you mean 'optimiser.lr'?"),
        (
            {"optimiser": {"weightdecay": 1}},
            "optimiser.weightdecay: there is no such key, did you mean 'weight_decay'?",
        ),
        (
            {"evaluate": {"q": 1}},
            "evaluate.q: there is no such key, there are name, lr, weight_decay",
        ),
        (
            {"sources": [{"pat": "a"}]},
            "sources.0.pat: there is no such key, did you mean 'path'?",
        ),
        (
            {"sets": {"path": {"pth": "a"}}},
            "sets.path.pth: there is no such key, did you mean 'path'?",
        ),
    ],
)
def test_an_unknown_key_names_the_nearest_where_it_belongs(table: dict[str, object], message: str):
    assert told({"data": "poems", **table}) == message


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"optimiser": 5}, "optimiser: must be a table of keys and values, is 5"),
        ({"optimiser": "x" * 100}, "optimiser: must be a table of keys and values"),
        ({"sources": "a"}, "sources: must be a valid list, is 'a'"),
        ({"sources": [{"path": "~/a"}]}, "sources.0.path: write the folder out"),
        ({"steps": None}, "steps: must be a valid integer, is None"),
    ],
)
def test_wrong_values_say_what_is_wanted(table: dict[str, object], message: str):
    assert told({"data": "poems", **table}) == message


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ((), Run),
        (("optimiser",), Optimiser),
        (("evaluate",), Optimiser),
        (("sources", 3), Source),
        (("sets", "any"), Source),
        (("steps",), None),
        (("optimiser", "lr", "deeper"), None),
        (("none", 1), None),
    ],
)
def test_the_form_at_a_path(path: tuple[str | int, ...], form: type[Spec] | None):
    assert form_at(path, Run) is form
