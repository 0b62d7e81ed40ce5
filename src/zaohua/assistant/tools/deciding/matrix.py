"""A matrix of options and criteria, over fractions: totals, and what unknown scores leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

Row = tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Options with scores for criteria; a higher score is better.

    Attributes:
        options, criteria: their names.
        shares: the weight of each criterion; they make 1.
        scores: a row for each option, a score for each criterion; None is unknown.
        lowest, highest: the ends of the scale, between which an unknown score lies.
    """

    options: tuple[str, ...]
    criteria: tuple[str, ...]
    shares: tuple[Fraction, ...]
    scores: tuple[Row, ...]
    lowest: Fraction
    highest: Fraction

    @property
    def middle(self) -> Fraction:
        """What an unknown score counts for."""
        return (self.lowest + self.highest) / 2

    @property
    def unknown(self) -> tuple[tuple[int, int], ...]:
        """Option and criterion of each unknown score."""
        rows = enumerate(self.scores)
        return tuple((i, k) for i, row in rows for k, score in enumerate(row) if score is None)

    def filled(self, unknown: Fraction) -> tuple[tuple[Fraction, ...], ...]:
        """The scores, with ``unknown`` in the place of each that is not known."""
        return tuple(tuple(unknown if one is None else one for one in row) for row in self.scores)

    def totals(self, unknown: Fraction | None = None) -> tuple[Fraction, ...]:
        """The weighted total of each option; unknown scores count as the middle if not given."""
        value = self.middle if unknown is None else unknown
        return tuple(_weighted(self.shares, row) for row in self.filled(value))

    def known(self, option: int, criterion: int, score: Fraction) -> Matrix:
        """The same where one score is ``score``."""
        row = self.scores[option]
        changed = (*row[:criterion], score, *row[criterion + 1 :])
        rows = (*self.scores[:option], changed, *self.scores[option + 1 :])
        return replace(self, scores=rows)


def leaders(totals: Sequence[Fraction]) -> tuple[int, ...]:
    """Who is first: several if they share the place."""
    best = max(totals)
    return tuple(option for option, total in enumerate(totals) if total == best)


def possible_leaders(matrix: Matrix) -> tuple[int, ...]:
    """Who can be first, alone or with others, whatever the unknown scores turn out to be."""
    low, high = matrix.totals(matrix.lowest), matrix.totals(matrix.highest)
    options = range(len(low))
    return tuple(i for i in options if all(high[i] >= low[j] for j in options if j != i))


def deciding_cells(matrix: Matrix) -> tuple[tuple[int, int], ...]:
    """The unknown scores of which one alone can change who is first; the others in the middle."""
    first = leaders(matrix.totals())
    ends = (matrix.lowest, matrix.highest)
    return tuple(
        (i, k)
        for i, k in matrix.unknown
        if any(leaders(matrix.known(i, k, end).totals()) != first for end in ends)
    )


def _weighted(shares: Sequence[Fraction], row: Sequence[Fraction]) -> Fraction:
    return sum((share * one for share, one in zip(shares, row, strict=True)), Fraction(0))
