from __future__ import annotations

from math import log
from typing import Any, get_args

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from zaohua.errors import UsageError
from zaohua.model import build, counting, shape
from zaohua.model.shapes import DIAL
from zaohua.model.spec import ModelSpec, Size

from .conftest import small

VOCAB = 6400


@pytest.mark.parametrize(
    ("size", "millions"),
    [("nano", 1.6), ("micro", 3.9), ("mini", 11.9), ("small", 25.8), ("base", 105.6)],
)
def test_sizes_are_what_they_say(size: Size, millions: float) -> None:
    assert shape(ModelSpec(size=size), VOCAB).parameters / 1e6 == pytest.approx(millions, abs=0.06)


def test_every_size_is_on_the_dial() -> None:
    assert tuple(DIAL) == get_args(Size)


@pytest.mark.parametrize("layout", ["qwen3", "llama", "bert", "modernbert"])
@pytest.mark.parametrize("tie", [True, False])
def test_the_count_of_parameters_is_that_of_the_built_model(
    layout: str, tie: bool, tokenizer: PreTrainedTokenizerFast
) -> None:
    found = shape(ModelSpec.model_validate({"layout": layout, "tie": tie}), len(tokenizer))
    model = build(found, tokenizer)
    assert counting.parameters(model) == found.parameters
    assert counting.matrices(model) == found.matrices
    assert counting.flops_per_token(model, 77) == found.flops_per_token(77)


def test_operations_are_counted_as_kaplan_does() -> None:
    found = shape(ModelSpec(size="small"), VOCAB)
    layer = 2 * 512 * 512 + 2 * 512 * 128 + 3 * 512 * 1408
    assert found.matrices == 8 * layer + 512 * VOCAB
    assert found.flops_per_token(512) == 6 * found.matrices + 6 * 8 * 512 * 512


def test_everything_can_be_overridden_and_the_rest_follows() -> None:
    found = shape(ModelSpec(width=320, context=99, tie=False), 101)
    assert (found.width, found.heads, found.head_width, found.kv_heads) == (320, 10, 32, 2)
    assert (found.inner, found.context, found.tie, found.vocab) == (896, 99, False, 128)


def test_all_problems_are_told_at_once() -> None:
    spec = ModelSpec(width=100, heads=3, kv_heads=2, inner=33, layout="bert")
    with pytest.raises(UsageError) as error:
        shape(spec, VOCAB)
    line = error.value.line()
    assert "width 100 is no multiple of heads 3" in line
    assert "heads 3 is no multiple of kv_heads 2" in line
    assert "inner 33 is no multiple of 32" in line
    assert "\n" not in line


def test_the_table_names_what_was_chosen() -> None:
    table = shape(ModelSpec(size="small"), VOCAB).table()
    assert "width          512" in table
    assert "25,830,912" in table
    assert "not for inner" in table


def test_a_model_is_the_same_for_the_same_seed(tokenizer: PreTrainedTokenizerFast) -> None:
    found = shape(ModelSpec(), len(tokenizer))
    before = torch.get_rng_state()
    one, same, other = (build(found, tokenizer, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["lm_head.weight"], other["lm_head.weight"])


@pytest.mark.parametrize("layout", ["qwen3", "llama", "bert", "modernbert"])
def test_a_new_model_starts_at_the_loss_of_guessing(
    layout: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = small(layout, tokenizer, loud=False, width=256)
    row = torch.randint(5, 400, (4, 100))
    with torch.no_grad():
        logits = model(input_ids=row).logits
    random = torch.randint(5, 400, (400,))
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), random)
    assert loss.item() == pytest.approx(log(logits.shape[-1]), abs=0.35)


def test_special_ids_reach_the_configuration(tokenizer: PreTrainedTokenizerFast) -> None:
    model = small("qwen3", tokenizer)
    assert model.config.eos_token_id == 0
    assert model.config.pad_token_id == 3
    assert model.generation_config is not None
    assert model.generation_config.eos_token_id == [0, 2]


def test_a_tokenizer_larger_than_the_model_is_refused(tokenizer: Any) -> None:
    with pytest.raises(UsageError, match="room for 64"):
        build(shape(ModelSpec(), 10), tokenizer)
