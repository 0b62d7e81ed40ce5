"""YAML is read strictly; what is wrong is told with its line; --set changes what it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zaohua.errors import NotFoundError, UsageError
from zaohua.recipe.finding import locate, shipped
from zaohua.recipe.reading import changed, parse, read_table
from zaohua.recipe.spec import Recipe


def test_what_is_right_is_read(tmp_path: Path):
    file = tmp_path / "r.yaml"
    file.write_text("name: poet  # 诗人\ndata: {verse: {sources: [{set: poetry}]}}\n", "utf-8")
    assert read_table(file) == {"name": "poet", "data": {"verse": {"sources": [{"set": "poetry"}]}}}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("name: a\ndata:\n  x: [1, 2\n", 4, "this is not YAML"),
        ("name: a\n\tseed: 1\n", 2, "this is not YAML"),
        ("name: a\nseed: 1\nname: b\n", 3, "the key 'name' stands twice"),
        ("a:\n  - b: 1\n    c: 2\n    b: 3\n", 4, "the key 'b' stands twice"),
        ("name: *nowhere\n", 1, "undefined alias"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, told: str):
    with pytest.raises(UsageError) as caught:
        parse(text, "r.yaml")
    assert told in caught.value.what
    assert caught.value.where == f"r.yaml:{line}"
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "poet", "3"])
def test_a_recipe_is_a_table(text: str):
    with pytest.raises(UsageError, match="a recipe is a table"):
        parse(text, "r.yaml")


def test_off_and_no_are_words():
    assert parse("a: off\nb: no\nc: true\nd: False\ne: On\n", "r.yaml") == {
        "a": "off",
        "b": "no",
        "c": True,
        "d": False,
        "e": "On",
    }
    assert changed({}, ["pretrain.compile=off"], Recipe) == {"pretrain": {"compile": "off"}}
    assert changed({}, ["data.a.keep_rejects=true"], Recipe)["data"]["a"]["keep_rejects"] is True


def test_aliases_that_multiply_are_walked_once():
    levels = ["a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)
    ]
    assert len(parse("\n".join(levels), "bomb.yaml")) == 40


def test_an_alias_of_itself_is_no_endless_walk():
    assert list(parse("a: &a [*a]\n", "r.yaml")) == ["a"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"name: \xff\xfe", "UTF-8"), (b"#" * (2 << 20), "too large"), (None, "cannot be read")],
)
def test_a_file_that_is_no_recipe(tmp_path: Path, content: bytes | None, told: str):
    file = tmp_path / "r.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises((UsageError, NotFoundError), match=told):
        read_table(file)


TABLE: dict[str, Any] = {
    "name": "poet",
    "data": {"verse": {"sources": [{"path": "a"}, {"path": "b"}]}},
    "pretrain": {"data": "verse", "minutes": 30},
}


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ("seed=7", ["seed"], 7),
        ("pretrain.minutes=0.5", ["pretrain", "minutes"], 0.5),
        ("pretrain.optimiser.lr=1e-3", ["pretrain", "optimiser", "lr"], "1e-3"),
        ("data.verse.sources.0.path=docs", ["data", "verse", "sources", 0, "path"], "docs"),
        ("data.verse.sources.1.path=2024", ["data", "verse", "sources", 1, "path"], "2024"),
        ("data.verse.sources.0.path=[x, y]", ["data", "verse", "sources", 0, "path"], ["x", "y"]),
        ("data.verse.sources.2.set=poetry", ["data", "verse", "sources", 2], {"set": "poetry"}),
        ("pretrain.frozen=['*.norm']", ["pretrain", "frozen"], ["*.norm"]),
        ("pretrain=null", ["pretrain"], None),
        ("name=a=b", ["name"], "a=b"),
        ("pretrain.prompts=[1: 2", ["pretrain", "prompts"], "[1: 2"),
    ],
)
def test_a_change_sets_what_it_names(change: str, path: list[Any], value: Any):
    found: Any = changed(TABLE, [change], Recipe)
    for part in path:
        found = found[part]
    assert found == value
    assert TABLE["pretrain"] == {"data": "verse", "minutes": 30}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("seed", "'seed' sets nothing"),
        ("=3", "sets nothing"),
        ("data.verse.sources.5.path=x", "'5' is no place in a list of 2"),
        ("data.verse.sources.one.path=x", "'one' is no place in a list of 2"),
        ("name.first=x", "'first' is below a value"),
    ],
)
def test_a_change_that_leads_nowhere_is_told(change: str, told: str):
    with pytest.raises(UsageError, match=told):
        changed(TABLE, [change], Recipe)


def test_numbers_with_an_exponent_are_numbers():
    whole = changed(TABLE, ["pretrain.tokens=3e6", "pretrain.minutes=0"], Recipe)
    spec = Recipe.model_validate(whole | {"pretrain": whole["pretrain"] | {"objective": "causal"}})
    assert spec.pretrain is not None
    assert spec.pretrain.tokens == 3_000_000


def test_a_recipe_is_found_by_path_or_by_name(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\n")
    assert locate(str(file)) == file
    assert locate("continue").name == "continue.yaml"


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("contineu", "did you mean 'continue'?"),
        ("zzz", "one of .*continue"),
        ("none.yaml", "there is no such recipe file"),
        ("./folder/none", "there is no such recipe file"),
    ],
)
def test_what_is_not_found_is_told(reference: str, told: str):
    with pytest.raises(NotFoundError, match=told):
        locate(reference)


def test_every_recipe_that_comes_with_zaohua_says_what_it_is_and_is_valid():
    offers = shipped()
    assert "continue" in [offer.name for offer in offers]
    for offer in offers:
        assert len(offer.about) > 20
        assert Recipe.model_validate(read_table(offer.path)).name == offer.name
