"""What is told about a data set in numbers: ``report.json``, from which page and card are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zaohua.data.dataset import PARTS, Part
from zaohua.data.prepare.deciding import Decider
from zaohua.data.prepare.local import READ
from zaohua.data.prepare.plan import ORDERED, Plan
from zaohua.data.prepare.presets import ORDER
from zaohua.data.prepare.sources import Source
from zaohua.data.prepare.spec import DataSpec
from zaohua.data.prepare.writing import PartFigures

_HAN_A_TOKEN = 1.5
_LETTERS_A_TOKEN = 4.2
UNKNOWN_LICENCE = "unknown"


def report(
    name: str,
    spec: DataSpec,
    plan: Plan,
    sources: Sequence[Source],
    *,
    decider: Decider,
    figures: Mapping[Part, PartFigures],
) -> dict[str, Any]:
    """The report as JSON values. The same data set gives the same report."""
    steps = decider.tally.as_json()["steps"]
    return {
        "name": name,
        "licence": licence(spec, sources),
        "preset": spec.preset,
        "mix": spec.mix,
        "validation": {"share": spec.validation, "threshold": decider.draws.threshold()},
        "totals": _totals(figures),
        "sources": [_source(n, source, spec, figures) for n, source in enumerate(sources)],
        "steps": [
            {"name": step, **_with_tokens(steps[step]), "options": _options(plan, step)}
            for step in (READ, *ORDER)
            if step in steps
        ],
        "unreadable": {
            "count": decider.tally.unreadable.total(),
            "reasons": dict(decider.tally.unreadable.most_common()),
            "examples": [
                {"source": item.source, "position": item.position, "reason": item.reason}
                for item in decider.unreadable
            ],
        },
        "parts": {part: _part(figures[part]) for part in PARTS},
        "tokens": "estimated",
    }


def estimated_tokens(characters: int, size: int) -> int:
    """About how many tokens a text of so many characters and UTF-8 bytes has.

    Characters of three bytes are taken to be Chinese, at 1.5 to a token; the others at 4.2.
    """
    han = min(characters, max(0, (size - characters) // 2))
    return round(han / _HAN_A_TOKEN + (characters - han) / _LETTERS_A_TOKEN)


def licence(spec: DataSpec, sources: Sequence[Source]) -> str:
    """The licence of the whole: as given, else those of its sources."""
    if spec.licence:
        return spec.licence
    found = sorted({source.licence or UNKNOWN_LICENCE for source in sources})
    return " AND ".join(found)


def _totals(figures: Mapping[Part, PartFigures]) -> dict[str, int]:
    train, validation = figures["train"], figures["validation"]
    characters = train.characters + validation.characters
    size = train.bytes + validation.bytes
    return {
        "documents": train.documents + validation.documents,
        "train_documents": train.documents,
        "validation_documents": validation.documents,
        "characters": characters,
        "bytes": size,
        "estimated_tokens": estimated_tokens(characters, size),
    }


def _part(figures: PartFigures) -> dict[str, Any]:
    tokens = estimated_tokens(figures.characters, figures.bytes)
    return {**figures.as_json(), "estimated_tokens": tokens}


def _source(
    number: int, source: Source, spec: DataSpec, figures: Mapping[Part, PartFigures]
) -> dict[str, Any]:
    asked = spec.sources[number]
    shares = [figures[part].sources.get(number, [0, 0]) for part in PARTS]
    return {
        "label": source.label,
        "kind": "path" if asked.path else "set" if asked.set else "hub",
        "licence": source.licence or UNKNOWN_LICENCE,
        "weight": asked.weight,
        "passes": asked.passes,
        "documents": sum(documents for documents, _ in shares),
        "characters": sum(characters for _, characters in shares),
    }


def _with_tokens(step: dict[str, Any]) -> dict[str, Any]:
    came = estimated_tokens(step["characters_in"], step["bytes_in"])
    went = estimated_tokens(step["characters_out"], step["bytes_out"])
    return {**step, "estimated_tokens_in": came, "estimated_tokens_out": went}


def _options(plan: Plan, step: str) -> dict[str, Any]:
    """The options of a step; of a local step those of the first source that has it."""
    if step in ORDERED:
        return plan.ordered.get(step, {})
    return next((steps[step] for steps in plan.local if step in steps), {})
