from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertForSequenceClassification, ModernBertForSequenceClassification

from tests.train.objectives.rows import PAD, bert_config, modernbert_config, row, words
from zaohua.model.attention import register
from zaohua.train.objectives.classify import Classify

ROWS = [row([words(length, length)], 64, label=length % 3) for length in (9, 31, 20, 14)]
DRAW = np.random.default_rng(0)


def _model(layout: str, attention: str) -> nn.Module:
    torch.manual_seed(0)
    if layout == "bert":
        return BertForSequenceClassification(bert_config(attention)).eval()
    config = modernbert_config()
    config.classifier_pooling = "mean"
    config._attn_implementation = attention
    return ModernBertForSequenceClassification(config).eval()


@pytest.mark.parametrize("attention", ["sdpa", register()])
@pytest.mark.parametrize("layout", ["bert", "modernbert"])
def test_loss_is_that_of_transformers_on_padded_texts(layout: str, attention: str) -> None:
    model: Any = _model(layout, attention)
    batch = Classify().batch(ROWS, DRAW)
    ours = Classify().loss(model, batch)
    tokens = torch.from_numpy(np.stack([one.tokens for one in ROWS]))
    labels = torch.tensor([one.label for one in ROWS])
    theirs = _model(layout, "sdpa")(
        input_ids=tokens, attention_mask=(tokens != PAD).long(), labels=labels
    )
    torch.testing.assert_close(ours.total / 4, theirs.loss)
    right = (theirs.logits.argmax(-1) == labels).sum()
    assert batch.weight == 4
    assert ours.sums["correct"] == right


def test_texts_are_not_longer_than_the_longest() -> None:
    assert Classify().batch(ROWS, DRAW).inputs["input_ids"].shape == (4, 32)
    longer = [*ROWS, row([words(33)], 64, label=0)]
    assert Classify().batch(longer, DRAW).inputs["input_ids"].shape == (5, 64)


def test_figures_are_loss_and_accuracy() -> None:
    figures = Classify().summary({"nll": 6.0, "correct": 3.0}, 4)
    assert figures == {"loss": 1.5, "accuracy": 0.75}
    assert Classify().summary({}, 0) == {}


def test_smoothing_is_that_of_pytorch() -> None:
    model: Any = _model("bert", "sdpa")
    batch = Classify().batch(ROWS, DRAW)
    logits = model(**{k: v for k, v in batch.inputs.items() if k != "segments"}).logits
    expected = nn.functional.cross_entropy(
        logits, batch.targets, reduction="sum", label_smoothing=0.1
    )
    torch.testing.assert_close(Classify(label_smoothing=0.1).loss(model, batch).total, expected)
