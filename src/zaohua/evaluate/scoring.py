"""Checkpoints run over a validation part, without the engine: likelihoods and classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from zaohua.data.tokens import classes, encode, rows
from zaohua.data.tokens.rows import Rows
from zaohua.data.tokens.shards import Form
from zaohua.errors import UsageError
from zaohua.model.loading import Loaded, load
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.train.objective import Batch, Objective
from zaohua.train.objectives.causal import Causal
from zaohua.train.objectives.classify import Classify
from zaohua.train.objectives.hidden import all_logits

ROWS = 16
LONGEST = 1024


def text_bits(model: str, data: Artefact, *, settings: Settings, progress: Progress) -> float:
    """Bits per byte of a causal model on the texts of a validation part.

    Raises:
        UsageError: no token of it stands for bytes.
    """
    loaded = load(model, settings=settings, head="causal", progress=progress)
    tokens = _encoded(model, loaded, data, "text", settings)
    found = rows(tokens, "validation", _length(loaded), form="text")
    objective = Causal(found.byte_lengths)
    sums: dict[str, float] = {}
    weight = 0
    with torch.inference_mode():
        for batch in _batches(found, objective, progress):
            for name, value in objective.loss(loaded.model, batch).sums.items():
                sums[name] = sums.get(name, 0.0) + float(value)
            weight += batch.weight
    figure = objective.summary(sums, weight).get("bits_per_byte")
    if figure is None:
        raise UsageError("the validation part has nothing to predict", where=data.reference)
    return figure


def predicted(
    model: str, data: Artefact, *, settings: Settings, progress: Progress
) -> tuple[list[str], list[str]]:
    """Labels of a validation part: those that are right, and those that a classifier gives."""
    loaded = load(model, settings=settings, head="classify", progress=progress)
    tokens = _encoded(model, loaded, data, "labelled", settings)
    found = rows(tokens, "validation", _length(loaded), form="labelled")
    names, of_model = classes(tokens), loaded.model.config.id2label or {}
    objective = Classify()
    right: list[str] = []
    given: list[str] = []
    with torch.inference_mode():
        for batch in _batches(found, objective, progress):
            answers = all_logits(loaded.model, batch.inputs).argmax(-1).tolist()
            right += [names[number] for number in batch.targets.tolist()]
            given += [str(of_model[number]) for number in answers]
    return right, given


def _encoded(
    model: str, loaded: Loaded, data: Artefact, form: Form, settings: Settings
) -> Artefact:
    """The data set through the model's own tokenizer."""
    checkpoint = Artefacts(settings.home).find("checkpoint", model)
    if checkpoint is not None:
        return encode(data, checkpoint, form, settings=settings)
    with TemporaryDirectory() as folder:  # of a GGUF file
        loaded.tokenizer.save_pretrained(folder)
        return encode(data, Path(folder), form, settings=settings)


def _length(loaded: Loaded) -> int:
    return min(int(loaded.model.config.max_position_embeddings), LONGEST)


def _batches(found: Rows, objective: Objective, progress: Progress) -> Iterator[Batch]:
    """All rows in order."""
    draw = np.random.default_rng(0)
    progress.start("scoring", len(found), unit="rows")
    for first in range(0, len(found), ROWS):
        chosen = [found[number] for number in range(first, min(first + ROWS, len(found)))]
        yield objective.batch(chosen, draw)
        progress.advance(len(chosen))
    progress.finish()
