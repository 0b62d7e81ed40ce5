"""The same answers? Greedy text of each engine against transformers in fp32, on the same weights.

    python -m bench.answers [--model smollm2-135m]

Each engine, weight format and precision is compared with transformers on the same GGUF file, whose
weights it gets dequantised. Where a token is another than the likeliest one, the gap between the
two logits says how near the choice was.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bench.servers import model_home
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.fit import plan
from zaohua.generate.formats import BITS, derived, in_format
from zaohua.generate.native.builds import usable_builds
from zaohua.generate.openvino.readable import readable
from zaohua.generate.openvino.weights import group_for, grouped
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.generate.setups import Setup, start
from zaohua.generate.tuning.tuning import candidates
from zaohua.hardware import hardware
from zaohua.model.gguf_reading import read_gguf
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, find

LENGTH = 32
NEAR = 0.1
QUESTIONS = (
    "What is the capital of France?",
    "Name three fruits.",
    "Why is the sky blue?",
    "Write a sentence about a river.",
    "Count from one to ten.",
    "What is seven times eight?",
    "Who wrote Hamlet?",
    "How do I boil an egg?",
    "Translate 'good morning' into Spanish.",
    "What is a prime number?",
    "Describe a cat in one sentence.",
    "What does a baker do?",
    "Tell me a fact about the moon.",
    "What is the opposite of cold?",
    "List the days of the week.",
    "Explain rain to a child.",
    "What is photosynthesis?",
    "Give me a name for a dog.",
    "How many legs has a spider?",
    "What is the largest ocean?",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One answer: tokens before the first other one, and the gap there (0: none is another)."""

    same: int
    length: int
    gap: float

    @property
    def equal(self) -> bool:
        """Whether no token is another."""
        return self.same == self.length


async def answers_of(engine: Engine) -> list[list[int]]:
    """Token ids of each answer, one after another."""
    sampling = Sampling(max_tokens=LENGTH, temperature=0, logprobs=True)
    told = []
    for question in QUESTIONS:
        request = ChatRequest((Message("user", question),), sampling)
        answer = (await collect(engine.chat(request))).answers[0]
        told.append([token.id for token in answer.logprobs])
    return told


async def all_answers(
    settings: Settings, model: InstalledModel, setups: Sequence[Setup]
) -> dict[Setup, list[list[int]]]:
    """Of each setup."""
    told = {}
    for setup in setups:
        planned = plan(model, hardware(), settings)
        engine = await start(model, planned, settings.home, setup)
        told[setup] = await answers_of(engine)
        await engine.aclose()
    return told


@torch.no_grad()
def reference_of(model: InstalledModel, setup: Setup, settings: Settings) -> tuple[Any, Any]:
    """Transformers' model with the weights of a setup, and its tokenizer."""
    if setup.weights not in BITS:
        return read_gguf(in_format(model, setup.weights, settings.home), Silent())
    finer = derived(model, settings.home, "q8_0.gguf")
    reference, tokenizer = read_gguf(readable(model.path, finer), Silent())
    matrices = [weights for weights in reference.parameters() if weights.dim() > 1]
    group, bits = group_for(weights.shape[-1] for weights in matrices), BITS[setup.weights]
    for weights in matrices:
        weights.copy_(torch.from_numpy(grouped(weights.numpy(), group, bits).dense()))
    return reference, tokenizer


@torch.no_grad()
def compare(model: Any, tokenizer: Any, question: str, tokens: Sequence[int]) -> Compared:
    """What transformers makes of an engine's answer: one pass over prompt and answer."""
    turns = [{"role": "user", "content": question}]
    text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
    logits = model(torch.tensor([[*prompt, *tokens]])).logits[0, len(prompt) - 1 :]
    for place, token in enumerate(tokens):
        best = int(logits[place].argmax())
        if best != token:
            return Compared(place, len(tokens), float(logits[place, best] - logits[place, token]))
    return Compared(len(tokens), len(tokens), 0.0)


def line(name: str, found: Sequence[Compared]) -> str:
    """One engine's row."""
    gaps = [one.gap for one in found if not one.equal]
    near = sum(one.equal or one.gap < NEAR for one in found)
    same = statistics.median(one.same for one in found)
    widest = f"{max(gaps):.2f}" if gaps else ""
    equal = sum(one.equal for one in found)
    return f"| {name} | {equal} | {near} | {same:.0f} | {widest} |"


def main() -> None:
    """Ask all, compare, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="smollm2-135m")
    options = parser.parse_args()
    settings = Settings(home=model_home(options.model))
    model = find(settings, options.model)
    made = [build.name for build in usable_builds(settings.home)]
    ways = candidates(model, openvino=True, bf16=True, compiled=made)
    told = asyncio.run(all_answers(settings, model, list(ways)))
    count = len(QUESTIONS)
    print(f"| {options.model} | equal, of {count} | equal or gap < {NEAR} | tokens before the "
          "first other one, median | widest gap |\n|---|---:|---:|---:|---:|")  # fmt: skip
    for setup, answers in told.items():
        reference, tokenizer = reference_of(model, setup, settings)
        pairs = zip(QUESTIONS, answers, strict=True)
        print(line(setup.label, [compare(reference, tokenizer, *pair) for pair in pairs]))


if __name__ == "__main__":
    main()
