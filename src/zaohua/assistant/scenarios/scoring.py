"""Answers judged and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zaohua.assistant.scenarios.cases import Case
from zaohua.assistant.scenarios.judging import SCORES, Finding, Said, judge

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case, what was said in each of its turns, and all that was wanted of it."""

    case: Case
    said: tuple[Said, ...]
    findings: tuple[Finding, ...]

    @property
    def right(self) -> bool:
        """Whether all of it is so."""
        return all(one.holds for one in self.findings)

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is not."""
        return tuple(one.wanted for one in self.findings if not one.holds)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the cases of a pack; ``bare`` is empty if the model alone was not asked."""

    pack: str
    model: str
    seconds: float
    judged: tuple[Judged, ...]
    bare: tuple[Judged, ...] = ()


def judged(case: Case, said: Sequence[Said]) -> Judged:
    """Hold what was said against what is expected of each turn."""
    found = [
        finding
        for expect, one in zip(case.expected, said, strict=True)
        if expect is not None
        for finding in judge(expect, one, case.spec.inputs)
    ]
    return Judged(case, tuple(said), tuple(found))


def scores(cases: Sequence[Judged]) -> dict[str, Share]:
    """Of each score the cases that are right in it, of those that it is about; and of all."""
    found: dict[str, Share] = {}
    for score in SCORES:
        about = [
            [one.holds for one in case.findings if one.score == score]
            for case in cases
            if any(one.score == score for one in case.findings)
        ]
        found[score] = Share(sum(all(holds) for holds in about), len(about))
    return found | {ALL: Share(sum(case.right for case in cases), len(cases))}


def kinds(cases: Iterable[Judged]) -> dict[str, Share]:
    """How many cases of each kind are right, in all that was wanted."""
    found: dict[str, list[bool]] = {}
    for case in cases:
        found.setdefault(case.case.spec.kind, []).append(case.right)
    return {kind: Share(sum(right), len(right)) for kind, right in found.items()}
