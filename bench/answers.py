"""The same answers? Greedy text of each engine against transformers in fp32, on the same weights.

    python -m bench.answers [--model smollm2-135m] [--engines llamacpp openvino]

Both read the same GGUF file; transformers gets its weights dequantised. Where an engine's token is
another than the likeliest one, the gap between the two logits says how near the choice was.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bench.servers import model_home
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.pool import Pool
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.model.gguf_reading import read_gguf
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.models import find

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


async def all_answers(home: Path, model: str, engines: Sequence[Any]) -> dict[str, list[list[int]]]:
    """Of each engine."""
    told = {}
    for name in engines:
        pool = Pool(Settings(home=home, model=model, engine=name))
        async with pool.use() as engine:
            told[name] = await answers_of(engine)
        await pool.aclose()
    return told


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
    parser.add_argument("--engines", nargs="+", default=["llamacpp", "openvino"])
    options = parser.parse_args()
    home = model_home(options.model)
    told = asyncio.run(all_answers(home, options.model, options.engines))
    model, tokenizer = read_gguf(find(Settings(home=home), options.model).path, Silent())
    count = len(QUESTIONS)
    print(f"| {options.model} | equal, of {count} | equal or gap < {NEAR} | tokens before the "
          "first other one, median | widest gap |\n|---|---:|---:|---:|---:|")  # fmt: skip
    for name, answers in told.items():
        pairs = zip(QUESTIONS, answers, strict=True)
        print(line(name, [compare(model, tokenizer, *pair) for pair in pairs]))


if __name__ == "__main__":
    main()
