from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from tests.train.homes import SMALL
from tests.train.material import Sums, job, losses, tiny
from zaohua.data.tokens import encode, rows
from zaohua.data.tokens.loading import load_tokenizer
from zaohua.model import build, shape
from zaohua.model.spec import ModelSpec
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefacts
from zaohua.train import samples
from zaohua.train.loop import train
from zaohua.train.samples import Prompt, Sample, Sampler, prompts_of


@pytest.fixture(scope="module")
def tokenizer(furnished: Settings) -> PreTrainedTokenizerBase:
    found = load_tokenizer(Artefacts(furnished.home).require("tokenizer", "mixed"))
    assert isinstance(found, PreTrainedTokenizerBase)
    return found


@pytest.fixture
def model(tokenizer: PreTrainedTokenizerBase) -> Any:
    return build(shape(ModelSpec(**SMALL), len(tokenizer)), tokenizer)


def test_sampling_leaves_mode_chance_and_gradients_alone(
    model: Any, tokenizer: PreTrainedTokenizerBase
) -> None:
    model.train()
    model.model.layers[0].eval()
    modes = [module.training for module in model.modules()]
    model(torch.tensor([[5, 6, 7]])).logits.sum().backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    sampler = Sampler(tokenizer, prompts_of(["the river"], "causal", tokenizer, Sums()), "causal")
    first = sampler.samples(model, 1)
    assert torch.equal(torch.rand(3), expected)
    assert [module.training for module in model.modules()] == modes
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert parameter.requires_grad
        assert torch.equal(parameter.grad, gradient)
    assert sampler.samples(model, 1) == first
    assert first[0].output


def test_a_run_with_samples_has_the_losses_of_one_without(
    tmp_path: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    taken: list[Sample] = []
    sampler = Sampler(tokenizer, (Prompt("", (1, 2, 3)),), "causal")

    def sample(step: int, _figures: Any, model: Any) -> None:
        taken.extend(sampler.samples(model, step))

    bare = train(job(tmp_path / "bare"))
    sampled = train(job(tmp_path / "sampled", after_validation=sample))
    assert losses(sampled.history) == losses(bare.history)
    assert len(taken) > 1


def test_openings_of_the_validation_data_stand_in_for_prompts(
    furnished: Settings, tokenizer: PreTrainedTokenizerBase
) -> None:
    store = Artefacts(furnished.home)
    vocabulary = store.require("tokenizer", "mixed")
    talk = encode(store.require("dataset", "cities"), vocabulary, "chat", settings=furnished)
    asked = prompts_of([], "chat", tokenizer, rows(talk, "validation", 64))
    assert len(asked) == samples.OPENINGS
    for prompt in asked:
        text = tokenizer.decode(list(prompt.tokens))
        assert text.startswith("<|im_start|>user\n")
        assert text.endswith("?<|im_end|>\n<|im_start|>assistant\n")
    moods = encode(store.require("dataset", "moods"), vocabulary, "labelled", settings=furnished)
    texts = prompts_of([], "classify", tokenizer, rows(moods, "validation", 64))
    assert texts[0].text.startswith("The ")
    assert (texts[0].tokens[0], texts[0].tokens[-1]) == (0, 0)


def test_prompts_are_put_as_the_data_was(tokenizer: PreTrainedTokenizerBase) -> None:
    [text] = prompts_of(["river"], "causal", tokenizer, Sums())
    [talk] = prompts_of(["river"], "chat", tokenizer, Sums())
    [mood] = prompts_of(["river"], "classify", tokenizer, Sums())
    plain = tokenizer("river", add_special_tokens=False)["input_ids"]
    assert list(text.tokens) == [0, *plain]
    assert list(mood.tokens) == [0, *plain, 0]
    turn = "<|im_start|>user\nriver<|im_end|>\n<|im_start|>assistant\n"
    assert tokenizer.decode(list(talk.tokens)) == turn


def test_masked_tokens_are_filled_in(tokenizer: PreTrainedTokenizerBase) -> None:
    from zaohua.model import build

    model = build(shape(ModelSpec(**SMALL, layout="bert"), len(tokenizer)), tokenizer)
    given = prompts_of(["the <|mask|> river"], "masked", tokenizer, Sums())
    [sample] = Sampler(tokenizer, given, "masked").samples(model, 3)
    assert tokenizer.mask_token_id in given[0].tokens
    assert sample.output.startswith("the")
    assert sample.output.endswith("river")
    assert prompts_of([], "masked", tokenizer, Sums()) == ()


def test_samples_done_again_after_a_resume_are_kept_once(tmp_path: Path) -> None:
    old = [[Sample(step, "a", str(step))] for step in (0, 10, 20)]
    for taken in old:
        samples.keep(tmp_path, taken)
    samples.keep(tmp_path, [Sample(10, "a", "again")])
    samples.keep(tmp_path, [])
    assert [s.output for s in samples.read(tmp_path)] == ["0", "again"]


def test_a_prompt_that_fills_the_context_is_continued_by_one_token(
    model: Any, tokenizer: PreTrainedTokenizerBase
) -> None:
    full = Prompt("long", tuple([7] * SMALL["context"]))
    assert len(Sampler(tokenizer, (full,), "causal").samples(model, 0)) == 1


def test_nothing_of_the_tiny_model_is_needed(tokenizer: PreTrainedTokenizerBase) -> None:
    [sample] = Sampler(tokenizer, (Prompt("", (1,)),), "causal").samples(tiny(), 0)
    assert sample.step == 0
