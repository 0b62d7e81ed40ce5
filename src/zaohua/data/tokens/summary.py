"""What encoding came to: counts, classes, and whether it can be trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zaohua.data.dataset import PARTS, Part
from zaohua.data.tokens.documents import label_name
from zaohua.data.tokens.shard_work import Job
from zaohua.data.tokens.shards import Form, Info, Tally, read_tally
from zaohua.errors import UsageError
from zaohua.progress import Progress
from zaohua.store.artefacts import Artefact


def tallies(folder: Path, part: Part, jobs: Sequence[Job]) -> dict[str, Tally]:
    """The counts of the shards of one part."""
    names = [job.name for job in jobs if job.name.startswith(part)]
    found = {name: read_tally(folder, name) for name in names}
    return {name: tally for name, tally in found.items() if tally is not None}


def total(tallies: Sequence[Tally]) -> dict[str, Any]:
    """The counts of shards added up, as `Info.counts` has them."""
    skipped: Counter[str] = Counter()
    for tally in tallies:
        skipped.update(tally.skipped)
    sums = {
        key: sum(getattr(tally, key) for tally in tallies)
        for key in ("documents", "tokens", "learned", "bytes", "unlearned_turns")
    }
    return {**sums, "skipped": dict(sorted(skipped.items()))}


def check(info: Info, dataset: str, tokenizer: Path) -> None:
    """Refuse what cannot be trained on.

    Raises:
        UsageError: as `encode` says.
    """
    train = info.counts["train"]
    if train["learned"] == 0:
        raise _nothing(info.form, train["skipped"], dataset, tokenizer)
    if info.form == "labelled" and len(info.classes) < 2:
        raise UsageError(
            f"there is one label only: '{info.classes[0]}'", where=f"data set {dataset}"
        )


def _nothing(form: Form, skipped: Mapping[str, int], dataset: str, tokenizer: Path) -> UsageError:
    most = max(skipped, key=lambda reason: skipped[reason], default="")
    if form == "chat" and most.startswith("template"):
        return UsageError(
            f"the chat template yields no assistant turn to learn from ({most})",
            where=str(tokenizer),
            mend="mark what the assistant says with {% generation %} … {% endgeneration %}",
        )
    wants = {"text": "no text", "chat": "no conversation with an assistant's turn"}
    what = wants.get(form, "no text with a label")
    why = f", all {sum(skipped.values())} records were left out ({most})" if most else ""
    return UsageError(
        f"there is {what} in the training part{why}",
        where=f"data set {dataset}",
        mend="zaohua data show tells what is in it",
    )


def class_names(tallies: Mapping[Part, Mapping[str, Tally]], dataset: Artefact) -> list[str]:
    """All labels: in the order the data set was prepared for, else sorted.

    Raises:
        UsageError: there is a label that the data set was not prepared for.
    """
    found = {
        label for part in tallies.values() for tally in part.values() for label in tally.labels
    }
    allowed = [label_name(label) for label in dataset.manifest.recipe.get("labels", [])]
    if unknown := sorted(found - set(allowed)) if allowed else []:
        raise UsageError(
            f"the label '{unknown[0]}' is not one of {', '.join(allowed)}",
            where=f"data set {dataset.name}",
            mend="put it into 'labels' of the data section, or mend the data",
        )
    return allowed or sorted(found)


def figures(info: Info) -> dict[str, Any]:
    """Counts for the manifest: ``train_tokens``, ``validation_documents`` … and the skipped."""
    keys = ("tokens", "documents", "learned", "bytes")
    figures = {f"{part}_{key}": info.counts[part][key] for key in keys for part in PARTS}
    return {**figures, "skipped": {part: info.counts[part]["skipped"] for part in PARTS}}


def tell(info: Info, progress: Progress) -> None:
    """Say what was left out and what is not learned."""
    for part, counts in info.counts.items():
        reasons = ", ".join(f"{number} {reason}" for reason, number in counts["skipped"].items())
        if reasons:
            progress.note(f"{part}: records left out: {reasons}")
        if number := counts["unlearned_turns"]:
            progress.note(
                f"{part}: {number} turns of the assistant are not learned, as the chat template "
                "changes them when a conversation goes on"
            )
