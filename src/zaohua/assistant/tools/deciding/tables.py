"""Finds a table of options, criteria and weights in a question; only if it is plain.

A table has bars (Markdown), commas or tabs. Weights stand in a row or a column of that name, or in
brackets behind the criteria: ``price (40%)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

LONGEST: Final = 4000
"""Characters of a question with a table."""
_LEAST_LINES: Final = 3
_LEAST_CELLS: Final = 3
_MOST: Final = 12
_SMALL: Final = 10
_LARGE: Final = 100
"""Ends of scales; a table that mixes both has more than scores, such as prices."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_NUMBER: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_WEIGHT: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?\s*[%％]?")
_UNKNOWN: Final = ("?", "？", "-", "—", "–", "未知", "不详", "不知道", "unknown", "n/a", "tbd")
_WEIGHTS: Final = re.compile(r"(?:权重|比重|weights?|weighting)\s*(?:[(（]\s*%\s*[)）])?", re.I)
_CRITERIA: Final = re.compile(
    r"|criteri(?:on|a)|factors?|aspects?|标准|指标|因素|准则|维度|方面|考虑", re.I
)
_OUTCOMES: Final = re.compile(
    r"(?:总分|总计|合计|加权总?分|得分|名次|排名|totals?|sum|rank|score)", re.I
)
_BEHIND: Final = re.compile(
    r"(?P<name>[^(（]+?)\s*[(（]\s*(?:权重|weight)?\s*[:：]?\s*(?P<weight>\d[\d.]*\s*[%％]?)\s*[)）]",
    re.I,
)
_ASKS: Final = re.compile(
    r"选|哪|决定|决策|打分|评分|加权|权重|排名|排序|比较|方案|该"
    r"|\b(?:which|best|better|choose|pick|decide|decision|weigh(?:ed|ing)?|scores?|rank|compare"
    r"|matrix|options?|criteri(?:a|on)|should)\b",
    re.I,
)
_REVERSED: Final = re.compile(
    r"越(?:低|少|小|便宜|短)越好|(?:lower|less|fewer|smaller) is better", re.I
)
_RULE: Final = re.compile(r":?-+:?")
_COMMA: Final = re.compile(r"\s*[,，\t]\s*")

Lines = list[list[str]]


def table_in(question: str) -> dict[str, Any] | None:
    """The arguments of `weigh`; None if there is no table, or one that may mean something else."""
    if len(question) > LONGEST or not _ASKS.search(question) or _REVERSED.search(question):
        return None
    found = list(_tables(question))
    if len(found) != 1:
        return None
    [table] = found
    return _arguments(table) or _arguments(table[1:])  # words before it may have commas, too


def _tables(question: str) -> Iterator[Lines]:
    lines = [_cells(line) for line in question.splitlines()]
    for length, group in groupby(lines, key=len):
        rows = [row for row in group if not all(map(_RULE.fullmatch, row))]
        if length >= _LEAST_CELLS and len(rows) >= _LEAST_LINES:
            yield rows


def _cells(line: str) -> list[str]:
    bare = line.strip()
    if "|" in bare:
        return [cell.strip(" *`") for cell in bare.removeprefix("|").removesuffix("|").split("|")]
    return _COMMA.split(bare) if bare else []


def _arguments(table: Lines) -> dict[str, Any] | None:
    if len(table) < _LEAST_LINES:
        return None
    ways = (_weights_in_row, _weights_in_column, _weights_behind)
    found = [one for way in ways if (one := way(table)) is not None]
    return found[0] if len(found) == 1 and _fits(found[0]) else None


def _weights_in_row(table: Lines) -> dict[str, Any] | None:
    """Criteria across, and a row that holds their weights."""
    head, *rows = table
    named = [row for row in rows if _WEIGHTS.fullmatch(row[0])]
    if len(named) != 1:
        return None
    return _given(head[1:], named[0][1:], [row for row in rows if row is not named[0]])


def _weights_in_column(table: Lines) -> dict[str, Any] | None:
    """Criteria down, options across, and a column that holds the weights."""
    head, *rows = table
    places = [place for place, name in enumerate(head) if place and _WEIGHTS.fullmatch(name)]
    if len(places) != 1 or not _CRITERIA.fullmatch(head[0]):
        return None
    [place] = places
    across = [[row[0], *(one for k, one in enumerate(row) if k not in (0, place))] for row in table]
    turned = [list(column) for column in zip(*across, strict=True)][1:]
    return _given([row[0] for row in rows], [row[place] for row in rows], turned)


def _weights_behind(table: Lines) -> dict[str, Any] | None:
    """Criteria across, each with its weight in brackets."""
    found = [_BEHIND.fullmatch(name) for name in table[0][1:]]
    names = [one["name"] for one in found if one]
    if len(names) != len(found):
        return None
    return _given(names, [one["weight"] for one in found if one], table[1:])


def _given(
    criteria: Sequence[str], weights: Sequence[str], options: Sequence[Sequence[str]]
) -> dict[str, Any] | None:
    """The arguments, if every cell is what it must be."""
    scores = [list(map(_score, row[1:])) for row in options]
    if not all(map(_WEIGHT.fullmatch, weights)) or any("" in row for row in scores):
        return None
    shares = sum(one.endswith(("%", "％")) for one in weights)
    if shares not in (0, len(weights)):
        return None
    plain = [one.rstrip("%％ ") for one in weights]
    return {
        "options": [row[0] for row in options],
        "criteria": list(criteria),
        "weights": plain,
        "scores": scores,
    }


def _score(cell: str) -> str | None:
    """A number, None if it is told to be unknown, empty if it is something else."""
    if cell.lower() in _UNKNOWN:
        return None
    return cell if _NUMBER.fullmatch(cell) else ""


def _fits(found: dict[str, Any]) -> bool:
    options, criteria = found["options"], found["criteria"]
    names = [*options, *criteria]
    columns = zip(*found["scores"], strict=True)
    tops = [top for one in columns if (top := max(map(float, filter(None, one)), default=0))]
    return (
        2 <= len(options) <= _MOST
        and 2 <= len(criteria) <= _MOST
        and all(len(name) <= 60 and _LETTER.search(name) for name in names)
        and not any(map(_OUTCOMES.fullmatch, names))
        and not any(map(_WEIGHTS.fullmatch, names))
        and all(len({one.casefold() for one in part}) == len(part) for part in (options, criteria))
        and bool(tops)
        and (max(tops) <= _SMALL or _SMALL < min(tops) <= max(tops) <= _LARGE)
        and any(float(one) for one in found["weights"])
    )
