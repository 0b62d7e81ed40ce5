from __future__ import annotations

import json
import math
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.data.tokens.corpus import dataset, text_records, texts
from tests.train.forking import ended, in_a_process
from tests.train.homes import SMALL, Notes, furnish, spec
from zaohua.data.tokens import encode, rows
from zaohua.errors import NotFoundError, UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.train import pretrain, pretrain_made


def _history(artefact: Artefact) -> list[dict[str, Any]]:
    lines = (artefact.path / "history.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def _losses(artefact: Artefact) -> list[float]:
    return [entry["loss"] for entry in _history(artefact)]


@pytest.fixture(scope="module")
def plain(furnished: Settings) -> Artefact:
    return pretrain("plain", spec(), settings=furnished)


def test_a_million_parameters_learn_a_small_text_by_heart(settings: Settings) -> None:
    furnish(settings)
    poem = text_records(texts(4, seed=9))
    dataset(settings, "heart", poem, poem)
    told = Notes()
    made = pretrain(
        "heart",
        spec(data="heart", model={"size": "nano", "context": 64}, steps=50, batch_tokens=256),
        settings=settings,
        progress=told,
    )
    assert made.manifest.details["parameters"] > 8e5
    assert made.manifest.metrics["loss"] < 0.1
    assert made.manifest.metrics["bits_per_byte"] < 0.1
    opening, output = told.lines[-1].partition(": ")[2].split(" → ")
    said = " ".join((opening + output).split())
    everything = " ".join("".join(record.text for record in poem).split())
    assert said[:40].replace(" ", "") in everything.replace(" ", "")


def test_training_begins_at_the_loss_of_guessing(plain: Artefact) -> None:
    first = _history(plain)[0]
    tokens = len(AutoTokenizer.from_pretrained(plain.path))
    assert (first["kind"], first["step"]) == ("validation", 0)
    assert first["loss"] == pytest.approx(math.log(tokens), rel=0.05)


def test_every_parameter_learns_although_validation_came_first(
    furnished: Settings, plain: Artefact
) -> None:
    one = pretrain("one-step", spec(steps=1, optimiser={"lr": 1e-12}), settings=furnished)
    before, after = load_file(one.path / "model.safetensors"), load_file(_weights(plain))
    moved = {name: (after[name] - before[name]).abs().max().item() for name in before}
    assert before.keys() == after.keys()
    assert all(change > 1e-5 for change in moved.values()), moved


def test_the_checkpoint_is_plain_transformers_and_has_the_loss_told(
    furnished: Settings, plain: Artefact
) -> None:
    """Computed anew without any of our code: dropout off, nothing shifted twice, no token lost."""
    dropped = pretrain("dropped", spec(dropout=0.4, steps=3), settings=furnished)
    for made in (plain, dropped):
        model = AutoModelForCausalLM.from_pretrained(made.path).eval()
        data = Artefacts(furnished.home).require("dataset", "mixed")
        tokenizer = Artefacts(furnished.home).require("tokenizer", "mixed")
        validation = rows(encode(data, tokenizer, "text", settings=furnished), "validation", 64)
        total, count = 0.0, 0
        for number in range(len(validation)):
            row = validation[number]
            taught = torch.from_numpy(row.targets != -100)
            with torch.no_grad():
                logits = model(input_ids=torch.from_numpy(row.tokens)[None]).logits[0]
            targets = torch.from_numpy(row.targets)[taught]
            total += torch.nn.functional.cross_entropy(
                logits[taught].double(), targets, reduction="sum"
            ).item()
            count += len(targets)
        assert made.manifest.metrics["loss"] == pytest.approx(total / count, rel=1e-5)
        assert model.config.attention_dropout == 0


def test_tied_weights_are_saved_once(plain: Artefact) -> None:
    with safe_open(_weights(plain), "pt") as file:
        names = list(file.keys())
    assert "model.embed_tokens.weight" in names
    assert not [name for name in names if "lm_head" in name]
    model = AutoModelForCausalLM.from_pretrained(plain.path)
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_asking_again_gives_what_is_made(furnished: Settings, plain: Artefact) -> None:
    assert pretrain_made("plain", spec(), settings=furnished) == plain
    assert pretrain("plain", spec(), settings=furnished) == plain
    assert pretrain_made("plain", spec(steps=7), settings=furnished) is None
    full = spec(data=_versioned(furnished, "dataset"), tokenizer=_versioned(furnished, "tokenizer"))
    assert pretrain_made("plain", full, settings=furnished) == plain


def test_lineage_and_what_later_runs_inherit_are_in_the_manifest(plain: Artefact) -> None:
    manifest = plain.manifest
    kinds = [reference.partition("/")[0] for reference in manifest.inputs]
    assert kinds == ["dataset", "tokenizer"]
    assert manifest.licence == "CC0-1.0"
    assert manifest.details["context"] == 64
    assert manifest.details["batch_tokens"] == 512
    assert manifest.recipe["steps"] == 6
    assert "checkpoints" not in {path.name for path in plain.path.iterdir()}


def test_the_same_seed_gives_the_same_weights_whatever_is_sampled(
    furnished: Settings, plain: Artefact
) -> None:
    other = pretrain("other", spec(prompts=["the river", "空山"]), settings=furnished)
    assert _losses(other) == _losses(plain)
    assert _weights(other).read_bytes() == _weights(plain).read_bytes()
    seeded = pretrain("seeded", spec(seed=2), settings=furnished)
    assert _losses(seeded)[0] != _losses(plain)[0]


def test_a_killed_run_goes_on_as_if_it_had_not_been(furnished: Settings) -> None:
    run = spec(steps=16, checkpoint_minutes=1e-6, validate_every=0.25, dropout=0.1)
    whole = pretrain("whole", run, settings=furnished)
    child = in_a_process(lambda: pretrain("broken", run, settings=furnished))
    folder = _work_folder(furnished, "broken")
    _wait((folder / "checkpoints" / "step-00000007").exists)
    child.kill()
    assert ended(child) == -signal.SIGKILL
    assert pretrain_made("broken", run, settings=furnished) is None
    told = Notes()
    resumed = pretrain("broken", run, settings=furnished, progress=told)
    assert any(line.startswith("going on from step") for line in told.lines)
    assert _losses(resumed) == _losses(whole)
    assert _weights(resumed).read_bytes() == _weights(whole).read_bytes()
    assert (resumed.path / "samples.jsonl").read_text() == (
        whole.path / "samples.jsonl"
    ).read_text()


WRONG = {
    "no length is given": {"steps": 0},
    "steps and epochs are all given": {"epochs": 1},
    "objective causal needs a decoder": {"model": {**SMALL, "layout": "bert"}},
    "objective masked needs an encoder": {"objective": "masked"},
    "a new model needs a tokenizer": {"tokenizer": ""},
    "embedding_lr is for muon": {"optimiser": {"name": "adamw", "embedding_lr": 0.1}},
}


@pytest.mark.parametrize("line", WRONG)
def test_what_cannot_work_is_said_in_one_line(furnished: Settings, line: str) -> None:
    with pytest.raises(UsageError, match=line) as caught:
        pretrain("wrong", spec(**WRONG[line]), settings=furnished)
    assert "\n" not in caught.value.line()


def test_all_problems_are_in_the_line(furnished: Settings) -> None:
    several = spec(steps=0, tokenizer="", objective="masked")
    with pytest.raises(UsageError) as caught:
        pretrain("wrong", several, settings=furnished)
    assert caught.value.line().count(";") == 2


def test_unknown_names_are_not_found(furnished: Settings) -> None:
    for changes in ({"data": "mixd"}, {"tokenizer": "mixd"}):
        with pytest.raises(NotFoundError, match="mixed"):
            pretrain("wrong", spec(**changes), settings=furnished)


def test_data_without_validation_is_refused(furnished: Settings) -> None:
    dataset(furnished, "lonely", text_records(texts(1)))
    with pytest.raises(UsageError, match="validation part of the data is empty"):
        pretrain("wrong", spec(data="lonely"), settings=furnished)


def test_whole_documents_are_trained_on_apart(furnished: Settings) -> None:
    made = pretrain("apart", spec(whole=True), settings=furnished)
    assert made.manifest.metrics["loss"] < 6.2


def _versioned(settings: Settings, kind: Any) -> str:
    found = Artefacts(settings.home).require(kind, "mixed")
    return f"mixed@{found.manifest.version}"


def _weights(artefact: Artefact) -> Path:
    return artefact.path / "model.safetensors"


def _work_folder(settings: Settings, name: str) -> Path:
    home = settings.home / "artefacts" / "checkpoint" / name
    _wait(lambda: bool(list(home.glob(".*.work"))))
    return next(home.glob(".*.work"))


def _wait(ready: Any) -> None:
    until = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.001)
