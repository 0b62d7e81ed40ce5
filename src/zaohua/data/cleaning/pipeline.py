"""Runs steps over a stream of records, one record at a time, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from zaohua.data.cleaning.steps import Step, size_of
from zaohua.data.cleaning.tally import Tally
from zaohua.data.records import Dropped, Record, Unreadable
from zaohua.errors import UsageError


class Pipeline:
    """Steps in a row. The same input in the same order gives the same output.

    Args:
        steps: at least one; names differ.

    Raises:
        UsageError: a step occurs twice under one name.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        twice = [name for name, n in Counter(step.name for step in steps).items() if n > 1]
        if twice:
            raise UsageError("a cleaning step is named twice", where=", ".join(sorted(twice)))
        self.steps = tuple(steps)
        self.tally = Tally()
        self._counted = [(step, self.tally.of(step.name)) for step in steps]

    def run(self, items: Iterable[Record | Unreadable]) -> Iterator[Record | Dropped | Unreadable]:
        """Each item as it leaves: a kept record, a dropped one, or what could not be read."""
        for item in items:
            if isinstance(item, Unreadable):
                self.tally.unreadable[item.reason] += 1
                yield item
            else:
                yield self.apply(item)

    def apply(self, record: Record) -> Record | Dropped:
        """One record through all steps, up to the first that drops it."""
        size = size_of(record)
        for step, tally in self._counted:
            outcome = step.apply(record)
            size = tally.note(record, outcome, size)
            if isinstance(outcome, Dropped):
                return outcome
            record = outcome
        return record


def pipeline(steps: Sequence[Step]) -> Pipeline:
    """A pipeline of ``steps``; see `Pipeline`."""
    return Pipeline(steps)
