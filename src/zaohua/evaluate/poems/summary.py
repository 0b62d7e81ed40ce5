"""Measures of many poems as figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from zaohua.evaluate.poems.measures import Judged

Figures = dict[str, float]


def summary(judged: Sequence[Judged], answers: Sequence[Sequence[str]]) -> Figures:
    """Shares and means over answers, those that matter most first.

    Args:
        judged: one for each answer.
        answers: the lines of each answer, for ``distinct_lines``: different lines over all lines.
    """
    every = [line for lines in answers for line in lines]
    figures = {
        "form": _share(one.form for one in judged),
        "rhyme": _share(one.rhyme for one in judged),
        "copied": _share(one.copied for one in judged),
        "acrostic": _share(one.acrostic for one in judged),
        "rhyme_asked": _share(one.rhyme_asked for one in judged),
        "rhyming_lines": _ratio((one.rhyming_lines, one.even_lines) for one in judged),
        "tones": _ratio((one.toned_lines, one.lines_with_tones) for one in judged),
        "repeated": _share(one.repeated for one in judged),
        "distinct_lines": len(set(every)) / len(every) if every else math.nan,
        "new_bigrams": _mean(one.new_bigrams for one in judged),
        "on_title": _share(one.on_title for one in judged),
    }
    return {name: round(value, 4) for name, value in figures.items() if not math.isnan(value)}


def interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in ``count`` trials (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    half /= 1 + z * z / count
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def _share(flags: Iterable[bool | None]) -> float:
    return _mean(None if flag is None else float(flag) for flag in flags)


def _mean(values: Iterable[float | None]) -> float:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else math.nan


def _ratio(parts: Iterable[tuple[int, int]]) -> float:
    pairs = list(parts)
    whole = sum(of for _, of in pairs)
    return sum(part for part, _ in pairs) / whole if whole else math.nan
