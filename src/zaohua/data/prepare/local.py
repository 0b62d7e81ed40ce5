"""The part of the work that looks at one record alone: it runs in any number of processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from zaohua.data.cleaning.duplicates import document_key, line_keys
from zaohua.data.cleaning.mixing import draw
from zaohua.data.cleaning.near_duplicates import NearDuplicates
from zaohua.data.cleaning.pipeline import Pipeline
from zaohua.data.cleaning.steps import Step, size_of
from zaohua.data.cleaning.tally import StepTally
from zaohua.data.dataset import PARTS, records, to_line
from zaohua.data.prepare import segments
from zaohua.data.prepare.plan import Plan, build
from zaohua.data.prepare.segments import Figures, Passed
from zaohua.data.prepare.sources import Item, Task
from zaohua.data.readers import ReadOptions, read
from zaohua.data.records import Dropped, Record, Unreadable
from zaohua.errors import UsageError

READ = "read"
"""The name under which all that was read is counted, before the first step."""
EXAMPLES_UNREADABLE = 20


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker needs to know; it can be pickled.

    Attributes:
        folder: where the segments go.
        reading: for each source, how its paths are read.
        evaluation: files and data set folders whose texts must not occur.
        labels: the only labels allowed; empty: any.
    """

    plan: Plan
    folder: Path
    reading: tuple[ReadOptions, ...]
    evaluation: tuple[Path, ...] = ()
    labels: tuple[str, ...] = ()
    keep_rejects: bool = False

    def segment(self, number: int) -> Path:
        """The file of a segment."""
        return self.folder / f"{number:07}.npz"


class Cleaner:
    """Does tasks, one after the other."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._steps: dict[int, list[Step]] = {}
        ordered = setup.plan.ordered
        near: Any = (
            build({"near_duplicates": ordered["near_duplicates"]})[0]
            if ("near_duplicates" in ordered)
            else None
        )
        self._near: NearDuplicates | None = near
        self._least = ordered["duplicate_lines"]["least"] if "duplicate_lines" in ordered else 0

    def clean(self, task: Task) -> Path:
        """Do a task and write its segment.

        Raises:
            UsageError: a label outside those allowed.
            OSError: the segment cannot be written.
        """
        pipeline = Pipeline(self._of(task.source))
        came = StepTally()
        figures, passed = Figures(), []
        for item in self._items(task):
            if isinstance(item, Record):
                came.note(item, item)
            for outcome in pipeline.run((item,)):
                match outcome:
                    case Record():
                        passed.append(self._passed(outcome, task.source))
                    case Dropped():
                        self._reject(outcome, figures)
                    case Unreadable():
                        figures.unreadable.append(outcome)
        figures.tally.steps = {READ: came, **pipeline.tally.steps}
        figures.tally.unreadable = Counter(_kind(item.reason) for item in figures.unreadable)
        del figures.unreadable[EXAMPLES_UNREADABLE:]
        path = self._setup.segment(task.number)
        segments.write(path, task.source, task.after, passed, figures)
        return path

    def _of(self, source: int) -> list[Step]:
        if source not in self._steps:
            steps = self._setup.plan.local[source]
            evaluation = self._evaluation if "contamination" in steps else ()
            self._steps[source] = build(steps, evaluation)
        return self._steps[source]

    @cached_property
    def _evaluation(self) -> tuple[str, ...]:
        return tuple(evaluation_texts(self._setup.evaluation))

    def _items(self, task: Task) -> Iterator[Item]:
        for item in task.items:
            if isinstance(item, Path):
                yield from read([item], options=self._setup.reading[task.source])
            else:
                yield item

    def _passed(self, record: Record, source: int) -> Passed:
        if self._setup.labels:
            self._check_label(record)
        switched = self._setup.plan.switched[source]
        near = self._near if "near_duplicates" in switched else None
        lines = "duplicate_lines" in switched and record.kind == "text"
        return Passed(
            line=to_line(record),
            key=document_key(record),
            draw=draw(record),
            size=size_of(record),
            language=str(record.meta.get("language") or "unknown"),
            label="" if record.label is None else str(record.label),
            kind=record.kind,
            sketch=near.sketch(record) if near else None,
            line_keys=line_keys(record.text, self._least) if lines else (),
        )

    def _check_label(self, record: Record) -> None:
        if str(record.label) in self._setup.labels:
            return
        wrong = (
            "a record has no label"
            if record.label is None
            else (f"the label '{record.label}' is none of those allowed")
        )
        raise UsageError(
            wrong,
            where=f"{record.source}, record {record.position}",
            mend=f"the labels are {', '.join(self._setup.labels)}",
        )

    def _reject(self, dropped: Dropped, figures: Figures) -> None:
        if self._setup.keep_rejects:
            figures.rejects.setdefault(dropped.step, []).append(rejected_line(dropped))


def rejected_line(dropped: Dropped) -> bytes:
    """A dropped record as one line, its reason in ``meta``."""
    meta = {**dropped.record.meta, "dropped": dropped.reason}
    return to_line(replace(dropped.record, meta=meta))


def evaluation_texts(places: Iterable[Path]) -> Iterator[str]:
    """The texts of evaluation sets: of files that can be read, and of prepared data sets."""
    for place in places:
        for item in _records_of(place):
            if isinstance(item, Record):
                yield from _texts(item)


def _records_of(place: Path) -> Iterator[Item]:
    if (place / "manifest.json").exists():
        for part in PARTS:
            yield from records(place, part)
    else:
        yield from read([place])


def _texts(record: Record) -> Iterator[str]:
    turns = (*record.messages, *record.chosen, *record.rejected)
    yield from (text for text in (record.text, *(turn.content for turn in turns)) if text)


def _kind(reason: str) -> str:
    """A reason without its numbers and what it quotes, so that like ones are counted together."""
    plain = "".join("#" if letter.isdigit() else letter for letter in reason)
    while "##" in plain:
        plain = plain.replace("##", "#")
    return plain[:100]
