from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from matplotlib.image import imread

from tests.train.homes import spec
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact
from zaohua.train import curve, pretrain
from zaohua.train.card_text import markdown


@pytest.fixture(scope="module")
def made(furnished: Settings) -> Artefact:
    priced = furnished.model_copy(update={"core_hour_price": 0.05})
    return pretrain("carded", spec(prompts=["the river", "空山"]), settings=priced)


@pytest.fixture(scope="module")
def card(made: Artefact) -> dict[str, Any]:
    found = json.loads((made.path / "card.json").read_text())
    assert isinstance(found, dict)
    return found


def test_the_card_says_what_was_measured(made: Artefact, card: dict[str, Any]) -> None:
    history = [json.loads(x) for x in (made.path / "history.jsonl").read_text().splitlines()]
    last = [entry for entry in history if entry["kind"] == "validation"][-1]
    assert card["result"]["bits_per_byte"] == last["bits_per_byte"]
    assert card["validations"][-1] == last
    assert card["training"]["steps"] == 6
    assert card["training"]["tokens"] == 6 * 8 * 64
    assert card["training"]["core_hours"] == pytest.approx(
        card["training"]["seconds"] / 3600, abs=1e-4
    )
    assert card["model"]["parameters"] == card["model"]["trained"] == 139_712
    assert card["recipe"] == spec(prompts=["the river", "空山"]).model_dump(mode="json")


def test_samples_are_those_of_the_end(card: dict[str, Any]) -> None:
    assert [(s["step"], s["prompt"]) for s in card["samples"]] == [(6, "the river"), (6, "空山")]


def test_lineage_goes_to_the_bottom(made: Artefact, card: dict[str, Any]) -> None:
    data, tokenizer = made.manifest.inputs
    assert card["lineage"] == [data, tokenizer, f"  {data}"]


def test_the_readme_is_a_model_card(made: Artefact) -> None:
    text = (made.path / "README.md").read_text()
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    table = yaml.safe_load(front)
    assert table == {
        "license": "cc0-1.0",
        "datasets": ["mixed"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["zaohua", "qwen3"],
    }
    for wanted in (
        "# carded",
        "| bits per byte |",
        "![loss curve](loss.png)",
        "zaohua serve -m carded",
        "AutoModelForCausalLM.from_pretrained(folder)",
        "core-hours, 0.00 at the price set",
        made.manifest.inputs[0],
    ):
        assert wanted in body


def test_odd_licences_languages_and_bases_are_valid_front_matter(card: dict[str, Any]) -> None:
    odd = {
        **card,
        "licence": 'MIT AND "own: terms"',
        "data": {**card["data"], "languages": ["zh", "en", "no", "unknown"]},
        "model": {**card["model"], "start": "hub:owner/name@0123abc"},
    }
    front = markdown(odd).removeprefix("---\n").split("\n---\n", 1)[0]
    table = yaml.safe_load(front)
    assert table["license"] == "other"
    assert table["license_name"] == 'MIT AND "own: terms"'
    assert table["language"] == ["zh", "en", "no"]
    assert table["base_model"] == "owner/name"


def test_outputs_cannot_break_out_of_their_fence(card: dict[str, Any]) -> None:
    nasty = {**card, "samples": [{"step": 6, "prompt": "a\n# b", "output": "```\n# not a title"}]}
    assert "\n````\n```\n# not a title\n````" in markdown(nasty)
    assert "**a # b**" in markdown(nasty)


def test_the_curve_is_drawn_with_its_validation_points(tmp_path: Path) -> None:
    history: list[dict[str, Any]] = []
    for step in range(200):
        if step % 40 == 0:
            history.append({"kind": "validation", "step": step, "loss": 5 - step / 100})
        history.append({"kind": "step", "step": step + 1, "loss": 5 - step / 100, "lr": 0.01})
    with_points, without = tmp_path / "a.png", tmp_path / "b.png"
    curve.draw(history, with_points, "one")
    curve.draw([entry for entry in history if entry["kind"] == "step"], without, "one")
    orange = [_pixels(path, (0xD9, 0x48, 0x01)) for path in (with_points, without)]
    blue = _pixels(with_points, (0x21, 0x71, 0xB5))
    assert orange[0] > 300
    assert orange[1] == 0
    assert blue > 1000
    assert imread(with_points).shape[:2] == (750, 1200)


def test_the_same_run_gives_the_same_picture(tmp_path: Path) -> None:
    history = [{"kind": "step", "step": n, "loss": 1.0, "lr": 0.1} for n in range(3)]
    for name in ("a.png", "b.png"):
        curve.draw(history, tmp_path / name, "same")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_run_without_steps_can_be_drawn(tmp_path: Path) -> None:
    curve.draw([], tmp_path / "empty.png", "nothing")
    assert (tmp_path / "empty.png").stat().st_size > 1000


def test_a_spike_does_not_bend_the_smooth_line() -> None:
    values = np.ones(100)
    values[50] = 1000.0
    assert (curve.smoothed(values, 2) == 1).all()
    assert curve.smoothed(np.array([3.0, 1.0]), 0).tolist() == [3.0, 1.0]


def _pixels(path: Path, colour: tuple[int, int, int]) -> int:
    picture = np.round(imread(path)[..., :3] * 255).astype(int)
    return int((np.abs(picture - np.array(colour)).max(-1) <= 2).sum())
