from __future__ import annotations

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from zaohua.model.dropout import set_dropout

from .conftest import small

ROW = torch.tensor([[0, 17, 45, 200, 33, 2, 99, 301]])


@pytest.mark.parametrize("layout", ["qwen3", "llama", "bert", "modernbert"])
def test_dropout_acts_in_training_only_and_can_be_taken_off(
    layout: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = small(layout, tokenizer)
    before = model.config.to_dict()
    with torch.no_grad():
        plain = model(ROW).logits
        set_dropout(model, 0.3)
        set_dropout(model, 0.2)
        torch.testing.assert_close(model(ROW).logits, plain)
        model.train()
        once, twice = model(ROW).logits, model(ROW).logits
        assert not torch.allclose(once, twice)
        set_dropout(model, 0.0)
        torch.testing.assert_close(model(ROW).logits, plain)
    assert model.config.to_dict() == before


def test_llama_drops_what_its_layers_add(tokenizer: PreTrainedTokenizerFast) -> None:
    model = small("llama", tokenizer).train()
    layer = model.model.layers[0].mlp.down_proj
    set_dropout(model, 0.25)
    set_dropout(model, 0.25)
    out = layer(torch.randn(2000, layer.in_features))
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
