"""What a pipeline did, step by step, in numbers and examples. Tallies of shards add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

import xxhash

from zaohua.data.cleaning.steps import size_of
from zaohua.data.records import Dropped, Record

EXAMPLES = 20
"""Examples kept of what each step dropped."""
EXCERPT = 300
"""Characters shown of an example."""


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A record that was dropped. The ``rank``, a hash of its place, chooses which are kept."""

    rank: int
    source: str
    position: int
    reason: str
    excerpt: str


@dataclass(slots=True)
class StepTally:
    """One step's figures; characters and bytes are those that came in and those that went on."""

    seen: int = 0
    kept: int = 0
    changed: int = 0
    characters_in: int = 0
    characters_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def note(
        self, record: Record, outcome: Record | Dropped, size: tuple[int, int] | None = None
    ) -> tuple[int, int]:
        """Count one record and what became of it.

        Args:
            record: as it came in.
            outcome: as it went on.
            size: of ``record``, if it is known.

        Returns:
            The size of the outcome, 0 if it was dropped.
        """
        size = size or size_of(record)
        if isinstance(outcome, Dropped):
            self.drop(outcome, size)
            return 0, 0
        after = size if outcome is record else size_of(outcome)
        known = outcome.meta.get("language")
        language = known if isinstance(known, str) else "unknown"
        self.keep(language, size, after, changed=outcome is not record)
        return after

    def keep(
        self, language: str, before: tuple[int, int], after: tuple[int, int], *, changed: bool
    ) -> None:
        """Count a record that goes on; sizes are characters and bytes."""
        self._see(before)
        self.kept += 1
        self.changed += changed
        self.characters_out += after[0]
        self.bytes_out += after[1]
        self.languages[language] += 1

    def drop(self, dropped: Dropped, size: tuple[int, int]) -> None:
        """Count a record that ends here."""
        self._see(size)
        self.reasons[dropped.reason] += 1
        self._remember(dropped)

    def _see(self, size: tuple[int, int]) -> None:
        self.seen += 1
        self.characters_in += size[0]
        self.bytes_in += size[1]

    def add(self, other: StepTally) -> None:
        """Add the figures of another part of the data; the order of parts does not matter."""
        self.seen += other.seen
        self.kept += other.kept
        self.changed += other.changed
        self.characters_in += other.characters_in
        self.characters_out += other.characters_out
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out
        self.reasons.update(other.reasons)
        self.languages.update(other.languages)
        self.examples = nsmallest(EXAMPLES, self.examples + other.examples)

    def as_json(self) -> dict[str, Any]:
        """JSON values in a stable order."""
        return {
            "seen": self.seen,
            "kept": self.kept,
            "changed": self.changed,
            "characters_in": self.characters_in,
            "characters_out": self.characters_out,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "reasons": dict(sorted(self.reasons.items())),
            "languages": dict(sorted(self.languages.items())),
            "examples": [
                {
                    "source": example.source,
                    "position": example.position,
                    "reason": example.reason,
                    "excerpt": example.excerpt,
                }
                for example in sorted(self.examples)
            ],
        }

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> StepTally:
        """From the JSON values that orjson makes of this dataclass."""
        made = cls(**table)
        made.reasons, made.languages = Counter(made.reasons), Counter(made.languages)
        made.examples = [Example(**example) for example in table["examples"]]
        return made

    def _remember(self, dropped: Dropped) -> None:
        record = dropped.record
        rank = xxhash.xxh3_64_intdigest(f"{record.source}\0{record.position}".encode())
        if len(self.examples) == EXAMPLES and rank > self.examples[-1].rank:
            return
        excerpt = record.body()[:EXCERPT]
        example = Example(rank, record.source, record.position, dropped.reason, excerpt)
        self.examples = nsmallest(EXAMPLES, [*self.examples, example])


@dataclass(slots=True)
class Tally:
    """The figures of all steps, in the order in which they ran.

    Attributes:
        unreadable: what readers had to skip, by reason.
    """

    steps: dict[str, StepTally] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)

    def of(self, step: str) -> StepTally:
        """The figures of ``step``, begun at zero when it is new."""
        if step not in self.steps:
            self.steps[step] = StepTally()
        return self.steps[step]

    def add(self, other: Tally) -> None:
        """Add the tally of another part of the data."""
        for name, step in other.steps.items():
            self.of(name).add(step)
        self.unreadable.update(other.unreadable)

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Tally:
        """From the JSON values that orjson makes of this dataclass."""
        steps = {name: StepTally.restored(step) for name, step in table["steps"].items()}
        return cls(steps, Counter(table["unreadable"]))

    def as_json(self) -> dict[str, Any]:
        """JSON values: ``steps`` in running order, and ``unreadable`` by reason."""
        return {
            "steps": {name: step.as_json() for name, step in self.steps.items()},
            "unreadable": dict(sorted(self.unreadable.items())),
        }
