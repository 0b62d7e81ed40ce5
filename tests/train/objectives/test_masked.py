from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertForMaskedLM, ModernBertForMaskedLM

from tests.train.objectives.rows import (
    BYTE_LENGTHS,
    MASK,
    PAD,
    bert_config,
    modernbert_config,
    row,
    words,
)
from zaohua.data.tokens.rows import IGNORE
from zaohua.errors import UsageError
from zaohua.model.attention import register
from zaohua.train.objective import Batch
from zaohua.train.objectives.masked import Masked


def _objective(share: float = 0.3) -> Masked:
    return Masked(BYTE_LENGTHS, mask_id=MASK, share=share)


def _batch(seed: int = 0, share: float = 0.3) -> Batch:
    rows = [row([[2, *words(60, n), 3]], 64) for n in range(20)]
    return _objective(share).batch(rows, np.random.default_rng(seed))


def test_the_same_chance_masks_the_same() -> None:
    one, same, other = _batch(1), _batch(1), _batch(2)
    assert torch.equal(one.inputs["input_ids"], same.inputs["input_ids"])
    assert torch.equal(one.targets, same.targets)
    assert not torch.equal(one.targets, other.targets)


def test_masks_the_share_it_is_told_in_every_row() -> None:
    batch = _batch(share=0.25)
    assert (batch.targets != IGNORE).sum(1).tolist() == [15] * 20
    assert batch.weight == 300


def test_special_tokens_and_padding_are_never_chosen() -> None:
    rows = [row([[2, *words(8), 3]], 20) for _ in range(50)]
    batch = _objective(0.99).batch(rows, np.random.default_rng(0))
    tokens = torch.from_numpy(np.stack([one.tokens for one in rows]))
    special = torch.from_numpy(BYTE_LENGTHS)[tokens] == 0
    assert (batch.targets[special] == IGNORE).all()
    assert torch.equal(batch.inputs["input_ids"][special], tokens[special])


def test_a_short_row_has_one_masked_token_and_an_empty_one_none() -> None:
    rows = [row([[2, 9, 3]], 8), row([[2, 3]], 8)]
    batch = _objective(0.1).batch(rows, np.random.default_rng(0))
    assert (batch.targets != IGNORE).sum(1).tolist() == [1, 0]


def test_eight_in_ten_are_masked_one_changed_one_kept() -> None:
    rows = [row([words(1000, n)], 1000) for n in range(20)]
    batch = _objective(0.5).batch(rows, np.random.default_rng(0))
    chosen = batch.targets != IGNORE
    seen, true = batch.inputs["input_ids"][chosen], batch.targets[chosen]
    share = {
        "masked": (seen == MASK).float().mean().item(),
        "kept": (seen == true).float().mean().item(),
    }
    assert share["masked"] == pytest.approx(0.8, abs=0.02)
    assert share["kept"] == pytest.approx(0.1 + 0.1 / len(set(words(9999))), abs=0.02)
    changed = seen[(seen != MASK) & (seen != true)]
    assert (torch.from_numpy(BYTE_LENGTHS)[changed] > 0).all()
    tokens = torch.from_numpy(np.stack([one.tokens for one in rows]))
    assert torch.equal(batch.inputs["input_ids"][~chosen], tokens[~chosen])
    assert torch.equal(true, tokens[chosen])


@pytest.mark.parametrize("layout", ["bert", "modernbert"])
def test_loss_is_that_of_transformers(layout: str) -> None:
    model: Any = _encoder(layout)
    batch = _batch()
    ours = _objective().loss(model, batch)
    seen = {name: batch.inputs[name] for name in ("input_ids", "attention_mask")}
    theirs = model(**seen, labels=batch.targets).loss
    torch.testing.assert_close(ours.total / batch.weight, theirs)
    found = torch.autograd.grad(ours.total / batch.weight, list(model.parameters()))
    expected = torch.autograd.grad(theirs, list(model.parameters()))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layout", ["bert", "modernbert"])
def test_packed_and_padded_documents_learn_as_if_alone(layout: str) -> None:
    model = _encoder(layout, register())
    texts = [words(17, 1), words(6, 2)]
    packed = row(texts, 32)
    hidden = torch.full((1, 32), IGNORE)
    hidden[0, [3, 9, 18]] = torch.from_numpy(packed.tokens)[[3, 9, 18]]
    batch = _objective().batch([packed], np.random.default_rng(0))
    inputs = dict(batch.inputs) | {"input_ids": torch.from_numpy(packed.tokens)[None].clone()}
    inputs["input_ids"][hidden != IGNORE] = MASK
    together = _objective().loss(model, Batch(inputs, hidden, 3)).total
    first, second = inputs["input_ids"][:, :17], inputs["input_ids"][:, 17:23]
    alone = [
        _objective().loss(model, Batch({"input_ids": first}, hidden[:, :17], 2)).total,
        _objective().loss(model, Batch({"input_ids": second}, hidden[:, 17:23], 1)).total,
    ]
    torch.testing.assert_close(together, alone[0] + alone[1])


def test_attention_without_segments_is_refused() -> None:
    batch = _objective().batch([row([words(5), words(6)], 16)], np.random.default_rng(0))
    with pytest.raises(UsageError, match="apart"):
        _objective().loss(BertForMaskedLM(bert_config()), batch)


def test_nothing_masked_teaches_nothing() -> None:
    model = _encoder("bert", register())
    batch = _objective().batch([row([[2, 3]], 8)], np.random.default_rng(0))
    loss = _objective().loss(model, batch)
    loss.total.backward()
    assert (batch.weight, loss.total.item()) == (0, 0)
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert all(torch.isfinite(g).all() and g.abs().sum() == 0 for g in gradients)


def test_figures_do_not_pretend_to_be_a_code_length() -> None:
    batch = _batch()
    with torch.no_grad():
        loss = _objective().loss(_encoder("bert"), batch)
    sums = {name: value.item() for name, value in loss.sums.items()}
    figures = _objective().summary(sums, batch.weight)
    assert set(figures) == {"loss", "perplexity", "accuracy", "masked_bits_per_byte"}


def _encoder(layout: str, attention: str = "sdpa") -> nn.Module:
    torch.manual_seed(0)
    if layout == "bert":
        return BertForMaskedLM(bert_config(attention))
    config = modernbert_config()
    config._attn_implementation = attention
    return ModernBertForMaskedLM(config)


def test_padding_has_no_part() -> None:
    batch = _objective().batch([row([words(9)], 16)], np.random.default_rng(0))
    assert batch.inputs["input_ids"][0, 9:].tolist() == [PAD] * 7
    assert batch.inputs["segments"][0].tolist() == [1] * 9 + [0] * 7
