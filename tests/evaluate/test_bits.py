"""Bits per byte of a trained model beside its baselines."""

from __future__ import annotations

import json

import pytest

from tests.data.tokens.corpus import dataset, text_records, texts
from zaohua.data import dataset as stored
from zaohua.errors import UsageError
from zaohua.evaluate import evaluate
from zaohua.evaluate.bits import sample
from zaohua.evaluate.ngrams import fit
from zaohua.evaluate.scoring import text_bits
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts

SPEC = EvaluateSpec(suite="bits_per_byte", model="writer", data="mixed")


def test_the_models_figure_is_that_of_its_training(writer: Artefact, home: Settings) -> None:
    report = evaluate(SPEC, settings=home)
    found = json.loads((report.path / "report.json").read_bytes())
    assert found["origin"].startswith("the last validation of its training")
    told = writer.manifest.metrics["bits_per_byte"]
    assert report.manifest.metrics["bits_per_byte"] == pytest.approx(told, abs=1e-4)
    assert next(iter(report.manifest.metrics)) == "bits_per_byte"


def test_baselines_are_of_the_same_bytes(writer: Artefact, home: Settings) -> None:
    report = evaluate(SPEC, settings=home)
    data = Artefacts(home.home).require("dataset", "mixed")
    held = [record.text for record in stored.records(data.path, "validation")]
    size = sum(len(text.encode()) for text in held)
    train = [record.text for record in stored.records(data.path, "train")]
    figures = report.manifest.metrics
    assert figures["ngram_5"] == pytest.approx(fit(train, 5).bits(held) / size, abs=1e-4)
    assert figures["xz_after_training"] < figures["xz"] < 8
    best = min(figures["ngram_3"], figures["ngram_5"])
    assert figures["against_ngram"] == pytest.approx(figures["bits_per_byte"] / best, abs=1e-3)
    assert "the model" in (report.path / "report.md").read_text("utf-8")


def test_computed_now_it_is_nearly_the_same(writer: Artefact, home: Settings) -> None:
    data = Artefacts(home.home).require("dataset", "mixed")
    now = text_bits("writer", data, settings=home, progress=Silent())
    assert now == pytest.approx(writer.manifest.metrics["bits_per_byte"], rel=0.02)


def test_other_data_is_computed(writer: Artefact, home: Settings) -> None:
    dataset(home, "other", text_records(texts(20, seed=4)), text_records(texts(10, seed=5)))
    report = evaluate(SPEC.model_copy(update={"data": "other"}), settings=home)
    found = json.loads((report.path / "report.json").read_bytes())
    assert found["origin"].startswith("computed")
    assert 1 < found["metrics"]["bits_per_byte"] < 8


def test_a_sample_is_taken_from_all_of_the_text(home: Settings) -> None:
    data = Artefacts(home.home).require("dataset", "mixed")
    train = [record.text for record in stored.records(data.path, "train")]
    half = sample(data, sum(map(len, train)) // 2)
    assert half == train[::3] or half == train[::2]
    assert sample(data, 10**9) == train


def test_a_data_set_without_texts_gives_one_line(writer: Artefact, home: Settings) -> None:
    with pytest.raises(UsageError, match="no texts"):
        evaluate(SPEC.model_copy(update={"data": "cities"}), settings=home)
