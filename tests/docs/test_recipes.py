"""The recipes in the documentation, and those that come with zaohua, are recipes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from zaohua.data.prepare.spec import DataSpec, SourceSpec
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.model.spec import ModelSpec
from zaohua.recipe.spec import ExportSpec, Recipe
from zaohua.spec import read_spec
from zaohua.train.spec import OptimiserSpec, ScheduleSpec, TrainSpec

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "training.md"
SECTIONS: dict[str, type[BaseModel]] = {
    "`data.NAME`": DataSpec,
    "a source": SourceSpec,
    "`pretrain`, `finetune`": TrainSpec,
    "`optimiser`": OptimiserSpec,
    "`schedule`": ScheduleSpec,
    "`export`": ExportSpec,
    "`evaluate`": EvaluateSpec,
}


def test_the_recipe_that_is_shown_can_be_read():
    [code] = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert read_spec(Recipe, yaml.safe_load(code), str(PAGE)).name == "mine"


@pytest.mark.parametrize("section", SECTIONS)
def test_the_keys_that_are_named_exist(section):
    recipe = PAGE.read_text("utf-8").partition("## A recipe")[2]
    [row] = [x for x in recipe.splitlines() if x.startswith(f"| {section} |")]
    named = re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", row.split("|")[2]))
    known = SECTIONS[section].model_fields
    assert named
    assert not [name for name in named if name not in known]


def test_the_dial_that_is_shown_is_the_dial():
    from zaohua.model import shape

    shown = re.findall(r"^\| `(\w+)` \| (\d+) × (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(shown) == 5
    for size, width, depth in shown:
        made = shape(ModelSpec(size=size), 6400)
        assert (made.width, made.depth) == (int(width), int(depth))
