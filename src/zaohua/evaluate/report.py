"""A suite's outcome, and its two files: ``report.json`` with everything, ``report.md`` to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zaohua.store.artefacts import Work
from zaohua.store.files import write_atomic


@dataclass(frozen=True, slots=True)
class Result:
    """What a suite found.

    Attributes:
        metrics: the figures of the manifest, the telling ones first.
        details: everything, as JSON values.
        page: the report in Markdown.
    """

    metrics: Mapping[str, Any]
    details: Mapping[str, Any]
    page: str
    licence: str = "unknown"


def write(work: Work, result: Result, head: Mapping[str, Any]) -> None:
    """Write both files into the artefact being made, and set its metrics."""
    table = {**head, "metrics": dict(result.metrics), **result.details}
    text = json.dumps(table, ensure_ascii=False, indent=2)
    write_atomic(work.path / "report.json", f"{text}\n".encode())
    write_atomic(work.path / "report.md", result.page.encode())
    work.metrics.update(result.metrics)
    work.licence = result.licence


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def percent(share: float | None) -> str:
    """``0.953`` as ``95.3 %``; a dash for nothing."""
    return "–" if share is None else f"{100 * share:.1f} %"


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", "<br>")
