from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.train.objectives.rows import BYTE_LENGTHS, VOCAB, decoder, row, words
from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.model.attention import register
from zaohua.train.objective import Batch
from zaohua.train.objectives.causal import Causal
from zaohua.train.objectives.stacking import positions_of

DRAW = np.random.default_rng(0)
ATTENTIONS = ["sdpa", register()]


def _gradients(model: nn.Module, total: torch.Tensor) -> list[torch.Tensor]:
    return list(torch.autograd.grad(total, list(model.parameters())))


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("tie", [True, False])
def test_loss_is_that_of_transformers(attention: str, tie: bool) -> None:
    model: Any = decoder(attention, tie)
    objective = Causal(BYTE_LENGTHS)
    texts = [words(40, seed) for seed in range(3)]
    batch = objective.batch([row([text], 40) for text in texts], DRAW)
    ours = objective.loss(model, batch)
    labels = torch.tensor(texts)
    theirs = model(input_ids=labels, labels=labels).loss
    assert batch.weight == 3 * 39
    torch.testing.assert_close(ours.total / batch.weight, theirs)
    expected = _gradients(model, theirs)
    found = _gradients(model, objective.loss(model, batch).total / batch.weight)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_loss_at_the_start_is_that_of_guessing() -> None:
    model: Any = decoder()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.002)
    objective = Causal(BYTE_LENGTHS)
    batch = objective.batch([row([words(60)], 64)], DRAW)
    loss = objective.loss(model, batch).total.item() / batch.weight
    assert loss == pytest.approx(math.log(VOCAB), rel=0.01)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_packed_documents_learn_as_if_each_had_a_row(attention: str) -> None:
    model = decoder(attention)
    objective = Causal(BYTE_LENGTHS)
    texts = [words(13, 1), words(5, 2), words(21, 3), words(2, 4)]
    packed = objective.batch([row(texts[:2], 32), row(texts[2:], 32)], DRAW)
    alone = [objective.batch([row([text], 32)], DRAW) for text in texts]
    together = objective.loss(model, packed)
    apart = [objective.loss(model, batch) for batch in alone]
    assert packed.weight == sum(batch.weight for batch in alone)
    total = sum((loss.total for loss in apart), torch.zeros(()))
    torch.testing.assert_close(together.total, total)
    torch.testing.assert_close(
        _gradients(model, together.total), _gradients(model, total), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_document_does_not_see_its_neighbour(attention: str) -> None:
    model = decoder(attention)
    objective = Causal(BYTE_LENGTHS)
    second = words(9, 5)
    totals = []
    for seed in (6, 7):
        one = row([words(11, seed), second], 24)
        one.targets[:11] = IGNORE
        totals.append(objective.loss(model, objective.batch([one], DRAW)).total)
    torch.testing.assert_close(totals[0], totals[1])


def test_only_chosen_positions_teach() -> None:
    model: Any = decoder()
    text = words(20)
    chat = row([text], 24)
    chat.targets[:12] = IGNORE  # what the user says
    objective = Causal(BYTE_LENGTHS, name="chat")
    batch = objective.batch([chat], DRAW)
    labels = torch.tensor([text])
    labels[0, :13] = IGNORE  # transformers shifts: the target of position 12 is token 13
    theirs = model(input_ids=torch.tensor([text]), labels=labels).loss
    assert batch.weight == 7
    torch.testing.assert_close(objective.loss(model, batch).total / 7, theirs)


def test_the_last_token_is_learned() -> None:
    model: Any = decoder()
    text = words(12)
    batch = Causal(BYTE_LENGTHS).batch([row([text], 12)], DRAW)
    assert batch.targets[0, -2].item() == text[-1]
    only = Batch(batch.inputs, torch.full_like(batch.targets, IGNORE), 1)
    only.targets[0, -2] = text[-1]
    logp = model(input_ids=torch.tensor([text])).logits.log_softmax(-1)[0, -2, text[-1]]
    torch.testing.assert_close(Causal(BYTE_LENGTHS).loss(model, only).total, -logp)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_batch_without_targets_teaches_nothing(attention: str) -> None:
    model = decoder(attention)
    empty = row([words(9), words(4)], 16)
    empty.targets[:] = IGNORE
    objective = Causal(BYTE_LENGTHS)
    batch = objective.batch([empty], DRAW)
    loss = objective.loss(model, batch)
    loss.total.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert batch.weight == 0
    assert loss.total.item() == 0
    assert gradients
    assert all(g.abs().sum().item() == 0 for g in gradients)
    assert objective.summary({k: v.item() for k, v in loss.sums.items()}, 0) == {}


def test_padding_changes_nothing() -> None:
    model = decoder()
    objective = Causal(BYTE_LENGTHS)
    tight, loose = (
        objective.loss(model, objective.batch([row([words(14)], length)], DRAW))
        for length in (14, 40)
    )
    torch.testing.assert_close(tight.total, loose.total)


def test_smoothing_is_in_the_loss_and_not_in_the_figures() -> None:
    model = decoder()
    rows = [row([words(30)], 32)]
    plain, smooth = Causal(BYTE_LENGTHS), Causal(BYTE_LENGTHS, label_smoothing=0.1)
    one, other = (o.loss(model, o.batch(rows, DRAW)) for o in (plain, smooth))
    torch.testing.assert_close(one.sums["nll"], other.sums["nll"])
    torch.testing.assert_close(one.total.detach(), one.sums["nll"])
    assert not torch.isclose(one.total, other.total)


def test_bits_per_byte_leaves_special_tokens_out() -> None:
    model: Any = decoder()
    text = [*words(10), 3, *words(10, 1)]  # 3 is special
    objective = Causal(BYTE_LENGTHS)
    batch = objective.batch([row([text], 24)], DRAW)
    with torch.no_grad():
        loss = objective.loss(model, batch)
        logp = model(input_ids=torch.tensor([text])).logits.log_softmax(-1)[0, :-1]
    nats = -logp.gather(1, torch.tensor(text)[1:, None]).squeeze(1)
    kept = torch.tensor([t != 3 for t in text[1:]])
    size = sum(int(BYTE_LENGTHS[t]) for t in text[1:])
    figures = objective.summary({k: v.item() for k, v in loss.sums.items()}, batch.weight)
    expected = nats[kept].sum().item() / math.log(2) / size
    assert figures["bits_per_byte"] == pytest.approx(expected, rel=1e-5)
    assert figures["loss"] == pytest.approx(nats.mean().item(), rel=1e-5)
    right = (logp.argmax(-1) == torch.tensor(text)[1:]).float().mean().item()
    assert figures["accuracy"] == pytest.approx(right)


def test_a_head_that_is_not_plain_goes_the_models_own_way() -> None:
    from transformers import GraniteConfig, GraniteForCausalLM

    torch.manual_seed(0)
    config = GraniteConfig(
        vocab_size=VOCAB,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        logits_scaling=4.0,
        initializer_range=0.2,
    )
    model = GraniteForCausalLM(config)
    labels = torch.tensor([words(18)])
    objective = Causal(BYTE_LENGTHS)
    batch = objective.batch([row([words(18)], 18)], DRAW)
    theirs = model(input_ids=labels, labels=labels).loss
    torch.testing.assert_close(objective.loss(model, batch).total / 17, theirs)


def test_positions_start_again_in_each_segment() -> None:
    segments = torch.tensor([[1, 1, 1, 2, 2, 0, 0], [1, 2, 3, 3, 3, 3, 3]])
    assert positions_of(segments).tolist() == [[0, 1, 2, 0, 1, 0, 1], [0, 0, 0, 1, 2, 3, 4]]


def _fresh(length: int) -> Row:
    return row([words(length)], length)


def test_one_document_a_row_needs_no_segments() -> None:
    batch = Causal(BYTE_LENGTHS).batch([_fresh(8), row([words(5)], 8)], DRAW)
    assert set(batch.inputs) == {"input_ids"}
