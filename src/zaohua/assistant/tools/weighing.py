"""The tool that weighs options by criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from zaohua.assistant.tools.calculating.parser import compute
from zaohua.assistant.tools.calculating.writing import written
from zaohua.assistant.tools.deciding.matrix import (
    Matrix,
    deciding_cells,
    leaders,
    possible_leaders,
)
from zaohua.assistant.tools.deciding.sensitivity import turnings
from zaohua.assistant.tools.deciding.telling import Language, rank, ranked, told
from zaohua.assistant.tools.values import ToolFailed, ToolOutput

MOST_OPTIONS: Final = 12
MOST_CRITERIA: Final = 12
LONGEST_NAME: Final = 60
LARGEST_WEIGHT: Final = 1_000_000
LARGEST_SCORE: Final = 1000
FINEST: Final = 1_000_000
"""The largest denominator of a weight or a score."""
_SCALES: Final = (10, 100)
"""The ends of scales that are meant where none is told."""
_UNKNOWN: Final = ("?", "？")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


def _amount(given: object) -> object:
    return given if isinstance(given, str) or given is None else str(given)


def _score(given: object) -> object:
    known = _amount(given)
    return None if isinstance(known, str) and known.strip() in _UNKNOWN else known


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Number = Annotated[
    str, BeforeValidator(_amount), Field(max_length=40), WithJsonSchema({"type": "number"})
]
Score = Annotated[str | None, BeforeValidator(_score), WithJsonSchema({"type": ["number", "null"]})]
Options = Annotated[list[Name], Field(min_length=2, max_length=MOST_OPTIONS)]
Criteria = Annotated[list[Name], Field(min_length=1, max_length=MOST_CRITERIA)]
Weights = Annotated[list[Number], Field(min_length=1, max_length=MOST_CRITERIA)]
Rows = Annotated[
    list[Annotated[list[Score], Field(max_length=MOST_CRITERIA)]], Field(max_length=MOST_OPTIONS)
]


def weigh(
    options: Options,
    criteria: Criteria,
    weights: Weights,
    scores: Rows,
    *,
    lowest: Number = "0",
    highest: Number = "",
    language: Literal["auto", "zh", "en"] = "auto",
) -> ToolOutput:
    """Weigh options by scores for criteria: totals, order, what unknown scores and weights change.

    Args:
        options: their names.
        criteria: their names.
        weights: how much each criterion counts, such as 3 or 40%; only the proportion matters.
        scores: a list for each option with a score for each criterion, higher is better; null if
            unknown.
        lowest: the worst score there is.
        highest: the best score there is; 10 if not given, 100 if a score is over 10.
        language: of the result.
    """
    named = _named(options, "options"), _named(criteria, "criteria")
    shares, rows = _shares(weights, named[1]), _rows(scores, *named)
    ends = _ends(lowest, highest, rows)
    matrix = Matrix(*named, shares, rows, *ends)
    return ToolOutput(told(matrix, _language(language, (*options, *criteria))), _plain(matrix))


def _named(names: Sequence[str], what: str) -> tuple[str, ...]:
    plain = tuple(" ".join(name.split()) for name in names)
    if not all(plain):
        raise ToolFailed(f"{what}: a name is empty")
    for place, name in enumerate(plain):
        if name.casefold() in {one.casefold() for one in plain[:place]}:
            raise ToolFailed(f"{what}: '{name}' stands twice")
    return plain


def _shares(weights: Sequence[str], criteria: Sequence[str]) -> tuple[Fraction, ...]:
    if len(weights) != len(criteria):
        raise ToolFailed(f"weights: there are {len(weights)} for {len(criteria)} criteria")
    if len({one.rstrip().endswith("%") for one in weights}) > 1:
        raise ToolFailed("weights: some are percentages and some are not")
    values = [_number(one, "weights", 0, LARGEST_WEIGHT) for one in weights]
    whole = sum(values, Fraction(0))
    if not whole:
        raise ToolFailed("weights: all are 0")
    return tuple(one / whole for one in values)


def _rows(
    scores: Sequence[Sequence[str | None]], options: Sequence[str], criteria: Sequence[str]
) -> tuple[tuple[Fraction | None, ...], ...]:
    if len(scores) != len(options):
        raise ToolFailed(f"scores: there are {len(scores)} lists for {len(options)} options")
    for name, row in zip(options, scores, strict=True):
        if len(row) != len(criteria):
            raise ToolFailed(f"scores: '{name}' has {len(row)} for {len(criteria)} criteria")
    return tuple(
        tuple(
            None if one is None else _number(one, "scores", -LARGEST_SCORE, LARGEST_SCORE)
            for one in row
        )
        for row in scores
    )


def _ends(
    lowest: str, highest: str, rows: Sequence[Sequence[Fraction | None]]
) -> tuple[Fraction, Fraction]:
    known = [one for row in rows for one in row if one is not None]
    top = max(known, default=Fraction(0))
    least = _number(lowest, "lowest", -LARGEST_SCORE, LARGEST_SCORE)
    scale = next((one for one in _SCALES if top <= one), LARGEST_SCORE)
    most = _number(highest or str(scale), "highest", -LARGEST_SCORE, LARGEST_SCORE)
    if least >= most:
        raise ToolFailed("lowest and highest: the scale has no length")
    if outside := [one for one in known if not least <= one <= most]:
        shown = (written(one)[0] for one in (outside[0], least, most))
        raise ToolFailed("scores: {} is not on the scale from {} to {}".format(*shown))
    return least, most


def _number(text: str, what: str, least: int, most: int) -> Fraction:
    found = compute(text)
    if not found.exact or found.value.denominator > FINEST:
        raise ToolFailed(f"{what}: '{text[:40]}' is no plain number")
    if not least <= found.value <= most:
        raise ToolFailed(f"{what}: {text[:40]} is not between {least} and {most}")
    return found.value


def _language(wanted: Literal["auto", "zh", "en"], names: Sequence[str]) -> Language:
    if wanted != "auto":
        return wanted
    return "zh" if any(map(_CHINESE.search, names)) else "en"


def _plain(matrix: Matrix) -> dict[str, Any]:
    totals = matrix.totals()
    low, high = matrix.totals(matrix.lowest), matrix.totals(matrix.highest)
    alone = deciding_cells(matrix)
    return {
        "order": [
            {
                "option": matrix.options[one],
                "rank": rank(totals, one),
                "total": str(totals[one]),
                "least": str(low[one]),
                "most": str(high[one]),
            }
            for one in ranked(totals)
        ],
        "first": [matrix.options[one] for one in leaders(totals)],
        "can_be_first": [matrix.options[one] for one in possible_leaders(matrix)],
        "unknown": [
            {
                "option": matrix.options[i],
                "criterion": matrix.criteria[k],
                "decides": (i, k) in alone,
            }
            for i, k in matrix.unknown
        ],
        "turnings": [
            {
                "criterion": matrix.criteria[one.criterion],
                "share": str(matrix.shares[one.criterion]),
                "turns_at": str(one.share),
                "when": "above" if one.above else "below",
                "first": [matrix.options[option] for option in one.first],
            }
            for one in turnings(matrix)
        ],
    }
