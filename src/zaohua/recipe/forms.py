"""Whether a prepared data set holds what an objective learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from zaohua.errors import UsageError
from zaohua.recipe.spec import Recipe
from zaohua.recipe.stages import needs, stages
from zaohua.store.artefacts import Artefact
from zaohua.train.spec import TrainSpec

NEEDED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"chat": ("chat", "conversations"), "classify": ("classification", "labelled texts")}
)
"""For an objective: the kind of record it needs, and what people call it. Others take any text."""


def misfit(objective: str, dataset: Artefact) -> Iterator[str]:
    """``chat needs conversations, 'poems' has only text``, if that is so."""
    if objective not in NEEDED:
        return
    kind, called = NEEDED[objective]
    report = json.loads((dataset.path / "report.json").read_bytes())
    kinds = report["parts"]["train"]["kinds"]
    if kind not in kinds:
        yield f"{objective} needs {called}, '{dataset.name}' has only {', '.join(kinds)}"


def require_fitting(label: str, dataset: Artefact, recipe: Recipe) -> None:
    """Be sure, as soon as the data set of stage ``label`` is made, that training can use it.

    Raises:
        UsageError: a later stage cannot; better told now than after an hour of other stages.
    """
    found = [
        f"{stage.label}: {problem}"
        for stage in stages(recipe)
        if isinstance(stage.spec, TrainSpec) and label in needs(stage, recipe)
        for problem in misfit(stage.spec.objective, dataset)
    ]
    if found:
        raise UsageError("; ".join(found), mend="choose another data set or objective")
