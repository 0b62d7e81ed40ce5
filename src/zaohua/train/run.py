"""One run, from data and model to a checkpoint with its card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from zaohua.data.tokens.encoding import encode
from zaohua.data.tokens.loading import load_tokenizer
from zaohua.data.tokens.reading import classes, rows
from zaohua.data.tokens.rows import Rows
from zaohua.data.tokens.shards import Form
from zaohua.heap import kept_heap
from zaohua.model.building import build
from zaohua.model.counting import flops_per_token
from zaohua.model.dropout import set_dropout
from zaohua.model.loading import Head, load
from zaohua.model.saving import save
from zaohua.model.shapes import shape
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Work
from zaohua.train import card, checks, plan, samples, state
from zaohua.train.card import Facts
from zaohua.train.decide import PLAN, decide
from zaohua.train.freezing import freeze
from zaohua.train.job import AfterValidation, Outcome
from zaohua.train.loop import train
from zaohua.train.objectives.making import objective_for
from zaohua.train.optimisers import Rates, chosen, derived, groups
from zaohua.train.pacing import paced
from zaohua.train.plan import Choice, Size
from zaohua.train.samples import Sampler
from zaohua.train.sources import Sources
from zaohua.train.spec import TrainSpec

FORMS: Mapping[str, Form] = {
    "causal": "text",
    "masked": "text",
    "chat": "chat",
    "classify": "labelled",
}
HEADS: Mapping[str, Head] = {
    "causal": "causal",
    "masked": "masked",
    "chat": "causal",
    "classify": "classify",
}
START_TOKENIZER = "start-tokenizer"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Data as rows, and what is known of it."""

    train: Rows
    validation: Rows
    counts: Mapping[str, Any]
    classes: list[str]


@dataclass(frozen=True, slots=True)
class Learner:
    """The model that learns, its tokenizer, and how many tokens it can see."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    limit: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the recipe left open and does not depend on the machine.

    Attributes:
        spec: the recipe with its optimiser named.
        steps: 0: as many as fit into the minutes given.
        rows_a_step: rows that a step learns from.
        rates: peak learning rates.
        table: all of it with the reasons, to print.
    """

    spec: TrainSpec
    steps: int
    rows_a_step: int
    rates: Rates
    table: list[Choice]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, filling the folder of a checkpoint in the making."""

    spec: TrainSpec
    found: Sources
    work: Work
    settings: Settings
    progress: Progress

    def fill(self) -> None:
        """From data to card."""
        tokens = self.tokens()
        learner = self.learner(classes(tokens))
        length = plan.row_length(self.spec, learner.limit, self.found.inherited.get("context", 0))
        lesson = self.lesson(tokens, learner, int(length.value))
        freeze(learner.model, self.spec.frozen)
        chosen = self.chosen(lesson, learner.model, length)
        for choice in chosen.table:
            self.progress.note(choice.line())
        outcome = self.train(learner, lesson, chosen)
        save(learner.model, learner.tokenizer, self.work.path)
        self.describe(learner, lesson, chosen.table, outcome)
        self.tidy()

    def tokens(self) -> Artefact:
        """The data set through the tokenizer; made once, then found."""
        form = FORMS[self.spec.objective]
        return encode(
            self.found.dataset,
            self.tokenizer_source(),
            form,
            settings=self.settings,
            progress=self.progress,
        )

    def tokenizer_source(self) -> Path | Artefact:
        """A GGUF file has its tokenizer inside; it is written out for the encoder."""
        found = self.found
        source = found.tokenizer or found.started or found.folder
        if source is not None:
            return source
        folder = self.work.path / START_TOKENIZER
        if not folder.exists():
            part = self.work.path / f".{START_TOKENIZER}.part"
            load(self.spec.model.start, settings=self.settings).tokenizer.save_pretrained(str(part))
            part.rename(folder)
        return folder

    def learner(self, labels: list[str]) -> Learner:
        """A new model, or the one to go on from; the same for the same seed."""
        spec, head = self.spec, HEADS[self.spec.objective]
        torch.manual_seed(spec.seed)
        if self.found.tokenizer is not None:
            tokenizer = load_tokenizer(self.found.tokenizer)
            formed = shape(spec.model, len(tokenizer))
            return Learner(build(formed, tokenizer, seed=spec.seed), tokenizer, formed.context)
        loaded = load(
            spec.model.start,
            settings=self.settings,
            head=head,
            labels=labels,
            progress=self.progress,
        )
        limit = loaded.model.config.max_position_embeddings
        return Learner(loaded.model, loaded.tokenizer, limit)

    def lesson(self, tokens: Artefact, learner: Learner, length: int) -> Lesson:
        """The rows, after everything that can be known to be wrong was looked for."""
        form = FORMS[self.spec.objective]
        embedding: Any = learner.model.get_input_embeddings()
        problems = [
            *checks.of_length(length, learner.limit),
            *checks.of_vocabulary(len(learner.tokenizer), embedding.num_embeddings),
            *checks.of_mask(self.spec.objective, learner.tokenizer.mask_token_id),
        ]
        checks.require(problems, self.spec.data)
        whole = self.spec.whole
        train_rows = rows(tokens, "train", length, form=form, whole=whole)
        validation = rows(tokens, "validation", length, form=form, whole=whole)
        names = classes(tokens)
        found = [*checks.of_rows(train_rows, validation, self.spec.objective)]
        if form == "labelled":
            found += checks.of_labels(names, self.found.inherited.get("classes", []))
        checks.require(found, self.found.dataset.reference)
        return Lesson(train_rows, validation, tokens.manifest.metrics, names)

    def chosen(self, lesson: Lesson, model: PreTrainedModel, length: Choice) -> Chosen:
        """Everything the recipe leaves open that does not depend on the machine."""
        spec, size = self.spec, Size(len(lesson.train), lesson.train.length)
        batch = plan.rows_a_step(spec, size, self.found.inherited.get("batch_tokens", 0))
        steps = plan.steps(spec, size, int(batch.value))
        tokens = int(batch.value) * size.length
        matrices = list(groups(model).matrices.values())
        alien = self.found.start is not None and self.found.started is None
        work = flops_per_token(model, size.length) * tokens
        optimiser = chosen(spec.optimiser, matrices, step_flops=work, alien=alien)
        rates = derived(
            optimiser,
            objective=spec.objective,
            parameters=sum(matrix.numel() for matrix in matrices),
            tokens=tokens,
            fresh=not spec.model.start,
        )
        told = plan.optimiser(spec.optimiser, optimiser, alien=alien)
        table = [length, batch, steps, told, *plan.rates(optimiser, rates)]
        resolved = spec.model_copy(update={"optimiser": optimiser})
        return Chosen(resolved, int(steps.value), int(batch.value), rates, table)

    def train(self, learner: Learner, lesson: Lesson, chosen: Chosen) -> Outcome:
        """The loop, with samples at each validation."""
        set_dropout(learner.model, self.spec.dropout)
        with kept_heap():
            job = decide(
                chosen.spec,
                learner.model,
                objective_for(self.spec, lesson.train.byte_lengths, learner.tokenizer),
                lesson.train,
                lesson.validation,
                steps=chosen.steps,
                rows_a_step=chosen.rows_a_step,
                rates=chosen.rates,
                folder=self.work.path,
                settings=self.settings,
                progress=self.progress,
                after_validation=self.sampling(learner, lesson),
            )
            job = paced(job, self.spec.schedule, progress=self.progress)
            return train(job, progress=self.progress)

    def sampling(self, learner: Learner, lesson: Lesson) -> AfterValidation:
        """What is done after each validation: samples are taken, shown and kept."""
        prompts = samples.prompts_of(
            self.spec.prompts, self.spec.objective, learner.tokenizer, lesson.validation
        )
        sampler = Sampler(learner.tokenizer, prompts, self.spec.objective, self.spec.seed)

        def after(step: int, figures: Mapping[str, float], model: nn.Module) -> None:
            taken = sampler.samples(learner.model, step)
            samples.keep(self.work.path, taken)
            for sample in taken[:1]:
                self.progress.note(sample.line())

        return after

    def describe(
        self, learner: Learner, lesson: Lesson, choices: list[Choice], outcome: Outcome
    ) -> None:
        """Card, and what the manifest says."""
        work, spec, parameters = self.work, self.spec, [*learner.model.parameters()]
        work.licence = self.found.licence
        work.metrics.update(_telling(outcome))
        length = lesson.train.length
        decisions = json.loads((work.path / PLAN).read_bytes())
        choices = [_decided(choice, decisions) for choice in choices]
        work.details.update(
            objective=spec.objective,
            context=length,
            batch_tokens=decisions["rows_a_step"] * length,
            parameters=sum(p.numel() for p in parameters),
            type=learner.model.config.model_type,
            classes=lesson.classes,
        )
        facts = Facts(
            spec=spec,
            dataset=self.found.dataset,
            start=self.found.start.origin if self.found.start else "",
            tokenizer=self.found.inputs[1],
            model_type=learner.model.config.model_type,
            classes=lesson.classes,
            counts=lesson.counts,
            choices=choices,
            decisions=decisions,
            parameters=_counts(parameters),
            outcome=outcome,
            samples=samples.read(work.path),
            threads=torch.get_num_threads(),
            core_hour_price=self.settings.core_hour_price,
        )
        card.write(work, facts, self.found.inputs, Artefacts(self.settings.home))

    def tidy(self) -> None:
        """Remove what only an unfinished run needs."""
        state.clear(self.work.path)
        shutil.rmtree(self.work.path / START_TOKENIZER, ignore_errors=True)


def _telling(outcome: Outcome) -> dict[str, float]:
    """The figures of a run that a person wants first, in that order."""
    last = outcome.metrics
    names = [name for name in ("bits_per_byte", "accuracy", "loss") if name in last]
    rest = {
        "steps": outcome.steps,
        "tokens": outcome.tokens,
        "seconds": round(outcome.seconds, 1),
        "tokens_per_second": round(outcome.speed, 1),
        "mfu": round(outcome.mfu, 4),
    }
    return {name: last[name] for name in names} | rest


def _decided(choice: Choice, decisions: Mapping[str, Any]) -> Choice:
    """With the steps that were found to fit into the minutes given."""
    if choice.name == "steps" and choice.value == 0:
        return replace(choice, value=decisions["steps"])
    return choice


def _counts(parameters: list[nn.Parameter]) -> tuple[int, int]:
    trained = [p for p in parameters if p.requires_grad]
    return sum(p.numel() for p in parameters), sum(p.numel() for p in trained)
