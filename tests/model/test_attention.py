from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from zaohua.model.attention import BLOCK, BLOCKS, in_blocks, register, use

from .conftest import small

LIMIT = 2e-6
"""Of the largest difference from PyTorch's attention in fp32, forward and in gradients."""


def inputs(length: int, heads: int = 6, shared: int = 2, width: int = 32) -> list[torch.Tensor]:
    torch.manual_seed(length)
    shapes = [(2, n, length, width) for n in (heads, shared, shared)]
    return [torch.randn(shape).requires_grad_() for shape in shapes]


def packed(length: int, rows: int = 2) -> torch.Tensor:
    segments = torch.ones(rows, length, dtype=torch.int64)
    segments[:, length // 3 :] = 2
    segments[0, length // 2 :] = 3
    segments[:, length - length // 8 :] = 0
    return segments


def reference(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    segments: torch.Tensor | None,
    causal: bool,
) -> torch.Tensor:
    length = query.shape[2]
    seen = torch.ones(1, 1, length, length, dtype=torch.bool)
    if segments is not None:
        seen = (segments[:, :, None] == segments[:, None])[:, None]
    if causal:
        seen = seen & torch.ones(length, length, dtype=torch.bool).tril()
    out = functional.scaled_dot_product_attention(query, key, value, seen, enable_gqa=True)
    return out.transpose(1, 2)


@pytest.mark.parametrize("length", [2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("pack", [True, False])
def test_forward_and_gradient_equal_pytorchs_attention(
    length: int, causal: bool, pack: bool
) -> None:
    segments = packed(length) if pack else None
    ours, theirs = inputs(length), inputs(length)
    scale = ours[0].shape[-1] ** -0.5
    out = in_blocks(*ours, scale, segments, causal=causal)
    expected = reference(*theirs, segments, causal)
    torch.testing.assert_close(out, expected, atol=LIMIT, rtol=0)
    pull = torch.randn(out.shape) / length**0.5
    out.backward(pull)
    expected.backward(pull)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=LIMIT, rtol=0)


def test_block_size_does_not_change_the_result() -> None:
    tensors = inputs(200)
    whole = in_blocks(*tensors, 0.2, block=200)
    for block in (16, 100, 128):
        torch.testing.assert_close(in_blocks(*tensors, 0.2, block=block), whole, atol=LIMIT, rtol=0)


def test_dropout_drops_weights_and_keeps_the_mean() -> None:
    query, key, _ = inputs(64, heads=2)
    value = torch.ones(2, 2, 64, 32)
    torch.manual_seed(0)
    out = in_blocks(query, key, value, 0.2, dropout=0.25)
    assert out.std() > 0.05
    assert abs(out.mean().item() - 1) < 0.02


def with_pytorchs(model: torch.nn.Module) -> torch.nn.Module:
    model.set_attn_implementation("sdpa")
    return model


@pytest.mark.parametrize("layout", ["qwen3", "llama", "bert", "modernbert"])
def test_documents_packed_into_a_row_do_not_see_each_other(
    layout: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = small(layout, tokenizer)
    assert model.config._attn_implementation == BLOCKS
    lengths = (70, 45, 31)
    documents = [torch.randint(5, 400, (1, n)) for n in lengths]
    row = torch.cat([*documents, torch.full((1, 10), 3)], 1)
    segments = torch.tensor([[1] * 70 + [2] * 45 + [3] * 31 + [0] * 10])
    positions = torch.cat([torch.arange(n) for n in (*lengths, 10)])[None]
    with torch.no_grad():
        together = model(input_ids=row, segments=segments, position_ids=positions).logits
        alone = [with_pytorchs(model)(input_ids=document).logits for document in documents]
    torch.testing.assert_close(together[:, :146], torch.cat(alone, 1), atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("layout", ["qwen3", "llama", "bert", "modernbert"])
def test_gradients_of_a_model_equal_those_under_pytorchs_attention(
    layout: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = small(layout, tokenizer)
    row = torch.randint(5, 400, (2, 150))
    found = []
    for implementation in (BLOCKS, "sdpa"):
        model.set_attn_implementation(implementation)
        model.zero_grad()
        model(input_ids=row, labels=row).loss.backward()
        found.append({n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None})
    assert found[0].keys() == found[1].keys()
    for name, gradient in found[0].items():
        torch.testing.assert_close(gradient, found[1][name], atol=LIMIT, rtol=1e-4, msg=name)


@pytest.mark.parametrize("layout", ["qwen3", "llama"])
def test_generation_with_a_cache_and_padding_equals_pytorchs(
    layout: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    model = small(layout, tokenizer)
    prompt = torch.randint(5, 400, (2, 9))
    mask = torch.ones_like(prompt)
    mask[0, :3] = 0
    asked = {"attention_mask": mask, "max_new_tokens": 12, "do_sample": False}
    ours = model.generate(prompt, **asked)
    assert torch.equal(ours, with_pytorchs(model).generate(prompt, **asked))


def test_a_sliding_window_is_kept_with_and_without_segments() -> None:
    config = Qwen3Config(
        vocab_size=64,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        intermediate_size=64,
        use_sliding_window=True,
        sliding_window=8,
        max_window_layers=0,
    )
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(config).eval()
    row = torch.randint(0, 64, (1, 100))
    with torch.no_grad():
        theirs = model(input_ids=row).logits
        assert use(model)
        torch.testing.assert_close(model(input_ids=row).logits, theirs)
        one = torch.ones(1, 100, dtype=torch.int64)
        torch.testing.assert_close(model(input_ids=row, segments=one).logits, theirs)


def test_compiled_it_is_the_same(tokenizer: PreTrainedTokenizerFast) -> None:
    model = small("qwen3", tokenizer)
    row = torch.randint(5, 400, (2, 130))
    segments = packed(130)
    plain = model.model(input_ids=row, segments=segments).last_hidden_state
    for layer in model.model.layers:
        layer.compile(dynamic=False)
    fast = model.model(input_ids=row, segments=segments).last_hidden_state
    torch.testing.assert_close(fast, plain, atol=2e-5, rtol=1e-5)


def test_registering_twice_is_harmless() -> None:
    assert register() == register() == BLOCKS


@pytest.mark.parametrize("pack", [True, False])
def test_under_autocast_it_computes_in_bf16_and_softmax_in_fp32(
    tokenizer: PreTrainedTokenizerFast, pack: bool
) -> None:
    model = small("qwen3", tokenizer, loud=False)
    row = torch.randint(5, 400, (2, 80))
    inputs = {"input_ids": row, **({"segments": packed(80)} if pack else {})}
    plain = model(**inputs).logits
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model(**inputs).logits
        rounded.float().square().mean().backward()
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), plain, atol=0.05, rtol=0.05)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_gradient_checkpointing_changes_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    model = small("llama", tokenizer).train()
    row = torch.randint(5, 400, (2, 80))
    found = []
    for checkpointing in (False, True):
        if checkpointing:
            model.gradient_checkpointing_enable()
        model.zero_grad()
        model(input_ids=row, segments=packed(80), use_cache=False).logits.square().mean().backward()
        found.append([p.grad.clone() for p in model.parameters()])
    for plain, again in zip(*found, strict=True):
        torch.testing.assert_close(again, plain)
