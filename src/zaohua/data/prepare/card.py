"""``README.md`` of a data set: its data card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zaohua.data.prepare.wording import STEPS, WORK

_LIMITS = {
    "near_duplicates": "Near-duplicates are found within the memory given to the step; of very "
    "large sets the oldest documents are forgotten.",
    "personal": "Personal data is replaced only where it is sure (check digits, labels); names "
    "and addresses of streets stay.",
    "language": "Languages are told by script and, for longer Latin text, by a model; short texts "
    "may be wrong.",
    "harmful_words": "Harmful content is judged by words alone.",
}
_ALWAYS = (
    "Token counts are estimates from characters, until a tokenizer has seen the set.",
    "No statement is made about whether what the texts say is true.",
)


def card(told: Mapping[str, Any]) -> str:
    """The data card: what it is, where from, under which licences, how it was made, its limits."""
    totals = told["totals"]
    return "\n".join(
        (
            f"# {told['name']}",
            "",
            f"A data set of {totals['documents']:,} documents, {totals['characters']:,} "
            f"characters, {totals['bytes']:,} bytes of text, "
            f"about {totals['estimated_tokens']:,} tokens (estimated). Prepared by zaohua; "
            "`report.html` shows every step.",
            "",
            f"Licence: {told['licence']}",
            "",
            "## Sources",
            "",
            *_table(
                ("source", "licence", "documents", "characters", "weight"),
                [_source(source) for source in told["sources"]],
            ),
            "",
            "## Contents",
            "",
            *_table(
                ("part", "documents", "characters", "tokens (estimated)", "languages", "kinds"),
                [_part(name, part) for name, part in told["parts"].items()],
            ),
            "",
            "Files: `train-*.jsonl.zst`, `validation-*.jsonl.zst`, one JSON object a line with "
            "`text` or `messages`, `source`, `position` and `meta`.",
            "",
            "## How it was made",
            "",
            f"Preset `{told['preset']}`, sources put together by `{told['mix']}`. In this order:",
            "",
            *_table(
                ("step", "what it does", "documents in", "documents out", "changed"),
                [_step(step) for step in told["steps"]],
            ),
            "",
            *_unreadable(told["unreadable"]),
            *_split(told),
            "",
            "## Known limits",
            "",
            *[f"- {text}" for text in _limits(told)],
            "",
        )
    )


def _source(source: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        _plain(source["label"]),
        _plain(source["licence"]),
        f"{source['documents']:,}",
        f"{source['characters']:,}",
        f"{source['weight']:g}",
    )


def _step(step: Mapping[str, Any]) -> tuple[str, ...]:
    name = step["name"]
    title, work = STEPS.get(name, (name,))[0], WORK.get(name, ("",))[0]
    return title, work, f"{step['seen']:,}", f"{step['kept']:,}", f"{step['changed']:,}"


def _part(name: str, part: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{part['documents']:,}",
        f"{part['characters']:,}",
        f"{part['estimated_tokens']:,}",
        _counts(part["languages"]),
        _counts(part["kinds"]),
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_plain(name)} {count:,}" for name, count in counts.items()) or "none"


def _split(told: Mapping[str, Any]) -> list[str]:
    share = told["validation"]["share"]
    if not share:
        return ["No document is set aside for validation."]
    return [
        f"About {100 * share:g} % of the documents are set aside for validation, chosen by a hash "
        "of their text (or of the key the source gives), so that equal texts are on one side."
    ]


def _unreadable(unreadable: Mapping[str, Any]) -> list[str]:
    if not unreadable["count"]:
        return []
    return [f"{unreadable['count']:,} files or rows could not be read and were skipped.", ""]


def _limits(told: Mapping[str, Any]) -> list[str]:
    names = {step["name"] for step in told["steps"]}
    return [*_ALWAYS, *(text for step, text in _LIMITS.items() if step in names)]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _plain(text: str) -> str:
    """A text from outside as one cell of a table, without markup."""
    return " ".join(text.replace("|", "/").replace("<", "‹").replace("`", "'").split())
