"""At which weight of one criterion, the others in proportion, another option comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from zaohua.assistant.tools.deciding.matrix import Matrix, leaders


@dataclass(frozen=True, slots=True)
class Turning:
    """Where the first place changes.

    Attributes:
        criterion: of which the weight changes.
        share: of it in all weights, where the first place is shared.
        above: whether it changes above that share, or below.
        first: who is first beyond it.
    """

    criterion: int
    share: Fraction
    above: bool
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """The total of an option by the share of one criterion: it is straight."""

    option: int
    without: Fraction
    alone: Fraction


def turnings(matrix: Matrix) -> tuple[Turning, ...]:
    """The nearest turning below and above the weight of each criterion.

    None if the first place is shared, nor for a criterion that has all the weight.
    """
    first = leaders(matrix.totals())
    if len(first) > 1:
        return ()
    criteria = range(len(matrix.criteria))
    return tuple(one for k in criteria for one in _of_criterion(matrix, k, first[0]))


def _of_criterion(matrix: Matrix, criterion: int, first: int) -> Iterator[Turning]:
    if matrix.shares[criterion] == 1:
        return
    lines = _lines(matrix, criterion)
    leader = lines[first]
    for above in (False, True):
        rivals = [one for one in lines if _gains(one, leader, above=above)]
        if rivals:
            share, beyond = _nearest(leader, rivals, above=above)
            yield Turning(criterion, share, above, beyond)


def _lines(matrix: Matrix, criterion: int) -> list[_Line]:
    share = matrix.shares[criterion]
    rows = zip(matrix.totals(), matrix.filled(matrix.middle), strict=True)
    return [
        _Line(option, (total - share * row[criterion]) / (1 - share), row[criterion])
        for option, (total, row) in enumerate(rows)
    ]


def _gains(rival: _Line, leader: _Line, *, above: bool) -> bool:
    """Whether a rival is before the leader at that end, with all the weight or with none."""
    return rival.alone > leader.alone if above else rival.without > leader.without


def _crossing(leader: _Line, rival: _Line) -> Fraction:
    behind, ahead = leader.without - rival.without, leader.alone - rival.alone
    return behind / (behind - ahead)


def _nearest(
    leader: _Line, rivals: Sequence[_Line], *, above: bool
) -> tuple[Fraction, tuple[int, ...]]:
    """Of lines that meet in one point the one that ends highest is first beyond it."""
    shares = [_crossing(leader, one) for one in rivals]
    share = min(shares) if above else max(shares)
    met = [one for one, place in zip(rivals, shares, strict=True) if place == share]
    ends = [one.alone if above else one.without for one in met]
    return share, tuple(met[place].option for place in leaders(ends))
