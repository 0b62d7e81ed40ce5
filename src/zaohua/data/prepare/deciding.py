"""The part of the work that depends on the order: duplicates among all records, found in a row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zaohua.data.cleaning.duplicates import DuplicateLines, SeenHashes
from zaohua.data.cleaning.mixing import draw
from zaohua.data.cleaning.near_duplicates import NearDuplicates
from zaohua.data.cleaning.steps import size_of
from zaohua.data.cleaning.tally import Tally
from zaohua.data.dataset import from_line, to_line
from zaohua.data.prepare.local import EXAMPLES_UNREADABLE, rejected_line
from zaohua.data.prepare.plan import Plan, build
from zaohua.data.prepare.segments import Segment
from zaohua.data.records import Dropped, Record, Unreadable

_REASONS = {
    "duplicates": "duplicate",
    "near_duplicates": "near_duplicate",
    "duplicate_lines": "duplicate_lines",
}
_STEPS = tuple(_REASONS)
_KEPT = 0
MOST_REASONS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that is in the data set: its line and what is counted of it."""

    line: bytes
    draw: float
    size: tuple[int, int]
    language: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the records of one segment, in a few bytes for each.

    Attributes:
        source: the source it belongs to.
        fate: 0 for kept, else one more than the index of the step that dropped it.
        removed: pairs of record and line number, in order: lines taken out of kept records.
    """

    source: int
    fate: NDArray[np.uint8]
    removed: NDArray[np.uint32]

    def kept(self, segment: Segment) -> list[Kept]:
        """The records that are in the data set."""
        gone = _grouped(self.removed)
        return [
            _kept(segment, index, gone.get(index, ()))
            for index in np.flatnonzero(self.fate == _KEPT).tolist()
        ]

    def rejects(self, segment: Segment) -> dict[str, list[bytes]]:
        """For each step the lines of what it dropped, of local steps too."""
        found = segment.rejects()
        for index in np.flatnonzero(self.fate).tolist():
            step = _STEPS[self.fate[index] - 1]
            dropped = Dropped(from_line(segment.line(index)), step, _REASONS[step])
            found.setdefault(step, []).append(rejected_line(dropped))
        return found


@dataclass(slots=True)
class Draws:
    """The draws of the records that are kept: how many fall below a share, and the extremes."""

    share: float
    below: int = 0
    count: int = 0
    least: float = 1.0
    most: float = 0.0

    def add(self, value: float) -> None:
        """Count one."""
        self.count += 1
        self.below += value < self.share
        self.least, self.most = min(self.least, value), max(self.most, value)

    def threshold(self) -> float:
        """The draw below which a document is for validation.

        It is the share itself, unless that would leave one side empty although the documents
        differ: then validation gets the document with the smallest draw, or all but the one with
        the largest.
        """
        if self.share <= 0 or self.least == self.most:
            return self.share
        if self.below == 0:
            return float(np.nextafter(self.least, 1))
        return self.most if self.below == self.count else self.share


@dataclass(slots=True)
class Decider:
    """Takes the segments one after the other and says which records stay."""

    plan: Plan
    draws: Draws
    tally: Tally = field(default_factory=Tally)
    unreadable: list[Unreadable] = field(default_factory=list)
    _steps: dict[str, Any] = field(init=False, repr=False)
    _exact: SeenHashes | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._steps = {step.name: step for step in build(self.plan.ordered)}
        if "duplicates" in self._steps:
            self._exact = SeenHashes(self._steps["duplicates"].capacity)

    def decide(self, segment: Segment) -> Decision:
        """Decide about one segment and add up its figures."""
        self.tally.add(segment.tally)
        _bound(self.tally.unreadable)
        self.unreadable += segment.unreadable[: EXAMPLES_UNREADABLE - len(self.unreadable)]
        fate = np.zeros(len(segment), dtype=np.uint8)
        removed: list[tuple[int, int]] = []
        for index in range(len(segment)):
            step = self._dropped_by(segment, index, removed)
            if step is not None:
                fate[index] = _STEPS.index(step) + 1
        pairs = np.array(removed, dtype=np.uint32).reshape(-1, 2)
        return Decision(segment.source, fate, pairs)

    def _dropped_by(
        self, segment: Segment, index: int, removed: list[tuple[int, int]]
    ) -> str | None:
        switched = self.plan.switched[segment.source]
        if self._exact is not None and "duplicates" in switched:
            if self._exact.add(segment.keys[index]):
                return self._drop("duplicates", segment, index)
            self._keep("duplicates", segment, index)
        if "near_duplicates" in switched:
            near: NearDuplicates = self._steps["near_duplicates"]
            sketch = segment.sketch(index)
            if sketch is not None and near.known(sketch):
                return self._drop("near_duplicates", segment, index)
            self._keep("near_duplicates", segment, index)
        value = segment.draws[index]
        if "duplicate_lines" in switched:
            lines: DuplicateLines = self._steps["duplicate_lines"]
            old = lines.old_lines(segment.line_keys(index))
            outcome = lines.without(from_line(segment.line(index)), old) if old else None
            if isinstance(outcome, Dropped):
                return self._drop("duplicate_lines", segment, index)
            size = size_of(outcome) if outcome else segment.sizes[index]
            self._keep("duplicate_lines", segment, index, size)
            value = draw(outcome) if outcome else value
            removed += [(index, number) for number in old]
        self.draws.add(value)
        return None

    def _keep(
        self, step: str, segment: Segment, index: int, after: tuple[int, int] | None = None
    ) -> None:
        before = segment.sizes[index]
        changed = after is not None and after != before
        self.tally.of(step).keep(segment.language(index), before, after or before, changed=changed)

    def _drop(self, step: str, segment: Segment, index: int) -> str:
        dropped = Dropped(from_line(segment.line(index)), step, _REASONS[step])
        self.tally.of(step).drop(dropped, segment.sizes[index])
        return step


def _kept(segment: Segment, index: int, gone: tuple[int, ...]) -> Kept:
    line, value, size = segment.line(index), segment.draws[index], segment.sizes[index]
    if gone:
        record = DuplicateLines(least_left=0).without(from_line(line), gone)
        if isinstance(record, Record):
            line, value, size = to_line(record), draw(record), size_of(record)
    language, label, kind = segment.language(index), segment.label(index), segment.kind(index)
    return Kept(line, value, size, language, label, kind)


def _grouped(removed: NDArray[np.uint32]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for record, line in removed.tolist():
        found[record] = (*found.get(record, ()), line)
    return found


def _bound(reasons: Counter[str]) -> None:
    """Keep the number of different reasons in bounds, whatever rubbish is read."""
    if len(reasons) > MOST_REASONS:
        for reason in list(reasons)[MOST_REASONS:]:
            reasons["other"] += reasons.pop(reason)
