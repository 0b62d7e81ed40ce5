"""The recipe that goes on training a real model from its GGUF, at a length of seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.models import link_models
from zaohua.cli.app import run as command_line
from zaohua.recipe import run
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact
from zaohua.store.lineage import lineage
from zaohua.store.models import InstalledModel

SHORT = (
    "data.documents.sources.0.path=texts.jsonl",
    "data.talk.sources=[{path: talk.jsonl}]",
    *(f"{stage}.minutes=0" for stage in ("pretrain", "finetune")),
    *(f"{stage}.steps=2" for stage in ("pretrain", "finetune")),
    *(f"{stage}.batch_tokens=64" for stage in ("pretrain", "finetune")),
    *(f"{stage}.model.context=64" for stage in ("pretrain", "finetune")),
)


@pytest.mark.slow
def test_a_model_of_the_shelf_is_taught_further_and_served(
    folder: Path,
    settings: Settings,
    model_home: Path,
    test_model: InstalledModel,
    capsys: pytest.CaptureFixture[str],
):
    link_models(model_home, settings.home)
    done = run("continue", settings=settings, changes=SHORT)
    assert not any(outcome.skipped for outcome in done.outcomes)
    by_label = {outcome.stage.label: outcome for outcome in done.outcomes}
    pretrained = by_label["pretrain"].made
    assert isinstance(pretrained, Artefact)
    assert f"model/{test_model.name}@{test_model.version}" in pretrained.manifest.inputs
    assert by_label["evaluate.0"].figures["bits_per_byte"] > 0
    assert f"model/{test_model.name}@" in json.dumps(lineage("continue", settings).as_json())
    capsys.readouterr()
    assert command_line(["generate", "-m", "continue", "--json", "--max-tokens", "8", "Hello"]) == 0
    assert json.loads(capsys.readouterr().out)["usage"]["completion_tokens"] > 0
