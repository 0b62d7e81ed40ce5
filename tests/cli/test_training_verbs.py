"""The verbs that make models, run in this process on a home that the tiny recipe has filled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import one_line
from tests.recipe.conftest import talk, texts, write_lines
from zaohua.cli.app import run as command_line

TINY = Path(__file__).parents[1] / "recipe" / "tiny.yaml"
SMALL = ("--set", "batch_tokens=256", "--set", "compile=off", "--set", "validate_every=1")
MODEL = ("--set", "model.width=64", "--set", "model.depth=1", "--set", "model.context=32")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the tiny recipe's files and a home in which two data sets are prepared."""
    folder, before = tmp_path_factory.mktemp("verbs"), Path.cwd()
    write_lines(folder / "texts.jsonl", texts())
    write_lines(folder / "talk.jsonl", talk())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZAOHUA_HOME", str(folder / "home"))
        os.chdir(folder)
        for name in ("texts", "talk"):
            prepared = ["--name", name, "--preset", "none", "--validation", "0.1"]
            assert command_line(["data", "prepare", f"{name}.jsonl", *prepared]) == 0
    yield folder
    os.chdir(before)


@pytest.fixture
def zaohua(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run one command line that must succeed; its stdout."""
    monkeypatch.setenv("ZAOHUA_HOME", str(place / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(place)

    def call(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        got = command_line(arguments)
        out, err = capsys.readouterr()
        assert got == code, err
        assert "Traceback" not in err
        return out if code == 0 else err

    return call


Zaohua = Callable[..., str]


def test_prepare_tells_what_it_made_and_what_comes_next(zaohua: Zaohua):
    said = zaohua("data", "prepare", "texts.jsonl", "--name", "again", "--preset", "none")
    assert "dataset/again@" in said
    assert said.endswith("next: zaohua data show again\n")


def test_prepare_takes_paths_sets_and_changes(zaohua: Zaohua):
    arguments = ("data", "prepare", "texts.jsonl", "talk.jsonl", "--name", "both", "--json")
    (made,) = json.loads(zaohua(*arguments, "--preset", "none", "--set", "validation=0.25"))
    report = json.loads(zaohua("data", "show", "both", "--json"))
    assert report["validation"]["share"] == 0.25
    assert report["totals"]["documents"] == 320 == made["figures"]["documents"]
    assert [source["label"] for source in report["sources"]] == ["texts.jsonl, talk.jsonl"]


def test_prepare_from_a_recipe_makes_all_its_data_under_the_recipes_name(zaohua: Zaohua):
    made = json.loads(zaohua("data", "prepare", str(TINY), "--json"))
    assert [one["name"] for one in made] == ["tiny-texts", "tiny-talk"]
    again = zaohua("data", "prepare", str(TINY), "--set", "talk.validation=0.2", "--json")
    assert [one["made_before"] for one in json.loads(again)] == [True, False]


def test_show_tells_steps_and_records(zaohua: Zaohua):
    said = zaohua("data", "show", "texts")
    assert "dataset/texts@" in said
    assert "STEP" in said
    assert "report.html" in said
    shown = zaohua("data", "show", "talk", "-n", "2")
    assert shown.count("── talk.jsonl ") == 2
    assert shown.count("assistant: ") == 2
    records = json.loads(zaohua("data", "show", "texts", "-n", "3", "--json"))
    assert len(records) == 3
    assert {"text", "source", "position"} <= records[0].keys()


def test_show_opens_the_page(zaohua: Zaohua, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    zaohua("data", "show", "texts", "--open")
    assert Path(opened[0]).name == "report.html"
    assert Path(opened[0]).is_file()


def test_show_tells_what_was_dropped_and_why(zaohua: Zaohua, place: Path):
    write_lines(place / "twice.jsonl", [*texts(20), *texts(20)])
    for name, more in (("kept", ["--keep-rejects"]), ("unkept", [])):
        zaohua("data", "prepare", "twice.jsonl", "--name", name, *more)
        said = zaohua("data", "show", name, "--rejects", "-n", "2")
        assert "── duplicates" in said
        found = json.loads(zaohua("data", "show", name, "--rejects", "-n", "2", "--json"))
        assert len(found["duplicates"]) == 2
    assert "duplicate" in zaohua("data", "show", "kept")
    assert zaohua("data", "show", "texts", "--rejects") == "nothing was dropped\n"


def test_list_tells_prepared_and_catalogued_data(zaohua: Zaohua):
    rows = {row["name"]: row for row in json.loads(zaohua("data", "list", "--json"))}
    assert rows["texts"]["state"] == "prepared"
    assert rows["texts"]["documents"] == 200
    assert rows["set:poetry"]["state"] == "available"
    assert rows["set:poetry"]["licence"] == "MIT"
    assert "set:reviews" in zaohua("data", "list")


@pytest.fixture(scope="module")
def trained(place: Path) -> dict[str, Any]:
    """A tokenizer, a pretrained and a fine-tuned checkpoint, and a model on the shelf."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZAOHUA_HOME", str(place / "home"))
        tokenizer = ["tokenizer", "train", "texts", "talk", "--name", "bpe", "--vocab-size", "350"]
        assert command_line(tokenizer) == 0
        base = ["--data", "texts", "--tokenizer", "bpe", "--steps", "2", "--name", "base"]
        assert command_line(["pretrain", *base, *SMALL, *MODEL]) == 0
        tuned = ["--data", "talk", "--start", "base", "--epochs", "1", "--name", "tuned"]
        assert command_line(["finetune", *tuned, *SMALL]) == 0
        assert command_line(["models", "export", "tuned", "--gguf", "--out", "out"]) == 0
    return {"out": place / "out"}


def test_the_verbs_one_after_the_other_make_a_model_that_is_served(
    trained: dict[str, Any], zaohua: Zaohua
):
    rows = {row["name"]: row for row in json.loads(zaohua("models", "list", "--json"))}
    assert rows["tuned"]["state"] == "installed"
    assert (trained["out"] / "tuned.gguf").read_bytes()[:4] == b"GGUF"
    assert "FROM ./tuned.gguf" in (trained["out"] / "Modelfile").read_text()
    said = zaohua("generate", "-m", "tuned", "--json", "--max-tokens", "3", "床前")
    assert json.loads(said)["usage"]["completion_tokens"] <= 3


def test_lineage_goes_from_the_model_to_the_files(trained: dict[str, Any], zaohua: Zaohua):
    tree = json.loads(zaohua("lineage", "tuned", "--json"))
    assert tree["reference"].startswith("model/tuned@")
    (tuned,) = tree["from"]
    assert tuned["reference"].startswith("checkpoint/tuned@")
    kinds = {source["reference"].partition("/")[0] for source in tuned["from"]}
    assert kinds >= {"dataset", "checkpoint"}
    said = zaohua("lineage", "tuned")
    for part in ("model/tuned@", "checkpoint/base@", "tokenizer/bpe@", "file:texts.jsonl#"):
        assert part in said
    assert "see above" in said
    assert zaohua("lineage", "checkpoint/tuned").startswith("checkpoint/tuned@")


def test_lineage_alone_lists_everything(trained: dict[str, Any], zaohua: Zaohua):
    rows = json.loads(zaohua("lineage", "--json"))
    kinds = {row["reference"].partition("/")[0] for row in rows}
    assert kinds >= {"dataset", "tokenizer", "tokens", "checkpoint", "model"}
    assert "checkpoint/base@" in zaohua("lineage")


def test_lineage_says_what_is_gone(trained: dict[str, Any], zaohua: Zaohua, place: Path):
    from zaohua.store.artefacts import Artefacts

    zaohua("data", "prepare", "texts.jsonl", "--name", "brief", "--preset", "none")
    zaohua("tokenizer", "train", "brief", "--name", "orphan", "--vocab-size", "330")
    artefacts = Artefacts(place / "home")
    artefacts.delete(artefacts.require("dataset", "brief").reference)
    assert json.loads(zaohua("lineage", "orphan", "--json"))["from"][0]["state"] == "gone"
    assert "· gone" in zaohua("lineage", "orphan")


def test_the_stages_of_a_recipe_run_by_their_verbs(zaohua: Zaohua):
    recipe = str(TINY)
    zaohua("data", "prepare", recipe)
    (made,) = json.loads(zaohua("tokenizer", "train", recipe, "--json"))
    assert made["name"] == "tiny"
    arguments = ("pretrain", recipe, "--steps", "1", "--set", "batch_tokens=128", "--json")
    (made,) = json.loads(zaohua(*arguments))
    assert (made["name"], made["figures"]["steps"]) == ("tiny-pretrain", 1)
    again = json.loads(
        zaohua(
            *("run", recipe, "--only", "pretrain", "--set", "pretrain.steps=1"),
            *("--set", "pretrain.batch_tokens=128", "--json"),
        )
    )
    assert again["stages"][0]["made_before"] is True


def test_run_lists_recipes_and_plans(zaohua: Zaohua):
    offers = json.loads(zaohua("run", "--list", "--json"))
    assert "continue" in [offer["name"] for offer in offers]
    assert "continue" in zaohua("run", "--list")
    steps = json.loads(zaohua("run", str(TINY), "--dry-run", "--json"))
    assert [step["stage"] for step in steps][:3] == ["data.texts", "data.talk", "tokenizer"]
    assert "131,520 parameters" in zaohua("run", str(TINY), "--dry-run")
    sources = "data.documents.sources.0.path=texts.jsonl"
    assert "smollm2-135m" in zaohua("run", "continue", "--dry-run", "--set", sources)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("run",), 2, "there is no recipe to run"),
        (("run", "poett"), 1, "there is no recipe 'poett'"),
        (("run", "gone.yaml"), 1, "there is no such recipe file"),
        (("run", str(TINY), "--only", "tokeniser"), 2, "did you mean 'tokenizer'?"),
        (("run", str(TINY), "--set", "pretrain.lr=1"), 2, "did you mean 'optimiser.lr'?"),
        (("run", str(TINY), "--set", "pretrain"), 2, "'pretrain' sets nothing"),
        (("data", "prepare", "texts.jsonl"), 2, "the data set has no name"),
        (("data", "prepare", "gone", "--name", "x"), 2, "no such file, folder or match (gone)"),
        (("data", "prepare", "set:poems", "--name", "x"), 2, "poems"),
        (("data", "prepare", "texts.jsonl", "--name", "X y"), 2, "'X y' cannot be a name"),
        (("data", "prepare", "texts.jsonl", "--name", "x", "--preset", "verses"), 2, "'verse'"),
        (("data", "prepare", str(TINY), "--name", "x"), 2, "--name cannot be given beside"),
        (("data", "show", "text"), 1, "did you mean texts"),
        (("tokenizer", "train", "texts"), 2, "the tokenizer has no name"),
        (("tokenizer", "train", "gone", "--name", "x"), 2, "there is no data set 'gone'"),
        (("pretrain",), 2, "there is nothing to train on"),
        (("pretrain", "poets"), 1, "there is no recipe 'poets': did you mean 'poet'?"),
        (("pretrain", "--data", "texts"), 2, "its length is one of"),
        (("pretrain", "--data", "texts", "--steps", "1"), 2, "a new model needs a tokenizer"),
        (("finetune", str(TINY), "--name", "x"), 2, "--name cannot be given beside a recipe"),
        (("finetune", "--data", "talk", "--start", "nil", "--steps", "1"), 2, "no model 'nil'"),
        (("models", "export", "gone"), 1, "there is no model named 'gone'"),
        (("models", "export", "base", "--quant", "q9"), 2, "'q9' is no format"),
        (("lineage", "tuend"), 1, "did you mean tuned?"),
        (("lineage", "dataset/gone"), 1, "nothing is named 'dataset/gone'"),
    ],
)
def test_what_is_wrong_is_one_line(
    trained: dict[str, Any], zaohua: Zaohua, arguments: tuple[str, ...], code: int, told: str
):
    assert told in one_line(zaohua(*arguments, code=code))


BLOCKED = ("torch", "transformers", "tokenizers", "yaml", "zstandard", "xxhash", "gguf", "rensa")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", str(TINY)),
        ("run", "continue", "--dry-run"),
        ("data", "prepare", "README.md", "--name", "x"),
        ("tokenizer", "train", "texts", "--name", "x"),
        ("pretrain", "--data", "texts", "--steps", "1"),
        ("finetune", str(TINY)),
        ("models", "export", "base"),
    ],
)
def test_without_the_extra_there_is_one_line_that_says_how_to_get_it(
    arguments: tuple[str, ...], place: Path, trained: dict[str, Any]
):
    done = without_extra(arguments, place)
    assert done.returncode == 1, done.stderr
    assert "pip install 'zaohua[train]'" in one_line(done.stderr)


@pytest.mark.parametrize("arguments", [("run", "--list"), ("data", "list"), ("lineage",)])
def test_what_needs_no_extra_works_without_it(arguments: tuple[str, ...], place: Path):
    done = without_extra(arguments, place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def without_extra(arguments: tuple[str, ...], place: Path) -> subprocess.CompletedProcess[str]:
    block = f"import sys; sys.modules.update(dict.fromkeys({BLOCKED!r}))"
    code = f"{block}; from zaohua.cli.app import run; sys.exit(run({list(arguments)!r}))"
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ZAOHUA_HOME": str(place / "home")},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
