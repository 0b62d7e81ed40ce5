"""What a model says while it learns: a person sees in a line what a loss does not tell.

Nothing here may change the run: dropout and mode, the chance of later steps, the gradient and the
model's settings are afterwards what they were before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from zaohua.data.tokens.loading import boundaries
from zaohua.data.tokens.rows import IGNORE, Rows
from zaohua.model.quiet import quiet
from zaohua.model.vocabulary import special_ids
from zaohua.store.files import write_atomic

FILE = "samples.jsonl"
TOKENS = 64
TEMPERATURE, TOP_P = 0.8, 0.95
OPENING = 8
"""Tokens of a validation document that are continued when the recipe has no prompts."""

OPENINGS = 3
SHOWN = 60
"""Characters of prompt and output in a line of progress."""

Objective = Literal["causal", "chat", "masked", "classify"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A prompt and what the model made of it."""

    step: int
    prompt: str
    output: str

    def line(self) -> str:
        """For people, while training goes on."""
        prompt, output = (" ".join(text.split()) for text in (self.prompt, self.output))
        return f"step {self.step}: {prompt[-SHOWN:]} → {output[:SHOWN]}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text to show and the tokens to give."""

    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sampler:
    """Continues, answers, fills in or classifies the same prompts again and again."""

    tokenizer: PreTrainedTokenizerBase
    prompts: tuple[Prompt, ...]
    objective: Objective
    seed: int = 1

    def samples(self, model: PreTrainedModel, step: int) -> list[Sample]:
        """One sample of each prompt; the same model gives the same."""
        with _untouched(model, self.seed):
            return [Sample(step, p.text, self._output(model, p)) for p in self.prompts]

    def _output(self, model: PreTrainedModel, prompt: Prompt) -> str:
        tokens = torch.tensor([prompt.tokens], device=model.device)
        match self.objective:
            case "masked":
                return self._filled(model, tokens)
            case "classify":
                return _class(model, tokens)
            case _:
                return self._continued(model, tokens)

    def _continued(self, model: Any, tokens: torch.Tensor) -> str:
        ids = special_ids(self.tokenizer)
        how = GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=max(1, min(TOKENS, _room(model, tokens))),
            do_sample=True,
            temperature=TEMPERATURE,
            top_p=TOP_P,
            top_k=0,
            eos_token_id=ids.stops or None,
            pad_token_id=ids.pad if ids.pad is not None else ids.eos,
        )
        with quiet():
            out = model.generate(
                tokens, attention_mask=torch.ones_like(tokens), generation_config=how
            )
        return _shown(self.tokenizer, out[0, tokens.shape[1] :].tolist())

    def _filled(self, model: Any, tokens: torch.Tensor) -> str:
        logits = model(input_ids=tokens).logits[0]
        mask = self.tokenizer.mask_token_id
        filled = torch.where(tokens[0] == mask, logits.argmax(-1), tokens[0])
        return _shown(self.tokenizer, filled.tolist())


def prompts_of(
    texts: Sequence[str],
    objective: Objective,
    tokenizer: PreTrainedTokenizerBase,
    validation: Rows,
) -> tuple[Prompt, ...]:
    """The recipe's prompts as tokens; without any, openings of the validation data."""
    if not texts:
        return tuple(_openings(objective, tokenizer, validation))
    return tuple(Prompt(text, _tokens(text, objective, tokenizer)) for text in texts)


def keep(folder: Path, samples: Sequence[Sample]) -> None:
    """Add to the run's samples; those of a part of the run that is done again are replaced."""
    if not samples:
        return
    kept = [sample for sample in read(folder) if sample.step < samples[0].step]
    lines = [json.dumps(asdict(sample), ensure_ascii=False) for sample in [*kept, *samples]]
    write_atomic(folder / FILE, "".join(f"{line}\n" for line in lines).encode())


def read(folder: Path) -> list[Sample]:
    """All samples of a run."""
    path = folder / FILE
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Sample(**json.loads(line)) for line in lines]


def _tokens(text: str, objective: Objective, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    if objective == "chat":
        talk = [{"role": "user", "content": text}]
        shown = tokenizer.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
        return tuple(tokenizer(str(shown), add_special_tokens=False)["input_ids"])
    around = boundaries(tokenizer)
    ids = [around.start, *tokenizer(text, add_special_tokens=False)["input_ids"]]
    if objective != "causal":
        ids.append(around.end)
    return tuple(int(number) for number in ids if number is not None)


def _openings(
    objective: Objective, tokenizer: PreTrainedTokenizerBase, validation: Rows
) -> Iterator[Prompt]:
    """The first document of some rows: its beginning, its question, or its text."""
    if objective == "masked":
        return
    for number in range(min(OPENINGS, len(validation))):
        row = validation[number]
        document = row.tokens[row.segments == 1]
        taught = np.flatnonzero(row.targets[row.segments == 1] != IGNORE)
        if objective != "classify" and not len(taught):
            continue
        ends = {"causal": OPENING, "classify": len(document)}
        end = ends.get(objective, int(taught[0]) + 1 if len(taught) else 0)
        tokens = tuple(int(t) for t in document[:end])
        yield Prompt(_shown(tokenizer, list(tokens)), tokens)


def _class(model: Any, tokens: torch.Tensor) -> str:
    shares = model(input_ids=tokens).logits[0].float().softmax(-1)
    best = int(shares.argmax())
    return f"{model.config.id2label[best]} ({float(shares[best]):.0%})"


def _shown(tokenizer: Any, tokens: list[int]) -> str:
    text: str = tokenizer.decode(tokens, skip_special_tokens=True)
    return text.strip()


def _room(model: Any, tokens: torch.Tensor) -> int:
    limit: int = model.config.max_position_embeddings
    return limit - tokens.shape[1]


@contextmanager
def _untouched(model: nn.Module, seed: int) -> Iterator[None]:
    """Evaluation without gradient, and chance of its own; mode and chance are put back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            yield
    finally:
        for module, training in modes:
            module.training = training
