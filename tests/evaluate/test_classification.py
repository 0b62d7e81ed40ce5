"""A trained classifier beside TF-IDF and logistic regression."""

from __future__ import annotations

import json

import pytest

from zaohua.errors import UsageError
from zaohua.evaluate import evaluate
from zaohua.evaluate.classification import baseline_labels, confusion, scores
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

SPEC = EvaluateSpec(suite="classification", model="reader", data="moods")


def test_the_accuracy_is_that_of_its_training(reader: Artefact, home: Settings) -> None:
    report = evaluate(SPEC, settings=home)
    told = reader.manifest.metrics["accuracy"]
    assert report.manifest.metrics["accuracy"] == pytest.approx(told, abs=1e-4)


def test_the_report_has_both_confusions_and_the_gain(reader: Artefact, home: Settings) -> None:
    report = evaluate(SPEC, settings=home)
    found = json.loads((report.path / "report.json").read_bytes())
    assert found["labels"] == ["bad", "good"]
    assert sum(map(sum, found["confusion"])) == found["validation_documents"] == 30
    right = sum(row[at] for at, row in enumerate(found["confusion"]))
    metrics = found["metrics"]
    assert metrics["accuracy"] == pytest.approx(right / 30, abs=1e-4)
    assert metrics["gain"] == pytest.approx(
        metrics["accuracy"] - metrics["baseline_accuracy"], abs=1e-4
    )
    assert metrics["baseline_accuracy"] == 1.0  # the words of the moods differ
    assert len(found["mistakes"]) == min(12, 30 - right)


def test_scores_are_as_defined() -> None:
    right, given = ["a", "a", "a", "b"], ["a", "a", "b", "b"]
    # a: precision 1, recall 2/3, F1 0.8; b: precision 1/2, recall 1, F1 2/3
    assert scores(right, given) == {"accuracy": 0.75, "macro_f1": 0.7333}
    assert confusion(right, given, ["a", "b"]) == [[2, 1], [0, 1]]


def test_the_baseline_reads_chinese_by_characters() -> None:
    texts = ["质量很好", "非常喜欢", "太差了", "不好用", "很喜欢", "差评"]
    labels = ["好评", "好评", "差评", "差评", "好评", "差评"]
    assert baseline_labels(texts, labels, ["喜欢这个", "真差"]) == ["好评", "差评"]


def test_unlabelled_data_gives_one_line(reader: Artefact, home: Settings) -> None:
    with pytest.raises(UsageError, match="no labelled texts"):
        evaluate(SPEC.model_copy(update={"data": "mixed"}), settings=home)
