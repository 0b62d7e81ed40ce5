"""Going on from a real model that exists only as a GGUF file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zaohua.model import load, save
from zaohua.model.export import export
from zaohua.model.gguf_writing import write_gguf
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

from .engine import running
from .test_export import answer, served

PROMPTS = (
    "The capital of France is",
    "<|im_start|>user\nWhat is 12 + 345?<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n    if n < 2:\n        return",
    "床前明月光，",
)


@pytest.mark.slow
def test_smollm2_is_loaded_saved_exported_and_served(
    test_model: InstalledModel, model_home: Path, settings: Settings, tmp_path: Path
) -> None:
    loaded = load(str(test_model.path), settings=Settings(home=model_home))
    tokenizer, model = loaded.tokenizer, loaded.model
    assert sum(p.numel() for p in model.parameters()) == 134_515_008
    rows = [tokenizer(text)["input_ids"] for text in PROMPTS]
    with torch.no_grad():
        expected = [model(torch.tensor([row])).logits[0, -1].log_softmax(-1) for row in rows]
    with running(test_model.path) as engine:
        for text, row, ours in zip(PROMPTS, rows, expected, strict=True):
            assert engine.tokens(text) == row
            theirs = engine.logprobs(row, len(ours))
            known = ~theirs.isnan()
            assert known.sum() > 1000
            assert theirs.nan_to_num(-torch.inf).argmax() == ours.argmax()
            # the engine rounds activations to 8 bits before each product
            divergence = (ours[known].exp() * (ours[known] - theirs[known])).sum()
            assert divergence.abs() < 0.02

    save(model, tokenizer, tmp_path / "m")
    again = load(str(tmp_path / "m"), settings=settings)
    with torch.no_grad():
        for row, ours in zip(rows, expected, strict=True):
            found = again.model(torch.tensor([row])).logits[0, -1].log_softmax(-1)
            torch.testing.assert_close(found, ours, atol=1e-4, rtol=1e-4)

    write_gguf(again.model, again.tokenizer, tmp_path / "m.gguf", "f16")
    with running(tmp_path / "m.gguf") as engine:
        for text, row, ours in zip(PROMPTS, rows, expected, strict=True):
            assert engine.tokens(text) == row
            theirs = engine.logprobs(row, len(ours))
            known = ~theirs.isnan()
            assert (theirs[known] - ours[known]).abs().max() < 0.05

    export("mine", str(tmp_path / "m"), quant="q8_0", settings=settings)
    with served(settings, "mine") as address:
        said = answer(address, "mine", "What is the capital of France?", max_tokens=300)
    assert "Paris" in said
