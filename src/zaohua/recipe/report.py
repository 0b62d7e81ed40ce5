"""The report of a run: every stage with its figures and a link to its card."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from zaohua.progress import Progress
from zaohua.recipe import describing
from zaohua.recipe.figures import listed
from zaohua.recipe.outcome import Outcome
from zaohua.recipe.spec import Recipe
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts

CARDS: Final = ("README.md", "card.md", "report.md", "report.html")
MOST_FIGURES: Final = 6


def write_report(
    recipe: Recipe, outcomes: Sequence[Outcome], settings: Settings, progress: Progress
) -> Artefact:
    """The ``report`` artefact of a whole run, under the recipe's name.

    A run that made nothing new has the report of the one before.
    """
    artefacts = Artefacts(settings.home)
    with artefacts.make(
        "report",
        recipe.name,
        inputs=[outcome.reference for outcome in outcomes],
        recipe={"recipe": recipe.model_dump(mode="json")},
        progress=progress,
    ) as work:
        if isinstance(work, Artefact):
            return work
        stages = [outcome.as_json() for outcome in outcomes]
        text = json.dumps({"recipe": recipe.name, "stages": stages}, ensure_ascii=False, indent=2)
        (work.path / "report.json").write_text(text + "\n", "utf-8")
        (work.path / "report.md").write_text(_page(recipe, outcomes, work.path), "utf-8")
        work.metrics["seconds"] = round(sum(outcome.seconds for outcome in outcomes), 1)
        work.details["stages"] = [stage["reference"] for stage in stages]
    return artefacts.require("report", f"{recipe.name}@{work.version}")


def _page(recipe: Recipe, outcomes: Sequence[Outcome], folder: Path) -> str:
    rows = [_row(outcome, recipe, folder) for outcome in outcomes]
    head = ["| stage | made | from | seconds | figures |", "|---|---|---|---|---|"]
    return "\n".join([f"# {recipe.name}", "", *head, *rows, ""])


def _row(outcome: Outcome, recipe: Recipe, folder: Path) -> str:
    cells = [
        outcome.stage.label,
        _link(outcome, folder),
        ", ".join(describing.origins(outcome.stage, recipe)),
        "made before" if outcome.skipped else f"{outcome.seconds:,.0f}",
        listed(outcome.figures, MOST_FIGURES),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _link(outcome: Outcome, folder: Path) -> str:
    if not isinstance(outcome.made, Artefact):
        return outcome.reference
    card = next((name for name in CARDS if (outcome.made.path / name).is_file()), "manifest.json")
    target = Path(os.path.relpath(outcome.made.path / card, folder)).as_posix()
    return f"[{outcome.reference}]({target})"
