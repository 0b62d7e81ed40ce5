"""Recipes really run: every stage on small files, skipped when made, gone on with when broken."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recipe.conftest import talk, texts, write_lines
from tests.store.conftest import Remembered
from zaohua.errors import NotFoundError, UsageError
from zaohua.recipe import Run, plan, run
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.lineage import lineage
from zaohua.store.models import find

LABELS = ["data.texts", "data.talk", "tokenizer", "pretrain", "finetune", "export", "evaluate.0"]
RECIPE = Path(__file__).with_name("tiny.yaml")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny recipe's files."""
    folder = tmp_path_factory.mktemp("tiny")
    write_lines(folder / "texts.jsonl", texts())
    write_lines(folder / "talk.jsonl", talk())
    return folder


@pytest.fixture(autouse=True)
def _here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    return place / "home"


@pytest.fixture(scope="module")
def whole(place: Path, home: Path) -> Iterator[Run]:
    """The tiny recipe, run from start to end once."""
    before = Path.cwd()
    os.chdir(place)
    yield run(str(RECIPE), settings=Settings(home=home))
    os.chdir(before)


@pytest.fixture
def made(whole: Run, home: Path) -> Settings:
    """Settings of the home in which the recipe has been run."""
    return Settings(home=home)


@pytest.fixture
def copy(whole: Run, home: Path, tmp_path: Path) -> Settings:
    """The same in a home of the test's own."""
    shutil.copytree(home, tmp_path / "copy")
    return Settings(home=tmp_path / "copy")


def test_every_stage_runs_and_makes_what_it_says(whole: Run, made: Settings):
    assert [outcome.stage.label for outcome in whole.outcomes] == LABELS
    assert not any(outcome.skipped for outcome in whole.outcomes)
    assert [outcome.reference.partition("@")[0] for outcome in whole.outcomes[:6]] == [
        "dataset/tiny-texts",
        "dataset/tiny-talk",
        "tokenizer/tiny",
        "checkpoint/tiny-pretrain",
        "checkpoint/tiny-finetune",
        "model/tiny",
    ]
    artefacts = Artefacts(made.home)
    for outcome in whole.outcomes:
        if isinstance(outcome.made, Artefact):
            assert artefacts.verify(outcome.made) == []
    assert find(made, "tiny", verify=True).metadata["architecture"] == "qwen3"
    assert whole.next_command == "zaohua serve -m tiny"


def test_what_is_made_goes_into_what_is_made_from_it(whole: Run, made: Settings):
    by_label = {outcome.stage.label: outcome for outcome in whole.outcomes}
    references = {label: outcome.reference for label, outcome in by_label.items()}
    artefacts = Artefacts(made.home)
    finetuned = artefacts.require("checkpoint", "tiny-finetune").manifest.inputs
    assert references["pretrain"] in finetuned
    assert references["data.talk"] in finetuned
    pretrained = artefacts.require("checkpoint", "tiny-pretrain").manifest.inputs
    assert {references["data.texts"], references["tokenizer"]} <= set(pretrained)
    tree = json.dumps(lineage("tiny", made).as_json())
    for label in LABELS[:6]:
        assert references[label] in tree
    assert "file:texts.jsonl#" in tree


def test_training_taught_something(whole: Run):
    figures = {outcome.stage.label: outcome.figures for outcome in whole.outcomes}
    assert figures["pretrain"]["steps"] == 6
    assert figures["evaluate.0"]["bits_per_byte"] == pytest.approx(
        figures["pretrain"]["bits_per_byte"], rel=0.05
    )


def test_the_report_links_the_cards_of_all_stages(whole: Run):
    assert whole.report is not None
    page = (whole.report.path / "report.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert len(links) == 6
    assert all((whole.report.path / link).is_file() for link in links)
    assert not any(link.endswith("manifest.json") for link in links)
    assert all(f"| {label} |" in page for label in LABELS)
    report = json.loads((whole.report.path / "report.json").read_bytes())
    assert [stage["stage"] for stage in report["stages"]] == LABELS
    assert whole.report.manifest.inputs == tuple(o.reference for o in whole.outcomes)


def test_a_second_run_makes_nothing(whole: Run, made: Settings, told: Remembered):
    again = run(str(RECIPE), settings=made, progress=told)
    assert all(outcome.skipped for outcome in again.outcomes)
    assert [o.reference for o in again.outcomes] == [o.reference for o in whole.outcomes]
    assert again.report == whole.report
    assert told.notes[0] == "[1/7] data tiny-texts (preset none) from texts.jsonl"
    assert sum(note.startswith("made before, on ") for note in told.notes) == len(LABELS)


def test_a_change_runs_the_stage_and_those_made_from_it(copy: Settings):
    again = run(str(RECIPE), settings=copy, changes=["finetune.steps=2"])
    ran = [outcome.stage.label for outcome in again.outcomes if not outcome.skipped]
    assert ran == ["finetune", "export"]


def test_the_plan_tells_what_would_run(made: Settings):
    steps = plan(str(RECIPE), settings=made, changes=["finetune.steps=3"])
    assert {step.stage.label: step.state for step in steps} == {
        "data.texts": "made before",
        "data.talk": "made before",
        "tokenizer": "made before",
        "pretrain": "made before",
        "finetune": "runs",
        "export": "runs",
        "evaluate.0": "made before",
    }
    sizes = next(step.sizes for step in steps if step.stage.label == "pretrain")
    assert sizes.startswith("131,520 parameters: width 64, depth 2")
    assert next(step for step in steps if step.stage.label == "finetune").origins == (
        "tiny-talk",
        "tiny-pretrain",
    )


def test_a_plan_makes_nothing(settings: Settings, place: Path):
    steps = plan(str(RECIPE), settings=settings)
    assert {step.state for step in steps} == {"runs"}
    assert not settings.home.exists()


def test_one_stage_alone_takes_what_the_others_made(copy: Settings):
    done = run(str(RECIPE), settings=copy, only="finetune", changes=["finetune.steps=1"])
    assert [(o.stage.label, o.skipped) for o in done.outcomes] == [("finetune", False)]
    assert done.report is None
    assert done.next_command == "zaohua lineage tiny-finetune"


def test_from_a_stage_on_takes_what_came_before(made: Settings):
    done = run(str(RECIPE), settings=made, since="export")
    assert [o.stage.label for o in done.outcomes] == ["export", "evaluate.0"]


def test_all_data_sets_or_one_can_be_chosen(settings: Settings):
    done = run(str(RECIPE), settings=settings, only="data.talk")
    assert [o.stage.label for o in done.outcomes] == ["data.talk"]
    done = run(str(RECIPE), settings=settings, only="data")
    assert [(o.stage.label, o.skipped) for o in done.outcomes] == [
        ("data.texts", False),
        ("data.talk", True),
    ]


def test_a_stage_whose_sources_are_not_made_says_which(settings: Settings):
    with pytest.raises(NotFoundError, match=r"stage 'data\.texts' has not been run yet"):
        run(str(RECIPE), settings=settings, only="tokenizer")
    with pytest.raises(NotFoundError, match="stage 'finetune' has not been run yet"):
        run(str(RECIPE), settings=settings, only="export")


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"only": "pretrian"}, "there is no stage 'pretrian': did you mean 'pretrain'?"),
        ({"since": "align"}, "there is no stage 'align': there are data.texts"),
        ({"only": "export", "changes": ["export=null"]}, "'tiny' has no stage 'export'"),
        ({"only": "data", "since": "export"}, "cannot be given together"),
    ],
)
def test_a_stage_that_is_not_there_is_told(settings: Settings, chosen: dict[str, str], told: str):
    with pytest.raises(UsageError) as caught:
        run(str(RECIPE), settings=settings, **chosen)  # type: ignore[arg-type]
    assert told in caught.value.line()


def test_data_that_a_later_stage_cannot_use_is_told_as_soon_as_it_is_made(settings: Settings):
    changes = ["data.talk.sources.0.path=texts.jsonl"]
    with pytest.raises(UsageError) as caught:
        run(str(RECIPE), settings=settings, changes=changes)
    assert caught.value.what == "finetune: chat needs conversations, 'tiny-talk' has only text"
    assert Artefacts(settings.home).find("tokenizer", "tiny") is None
    with pytest.raises(UsageError, match=r"finetune\.data: chat needs conversations"):
        run(str(RECIPE), settings=settings, changes=["finetune.data=tiny-texts"])


def test_ctrl_c_says_how_to_go_on(settings: Settings, told: Remembered):
    class Stops(Remembered):
        def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
            raise KeyboardInterrupt

    stops = Stops()
    with pytest.raises(KeyboardInterrupt):
        run(str(RECIPE), settings=settings, progress=stops)
    assert stops.notes[-1] == f"stopped; 'zaohua run {RECIPE}' goes on from there"


LONG = ("pretrain.steps=24", "pretrain.checkpoint_minutes=0.001")


def start(home: Path, *changes: str) -> subprocess.Popen[str]:
    sets = [part for change in changes for part in ("--set", change)]
    return subprocess.Popen(
        [sys.executable, "-m", "zaohua", "run", str(RECIPE), "--only", "pretrain", *sets],
        env=os.environ | {"ZAOHUA_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def checkpoints(home: Path) -> list[Path]:
    return [*home.glob("artefacts/checkpoint/tiny-pretrain/.*.work/checkpoints/*")]


@pytest.fixture(scope="module")
def unbroken(whole: Run, home: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The weights of the longer run, not stopped, in a home of its own."""
    own = tmp_path_factory.mktemp("unbroken") / "home"
    shutil.copytree(home, own)
    return finished(own)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_training_the_same_command_ends_as_if_unbroken(
    copy: Settings, unbroken: set[str], sent: signal.Signals
):
    process = start(copy.home, *LONG)
    end = time.monotonic() + 100
    while not checkpoints(copy.home) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(sent)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == (130 if sent == signal.SIGINT else -sent), said
    if sent == signal.SIGINT:
        assert "the same command goes on from there" in said
    artefacts = Artefacts(copy.home)
    before = artefacts.require("checkpoint", "tiny-pretrain").manifest
    assert before.metrics["steps"] == 6
    assert finished(copy.home) == unbroken


def finished(home: Path) -> set[str]:
    """The weights of the longer run, which goes on to its end in a process of its own: what tests
    before left in this one can change how sums are rounded."""
    process = start(home, *LONG)
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 0, said
    made = Artefacts(home).require("checkpoint", "tiny-pretrain").manifest
    assert made.metrics["steps"] == 24
    return {file.sha256 for file in made.files if file.path.endswith(".safetensors")}
