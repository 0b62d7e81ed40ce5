"""The report card of a run: ``card.json`` with everything, ``README.md`` made from it.

The README is a model card as hubs read it: YAML front matter, then what a person asks first.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zaohua.store.artefacts import Artefact, Artefacts, Work
from zaohua.store.files import write_atomic
from zaohua.store.manifest import code_version
from zaohua.train import curve
from zaohua.train.card_text import markdown
from zaohua.train.job import Outcome
from zaohua.train.plan import Choice
from zaohua.train.samples import Sample
from zaohua.train.spec import TrainSpec

CARD, README, PICTURE = "card.json", "README.md", "loss.png"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card is made of.

    Attributes:
        start: origin of the model it goes on from; empty: a new model.
        tokenizer: reference of the tokenizer, or of the start that brought it.
        classes: of a classifier.
        counts: of tokens and documents: ``train_tokens`` …
        choices: what was derived.
        decisions: what the machine decided (``plan.json``).
        parameters: of the model, and how many of them are trained.
        threads: that computed.
        core_hour_price: of one core for an hour; 0: not known.
    """

    spec: TrainSpec
    dataset: Artefact
    start: str
    tokenizer: str
    model_type: str
    classes: Sequence[str]
    counts: Mapping[str, Any]
    choices: Sequence[Choice]
    decisions: Mapping[str, Any]
    parameters: tuple[int, int]
    outcome: Outcome
    samples: Sequence[Sample]
    threads: int
    core_hour_price: float = 0.0


def write(work: Work, facts: Facts, inputs: Sequence[str], artefacts: Artefacts) -> None:
    """Write card, README and picture into the artefact being made."""
    table = card(work, facts, inputs, artefacts)
    text = json.dumps(table, ensure_ascii=False, indent=2, default=str)
    write_atomic(work.path / CARD, f"{text}\n".encode())
    write_atomic(work.path / README, markdown(table).encode())
    total, _ = facts.parameters
    title = f"{work.name}: {total / 1e6:.1f}M parameters, {facts.outcome.tokens / 1e6:.2f}M tokens"
    curve.draw(facts.outcome.history, work.path / PICTURE, title)


def card(work: Work, facts: Facts, inputs: Sequence[str], artefacts: Artefacts) -> dict[str, Any]:
    """The card as JSON values."""
    return {
        "name": work.name,
        "version": work.version,
        "licence": work.licence,
        "objective": facts.spec.objective,
        "model": _model(facts),
        "data": _data(facts),
        "plan": [asdict(choice) for choice in facts.choices],
        "decisions": dict(facts.decisions),
        "recipe": facts.spec.model_dump(mode="json"),
        "result": dict(facts.outcome.metrics),
        "best": dict(facts.outcome.best),
        "training": _training(facts),
        "validations": [e for e in facts.outcome.history if e["kind"] == "validation"],
        "samples": [asdict(sample) for sample in _last(facts.samples)],
        "lineage": list(_lineage(inputs, artefacts, 0)),
        "machine": _machine(facts.threads),
    }


def _model(facts: Facts) -> dict[str, Any]:
    total, trained = facts.parameters
    return {
        "type": facts.model_type,
        "parameters": total,
        "trained": trained,
        "start": _short(facts.start),
        "tokenizer": _short(facts.tokenizer),
        "classes": list(facts.classes),
    }


def _data(facts: Facts) -> dict[str, Any]:
    manifest = facts.dataset.manifest
    return {
        "reference": facts.dataset.reference,
        "licence": manifest.licence,
        "languages": list(manifest.details.get("languages", {})),
        "counts": dict(facts.counts),
    }


def _training(facts: Facts) -> dict[str, Any]:
    outcome = facts.outcome
    hours = outcome.seconds * facts.threads / 3600
    return {
        "steps": outcome.steps,
        "skipped": outcome.skipped,
        "tokens": outcome.tokens,
        "targets": outcome.targets,
        "seconds": round(outcome.seconds, 1),
        "tokens_per_second": round(outcome.speed, 1),
        "mfu": round(outcome.mfu, 4),
        "core_hours": round(hours, 4),
        "price": round(hours * facts.core_hour_price, 4) if facts.core_hour_price else None,
    }


def _machine(threads: int) -> dict[str, Any]:
    return {
        "system": platform.platform(terse=True),
        "processor": platform.machine(),
        "threads": threads,
        "versions": {
            "zaohua": code_version(),
            **{name: version(name) for name in ("torch", "transformers")},
        },
    }


def _last(samples: Sequence[Sample]) -> list[Sample]:
    last = max((sample.step for sample in samples), default=0)
    return [sample for sample in samples if sample.step == last]


def _lineage(references: Sequence[str], artefacts: Artefacts, depth: int) -> Iterator[str]:
    """Every input, and below each what that was made from, indented by two spaces a level."""
    for reference in references:
        yield f"{'  ' * depth}{_short(reference)}"
        made = artefacts.resolve(reference)
        if made is not None:
            yield from _lineage(made.manifest.inputs, artefacts, depth + 1)


def _short(reference: str) -> str:
    """Without the folders of this machine: ``file:poems.jsonl#1a2b3c4d5e6f``."""
    kind, _, rest = reference.partition(":")
    if kind != "file":
        return reference
    path, _, digest = rest.rpartition("#")
    return f"file:{Path(path).name}#{digest[:12]}"
