"""The suite ``classification``: a classifier beside TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zaohua.data import dataset
from zaohua.data.readers.libraries import library
from zaohua.errors import UsageError
from zaohua.evaluate.report import Result, percent, table
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

NGRAMS = (1, 3)
MOST_FEATURES = 200_000


def classification(
    spec: EvaluateSpec, data: Artefact, *, settings: Settings, progress: Progress
) -> Result:
    """Run the suite.

    Figures: ``accuracy``; ``macro_f1``, the mean over the labels of the harmonic mean of precision
    and recall; the same of the baseline, which is fitted on the train part; ``gain``, the accuracy
    above the baseline's.

    Raises:
        UsageError: a part of the data set has no labelled texts.
    """
    texts, right = _labelled(data, "validation")
    from zaohua.evaluate.scoring import predicted

    told, given = predicted(spec.model, data, settings=settings, progress=progress)
    if told != right:
        raise UsageError(
            "the tokens of the validation part are not those of its texts", where=data.reference
        )
    progress.note("fitting TF-IDF and logistic regression")
    baseline = baseline_labels(*_labelled(data, "train"), texts)
    labels = sorted({*right, *given, *baseline})
    figures = scores(right, given)
    beside = scores(right, baseline)
    metrics = {
        **figures,
        "baseline_accuracy": beside["accuracy"],
        "baseline_macro_f1": beside["macro_f1"],
        "gain": round(figures["accuracy"] - beside["accuracy"], 4),
    }
    details: dict[str, Any] = {
        "validation_documents": len(right),
        "labels": labels,
        "confusion": confusion(right, given, labels),
        "baseline_confusion": confusion(right, baseline, labels),
        "mistakes": mistakes(texts, right, given),
    }
    return Result(metrics, details, _page(spec, metrics, details), data.manifest.licence)


def baseline_labels(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Labels by logistic regression on TF-IDF of the 1- to 3-grams of characters."""
    text_features = library("sklearn.feature_extraction.text", "the baseline")
    linear = library("sklearn.linear_model", "the baseline")
    features = text_features.TfidfVectorizer(
        analyzer="char",
        ngram_range=NGRAMS,
        min_df=2 if len(texts) > 1000 else 1,
        max_features=MOST_FEATURES,
        sublinear_tf=True,
    )
    learned = linear.LogisticRegression(C=10.0, max_iter=1000)
    learned.fit(features.fit_transform(texts), labels)
    return [str(label) for label in learned.predict(features.transform(asked))]


def scores(right: Sequence[str], given: Sequence[str]) -> dict[str, float]:
    """``accuracy`` and ``macro_f1`` over the labels that occur among the right ones."""
    metrics = library("sklearn.metrics", "the figures")
    labels = sorted(set(right))
    f1 = metrics.f1_score(right, given, labels=labels, average="macro", zero_division=0)
    return {
        "accuracy": round(float(metrics.accuracy_score(right, given)), 4),
        "macro_f1": round(float(f1), 4),
    }


def confusion(right: Sequence[str], given: Sequence[str], labels: Sequence[str]) -> list[list[int]]:
    """How often each label (row) was given as each (column)."""
    number = {label: at for at, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for true, said in zip(right, given, strict=True):
        counts[number[true]][number[said]] += 1
    return counts


def mistakes(
    texts: Sequence[str], right: Sequence[str], given: Sequence[str], most: int = 12
) -> list[dict[str, str]]:
    """The first texts that got the wrong label."""
    wrong = [
        {"text": text[:200], "right": true, "given": said}
        for text, true, said in zip(texts, right, given, strict=True)
        if true != said
    ]
    return wrong[:most]


def _labelled(data: Artefact, part: dataset.Part) -> tuple[list[str], list[str]]:
    found = [
        (record.text, str(record.label))
        for record in dataset.records(data.path, part)
        if record.text and record.label is not None
    ]
    if not found:
        raise UsageError(f"the {part} part has no labelled texts", where=data.reference)
    return [text for text, _ in found], [label for _, label in found]


def _page(spec: EvaluateSpec, metrics: dict[str, float], details: dict[str, Any]) -> str:
    labels = details["labels"]
    rows = [
        ["**the model**", percent(metrics["accuracy"]), percent(metrics["macro_f1"])],
        [
            "TF-IDF (characters, 1–3) + logistic regression",
            percent(metrics["baseline_accuracy"]),
            percent(metrics["baseline_macro_f1"]),
        ],
    ]
    confused = [
        [label, *counts] for label, counts in zip(labels, details["confusion"], strict=True)
    ]
    wrong = [[one["right"], one["given"], one["text"][:80]] for one in details["mistakes"]]
    return (
        f"# Classification by {spec.model.partition('@')[0]} on {spec.data}\n\n"
        f"{details['validation_documents']:,} held-out texts.\n\n"
        f"{table(['', 'accuracy', 'macro F1'], rows)}\n\n"
        f"## What was given for what\n\n{table(['right', *labels], confused)}\n\n"
        f"## Some mistakes\n\n{table(['right', 'given', 'text'], wrong)}\n"
    )
