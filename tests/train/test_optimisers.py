from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

from tests.train.material import job, losses, tiny
from zaohua.train.loop import train
from zaohua.train.optimisers import Optimiser, Rates, chosen, derived, groups, make
from zaohua.train.optimisers.choosing import orthogonal_flops
from zaohua.train.optimisers.lion import Lion
from zaohua.train.optimisers.muon import Muon, orthogonal
from zaohua.train.spec import OptimiserSpec

NAMES = ("muon", "adamw", "sgd", "adafactor", "lion")
RATES = {"muon": 5e-3, "adamw": 5e-3, "sgd": 0.3, "adafactor": 3e-2, "lion": 1e-3}


def bert(kind=BertForMaskedLM, **changes):
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return kind(BertConfig(vocab_size=61, intermediate_size=64, **sizes, **changes))


@pytest.mark.parametrize("name", NAMES)
def test_each_optimiser_teaches_a_model(tmp_path, name):
    rates = Rates(RATES[name], 3e-3 if name == "muon" else RATES[name])
    outcome = train(job(tmp_path, optimiser=name, rates=rates, steps=50))
    assert losses(outcome.history)[-1] < losses(outcome.history)[0] - 0.3
    assert outcome.metrics["loss"] < outcome.history[0]["loss"] - 0.3


@pytest.mark.parametrize(
    "model",
    [tiny(), tiny(tie_word_embeddings=False), bert(), bert(BertForSequenceClassification)],
    ids=["tied", "untied", "masked", "classes"],
)
@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_in_exactly_one_group(model, name):
    optimiser = make(OptimiserSpec(name=name), groups(model), Rates(1e-3, 1e-3))
    held = [id(p) for part in optimiser.parts for g in part.param_groups for p in g["params"]]
    assert sorted(held) == sorted(id(p) for p in model.parameters())


def test_only_matrices_of_hidden_layers_decay():
    found = groups(tiny(tie_word_embeddings=False))
    assert all(".layers." in name for name in found.matrices)
    assert set(found.tables) == {"model.embed_tokens.weight", "lm_head.weight"}
    assert all("norm" in name for name in found.vectors)
    for name in NAMES:
        optimiser = make(OptimiserSpec(name=name, weight_decay=0.3), found, Rates(1e-3, 1e-3))
        decaying = {
            id(p)
            for part in optimiser.parts
            for g in part.param_groups
            if g["weight_decay"]
            for p in g["params"]
        }
        assert decaying == {id(p) for p in found.matrices.values()}


def test_heads_of_encoders_are_tables_and_tied_weights_come_once():
    masked, classes = groups(bert()), groups(bert(BertForSequenceClassification))
    assert "cls.predictions.transform.dense.weight" in masked.tables
    assert "bert.embeddings.position_embeddings.weight" in masked.tables
    assert "classifier.weight" in classes.tables
    assert "bert.encoder.layer.0.attention.self.query.weight" in classes.matrices
    assert "lm_head.weight" not in groups(tiny()).tables


def test_frozen_parameters_are_in_no_group():
    model = tiny()
    model.model.layers[0].requires_grad_(False)
    found = groups(model)
    assert not [n for kind in (found.matrices, found.vectors) for n in kind if "layers.0" in n]


def test_an_optimiser_that_misses_or_repeats_a_parameter_is_refused():
    one, two = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    with pytest.raises(ValueError, match="two groups or in none"):
        Optimiser([torch.optim.SGD([one])], {"one": one, "two": two})
    with pytest.raises(ValueError, match="two groups or in none"):
        Optimiser([torch.optim.SGD([one]), torch.optim.SGD([one])], {"one": one})


def gradients(shape, count=4):
    draw = torch.Generator().manual_seed(3)
    return [torch.randn(shape, generator=draw) for _ in range(count)]


def walk(optimiser, parameter, shape):
    for gradient in gradients(shape):
        parameter.grad = gradient.clone()
        optimiser.step()
    return parameter.detach()


def start(shape):
    return nn.Parameter(torch.linspace(-1, 1, math.prod(shape)).reshape(shape).clone())


def made(name, parameter, **spec):
    from zaohua.train.optimisers.groups import Groups

    constants = {"weight_decay": 0.1, "beta1": 0.9, "beta2": 0.95, "momentum": 0.9, **spec}
    return make(OptimiserSpec(name=name, **constants), Groups({"w": parameter}), Rates(0.02, 0.02))


def test_adamw_is_torchs():
    mine, theirs = start((6, 4)), start((6, 4))
    reference = torch.optim.AdamW(
        [theirs], lr=0.02, betas=(0.9, 0.95), weight_decay=0.1, foreach=False
    )
    walk(made("adamw", mine), mine, (6, 4))
    torch.testing.assert_close(mine, walk(reference, theirs, (6, 4)), rtol=1e-6, atol=1e-7)


def test_sgd_is_nesterovs_momentum_written_out():
    parameter = start((6, 4))
    expected, velocity = parameter.detach().clone(), torch.zeros(6, 4)
    for gradient in gradients((6, 4)):
        slope = gradient + 0.1 * expected
        velocity = 0.9 * velocity + slope
        expected = expected - 0.02 * (slope + 0.9 * velocity)
    # torch begins with the first gradient as velocity, which is the same from zero
    torch.testing.assert_close(walk(made("sgd", parameter), parameter, (6, 4)), expected)


def test_adafactor_is_torchs():
    mine, theirs = start((6, 4)), start((6, 4))
    reference = torch.optim.Adafactor([theirs], lr=0.02, weight_decay=0.1)
    walk(made("adafactor", mine), mine, (6, 4))
    assert torch.equal(mine, walk(reference, theirs, (6, 4)))


def test_lion_is_the_papers_algorithm():
    parameter = start((6, 4))
    expected, momentum = parameter.detach().numpy().astype(float), np.zeros((6, 4))
    for gradient in (g.numpy().astype(float) for g in gradients((6, 4))):
        update = np.sign(0.9 * momentum + 0.1 * gradient)
        expected = expected - 0.02 * (update + 0.1 * expected)
        momentum = 0.95 * momentum + 0.05 * gradient
    optimiser = Lion([parameter], lr=0.02, betas=(0.9, 0.95), weight_decay=0.1)
    moved = walk(optimiser, parameter, (6, 4))
    np.testing.assert_allclose(moved.numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(24, 16), (16, 24), (16, 16)])
def test_muon_is_torchs_which_multiplies_in_bfloat16(shape):
    mine, theirs = start(shape), start(shape)
    reference = torch.optim.Muon(
        [theirs], lr=0.02, momentum=0.9, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )
    before = mine.detach().clone()
    moved = walk(made("muon", mine), mine, shape) - before
    difference = moved - (walk(reference, theirs, shape) - before)
    assert float(difference.norm() / moved.norm()) < 0.02


@pytest.mark.parametrize("shape", [(24, 16), (16, 24)])
def test_muon_is_its_formula(shape):
    parameter = start(shape)
    expected, average = parameter.detach().clone(), torch.zeros(shape)
    for gradient in gradients(shape):
        average = 0.9 * average + 0.1 * gradient
        update = newton_schulz(0.1 * gradient + 0.9 * average)
        expected = expected * (1 - 0.02 * 0.1) - 0.02 * 0.2 * math.sqrt(max(shape)) * update
    torch.testing.assert_close(
        walk(made("muon", parameter), parameter, shape), expected, rtol=1e-4, atol=1e-5
    )


def newton_schulz(matrix):
    x = matrix / matrix.norm()
    for _ in range(5):
        x = 3.4445 * x - 4.7750 * x @ x.T @ x + 2.0315 * x @ x.T @ x @ x.T @ x
    return x


def test_muons_updates_are_nearly_orthogonal_and_keep_their_directions():
    matrices = torch.randn(3, 20, 12, generator=torch.Generator().manual_seed(1))
    found = orthogonal(matrices)
    values = torch.linalg.svdvals(found)
    assert float(values.min()) > 0.6 and float(values.max()) < 1.3
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    turned = left.mT @ found @ right.mT
    along = torch.diagonal(turned, dim1=1, dim2=2)
    torch.testing.assert_close(turned, torch.diag_embed(along), rtol=0, atol=1e-4)


def test_equal_shapes_in_one_product_equal_one_by_one():
    matrices = torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(2))
    alone = torch.stack([orthogonal(matrix[None])[0] for matrix in matrices])
    torch.testing.assert_close(orthogonal(matrices), alone, rtol=1e-5, atol=1e-5)


def test_muon_leaves_a_matrix_without_gradient_alone():
    one, two = start((4, 4)), start((4, 4))
    optimiser = Muon([one, two], lr=0.1)
    one.grad = torch.ones(4, 4)
    optimiser.step()
    assert not torch.equal(one, two)
    assert torch.equal(two, start((4, 4)))


@pytest.mark.parametrize("name", NAMES)
def test_the_state_comes_back(name):
    here, there = tiny(), tiny()
    first, second = (
        make(OptimiserSpec(name=name), groups(model), Rates(1e-3, 1e-3)) for model in (here, there)
    )
    for step in range(4):
        first.rate(0.5 + step)
        advance(first, here, step)
        if step == 1:
            second.restore({key: value.clone() for key, value in first.tensors().items()})
            there.load_state_dict(here.state_dict())
        if step > 1:
            second.rate(0.5 + step)
            advance(second, there, step)
    assert all(
        torch.equal(a, b) for a, b in zip(here.parameters(), there.parameters(), strict=True)
    )


def advance(optimiser, model, step):
    draw = torch.Generator().manual_seed(step)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=draw)
    optimiser.step()


def test_muon_is_chosen_for_new_models_whose_steps_are_long_enough():
    found = groups(tiny()).matrices.values()
    auto = OptimiserSpec(name="auto")
    work = sum(orthogonal_flops(*matrix.shape) for matrix in found)
    assert chosen(auto, found, step_flops=5 * work, alien=False).name == "muon"
    assert chosen(auto, found, step_flops=3 * work, alien=False).name == "adamw"
    assert chosen(auto, found, step_flops=5 * work, alien=True).name == "adamw"
    named = OptimiserSpec(name="lion")
    assert chosen(named, found, step_flops=0.0, alien=True) is named


def test_orthogonalisation_costs_what_torch_counts():
    with FlopCounterMode(display=False) as counter:
        orthogonal(torch.ones(3, 20, 12))
    assert counter.get_total_flops() == 3 * orthogonal_flops(20, 12)


def test_rates_come_from_size_batch_and_start_and_the_recipes_own_are_kept():
    spec = OptimiserSpec(name="adamw")
    plain = {"objective": "causal", "parameters": 5_000_000, "tokens": 8192, "fresh": True}
    base = derived(spec, **plain)
    assert base.lr == base.embedding_lr
    assert derived(spec, **{**plain, "parameters": 80_000_000}).lr == pytest.approx(base.lr / 2)
    assert derived(spec, **{**plain, "tokens": 32768}).lr == pytest.approx(base.lr * 2)
    assert derived(spec, **{**plain, "fresh": False}).lr == pytest.approx(base.lr / 10)
    own = OptimiserSpec(name="muon", lr=0.5, embedding_lr=0.25)
    assert derived(own, **plain) == Rates(0.5, 0.25)
    muon = derived(OptimiserSpec(name="muon"), **plain)
    later = derived(OptimiserSpec(name="muon"), **{**plain, "fresh": False})
    assert muon.embedding_lr > muon.lr
    assert later.embedding_lr == pytest.approx(muon.embedding_lr / 10)
