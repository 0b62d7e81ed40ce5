"""Artefacts are made once, survive kills, and say what is wrong with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.store.conftest import Remembered
from zaohua.errors import IntegrityError, NotFoundError, UsageError
from zaohua.progress import Silent
from zaohua.store.artefacts import Artefact, Artefacts, Kind
from zaohua.store.work import Work

MAKER = """
import sys, time
from pathlib import Path
from zaohua.progress import Silent
from zaohua.store.artefacts import Artefact, Artefacts

class Told(Silent):
    def note(self, text): print("note", text, flush=True)

home, seconds = Path(sys.argv[1]), float(sys.argv[2])
with Artefacts(home).make("dataset", "poems", inputs=[], recipe={"n": 1}, progress=Told()) as work:
    if isinstance(work, Artefact):
        print("got", work.reference, flush=True)
    else:
        old = (work.path / "first.txt").read_text() if work.resumed else ""
        (work.path / "first.txt").write_text(old + "x")
        print("making", work.path, flush=True)
        time.sleep(seconds)
        (work.path / "second.txt").write_text(old + "y")
"""


@pytest.fixture
def artefacts(tmp_path: Path) -> Artefacts:
    return Artefacts(tmp_path / "home")


def made(
    artefacts: Artefacts,
    name: str = "poems",
    text: str = "床前明月光",
    *,
    kind: Kind = "dataset",
    inputs: Sequence[str] = (),
    recipe: Mapping[str, Any] | None = None,
) -> Artefact:
    """Make one, its only file holding ``text``; the recipe is the text unless one is given."""
    recipe = {"text": text} if recipe is None else recipe
    with artefacts.make(kind, name, inputs=inputs, recipe=recipe, progress=Silent()) as work:
        if isinstance(work, Artefact):
            return work
        (work.path / "part").mkdir(exist_ok=True)
        (work.path / "part" / "a.txt").write_text(text, "utf-8")
        work.metrics["records"] = 1
        work.details["preset"] = "verse"
        work.licence = "MIT"
    return artefacts.require(kind, f"{name}@{work.version}")


def test_what_was_made_is_found_with_all_that_was_said_of_it(artefacts: Artefacts):
    made(artefacts, inputs=["file:/a.txt#00"])
    found = artefacts.require("dataset", "poems")
    assert (found.path / "part" / "a.txt").read_text("utf-8") == "床前明月光"
    manifest = found.manifest
    assert [(f.path, f.size) for f in manifest.files] == [("part/a.txt", 15)]
    assert (manifest.metrics, manifest.details) == ({"records": 1}, {"preset": "verse"})
    assert (manifest.licence, manifest.inputs) == ("MIT", ("file:/a.txt#00",))
    assert manifest.recipe == {"text": "床前明月光"}
    assert found.reference == f"dataset/poems@{manifest.version}"
    assert artefacts.resolve(found.reference) == found
    assert artefacts.find("dataset", f"poems@{manifest.version[:4]}") == found
    assert artefacts.verify(found) == []


def test_the_same_again_is_not_made_again(artefacts: Artefacts):
    recipe = {"b": 2, "a": [1, "二"]}
    first = made(artefacts, recipe=recipe)
    turned = {"a": [1, "二"], "b": 2}
    with artefacts.make("dataset", "poems", inputs=[], recipe=turned, progress=Silent()) as work:
        assert work == first
    assert artefacts.made("dataset", "poems", inputs=[], recipe=turned) == first


@pytest.mark.parametrize("other", ["kind", "inputs", "recipe"])
def test_another_kind_input_or_recipe_is_another_version(artefacts: Artefacts, other: str):
    first = made(artefacts)
    changed: dict[str, Any] = {
        "kind": {"kind": "tokens", "recipe": first.manifest.recipe},
        "inputs": {"inputs": ["dataset/x@1"], "recipe": first.manifest.recipe},
        "recipe": {"recipe": {"text": "other"}},
    }[other]
    second = made(artefacts, text="other", **changed)
    assert second.manifest.version != first.manifest.version


def test_the_version_asked_for_last_is_the_one_in_use(artefacts: Artefacts):
    old, new = made(artefacts, text="old"), made(artefacts, text="new")
    assert artefacts.find("dataset", "poems") == new
    assert made(artefacts, text="old") == old
    assert artefacts.find("dataset", "poems") == old
    assert artefacts.versions("dataset", "poems") == [old, new]


def test_a_broken_block_is_gone_on_with_in_its_folder(artefacts: Artefacts):
    def attempt(fail: bool) -> bool:
        with artefacts.make("dataset", "poems", inputs=[], recipe={}, progress=Silent()) as work:
            assert not isinstance(work, Artefact)
            resumed = work.resumed
            with (work.path / "log.txt").open("a") as file:
                file.write("again\n")
            if fail:
                raise ValueError("no more ink")
        return resumed

    with pytest.raises(ValueError, match="no more ink"):
        attempt(fail=True)
    assert artefacts.find("dataset", "poems") is None
    assert list(artefacts.all()) == []
    assert attempt(fail=False)
    whole = artefacts.require("dataset", "poems")
    assert (whole.path / "log.txt").read_text() == "again\nagain\n"


def maker(home: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MAKER, str(home), str(seconds)], stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_a_kill_left_half_written_is_no_part_of_it(artefacts: Artefacts):
    def begun() -> AbstractContextManager[Work | Artefact]:
        return artefacts.make("tokens", "poems", inputs=[], recipe={}, progress=Silent())

    with pytest.raises(KeyboardInterrupt), begun() as work:
        (work.path / "whole.txt").write_text("whole")
        (work.path / ".shard.npy.x1y2.part").write_text("ha")
        (work.path / "deep" / ".step-7.part").mkdir(parents=True)
        raise KeyboardInterrupt
    with begun() as work:
        assert isinstance(work, Work)
        assert work.resumed
    assert [file.path for file in artefacts.require("tokens", "poems").manifest.files] == [
        "whole.txt"
    ]


def test_of_two_makers_one_makes_and_the_other_gets_it(tmp_path: Path):
    with maker(tmp_path, 1.5) as first:
        assert said(first).startswith("making")
        with maker(tmp_path, 0) as second:
            assert said(second) == "note another process is busy with dataset poems; waiting for it"
            assert said(second).startswith("got dataset/poems@")
    assert (first.returncode, second.returncode) == (0, 0)
    whole = Artefacts(tmp_path).require("dataset", "poems")
    assert (whole.path / "first.txt").read_text() == "x"


def test_kill_9_leaves_the_work_and_the_next_goes_on(tmp_path: Path):
    first = maker(tmp_path, 60)
    assert said(first).startswith("making")
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    artefacts = Artefacts(tmp_path)
    assert artefacts.find("dataset", "poems") is None
    second = maker(tmp_path, 0)
    out, _ = second.communicate(timeout=20)
    assert (second.returncode, out.startswith("making")) == (0, True)
    whole = artefacts.require("dataset", "poems")
    assert (whole.path / "first.txt").read_text() == "xx"
    assert (whole.path / "second.txt").read_text() == "xy"
    assert artefacts.verify(whole) == []


def test_a_crash_before_current_is_written_loses_nothing(artefacts: Artefacts):
    old = made(artefacts, text="old")
    time.sleep(0.01)
    new = made(artefacts, text="new")
    current = new.path.parent / "current"
    assert current.read_text() == f"{new.manifest.version}\n"
    current.unlink()
    assert artefacts.find("dataset", "poems") == new
    current.write_text("ffffffffffff\n")
    assert artefacts.find("dataset", "poems") == new
    assert made(artefacts, text="old") == old
    assert artefacts.find("dataset", "poems") == old


@pytest.mark.parametrize("damage", ["changed", "missing", "added"])
def test_damage_is_found(artefacts: Artefacts, damage: str):
    whole = made(artefacts)
    file = whole.path / "part" / "a.txt"
    if damage == "changed":
        file.write_bytes(file.read_bytes()[::-1])
    elif damage == "missing":
        file.unlink()
    else:
        (whole.path / "b.txt").write_text("b")
    expected = {
        "changed": ["part/a.txt is changed"],
        "missing": ["part/a.txt is missing"],
        "added": ["b.txt is not part of it"],
    }
    assert artefacts.verify(whole) == expected[damage]


def test_what_has_lost_a_file_is_made_again(artefacts: Artefacts, told: Remembered):
    whole = made(artefacts)
    (whole.path / "part" / "a.txt").unlink()
    recipe = whole.manifest.recipe
    with artefacts.make("dataset", "poems", inputs=[], recipe=recipe, progress=told) as work:
        assert not isinstance(work, Artefact)
        (work.path / "a.txt").write_text("new")
    assert told.said("dataset poems is damaged; making it again")
    assert artefacts.verify(artefacts.require("dataset", "poems")) == []


def test_a_damaged_manifest_is_told_with_its_folder(artefacts: Artefacts):
    whole = made(artefacts)
    (whole.path / "manifest.json").write_text('{"kind":')
    with pytest.raises(IntegrityError, match="the manifest is damaged") as caught:
        artefacts.require("dataset", "poems")
    assert caught.value.mend == f"delete {whole.path} and make it again"
    assert list(artefacts.all()) == []
    assert made(artefacts).manifest.version == whole.manifest.version


def test_a_missing_one_is_told_with_the_nearest_names_and_the_verb(artefacts: Artefacts):
    made(artefacts, "poems")
    made(artefacts, "reviews")
    with pytest.raises(NotFoundError) as caught:
        artefacts.require("dataset", "poem")
    assert caught.value.line() == (
        "there is no dataset 'poem': did you mean poems? 'zaohua data prepare' makes one"
    )
    with pytest.raises(NotFoundError, match="'zaohua tokenizer train' makes one"):
        artefacts.require("tokenizer", "poems")


@pytest.mark.parametrize("name", ["", "Poems", "../poems", "a/b", "con", "poems@f", "x" * 999])
def test_what_can_be_no_name_is_not_found(artefacts: Artefacts, name: str):
    made(artefacts, "other")
    assert artefacts.find("dataset", name) is None
    assert artefacts.resolve(f"dataset/{name}") is None
    assert artefacts.resolve(f"nothing/{name}") is None


def test_what_can_be_no_name_is_not_made(artefacts: Artefacts):
    with pytest.raises(UsageError, match="cannot be a name"):
        made(artefacts, "../../etc")


def test_an_ambiguous_version_is_not_guessed(artefacts: Artefacts):
    versions = [made(artefacts, text=str(n)).manifest.version for n in range(17)]
    shared = next(d for d in "0123456789abcdef" if sum(v[0] == d for v in versions) > 1)
    assert artefacts.find("dataset", f"poems@{shared}") is None


def test_all_lists_every_version_of_every_kind(artefacts: Artefacts):
    one, two = made(artefacts, text="1"), made(artefacts, text="2")
    three = made(artefacts, "bpe", kind="tokenizer")
    assert list(artefacts.all()) == [one, two, three]
    assert list(artefacts.all("tokenizer")) == [three]


def test_delete_frees_one_version_and_puts_the_newest_other_in_use(artefacts: Artefacts):
    old, new = made(artefacts, text="old"), made(artefacts, text="new")
    size = sum(p.stat().st_size for p in new.path.rglob("*") if p.is_file())
    assert artefacts.delete(new.reference) == size
    assert artefacts.find("dataset", "poems") == old
    artefacts.delete(old.reference)
    assert artefacts.find("dataset", "poems") is None
    assert not (artefacts.folder / "dataset" / "poems").exists()


def test_long_hashing_is_shown(
    artefacts: Artefacts, told: Remembered, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("zaohua.store.work.NOTICEABLE_BYTES", 10)
    whole = made(artefacts)
    assert artefacts.verify(whole, told) == []
    assert told.steps == [("checking dataset poems", 15)]
    assert sum(told.amounts) == 15
