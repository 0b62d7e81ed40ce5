"""What comes of weighing, in a paragraph and a Markdown table, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final, Literal

from zaohua.assistant.tools.calculating.writing import rounded
from zaohua.assistant.tools.deciding.matrix import (
    Matrix,
    deciding_cells,
    leaders,
    possible_leaders,
)
from zaohua.assistant.tools.deciding.sensitivity import Turning, turnings

Language = Literal["zh", "en"]
_TOTAL_DIGITS: Final = 5
_SHARE_DIGITS: Final = 4
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "first": "{first} comes first with {total} of {highest} (higher is better)",
        "shared": "{first} share the first place with {total} of {highest} (higher is better)",
        "rest": ", then {rest}.",
        "end": ".",
        "place": "{option} ({total})",
        "cell": "{criterion} of {option}",
        "unknown": "Unknown: {cells}; each counts {middle}, the middle of {lowest} to {highest}.",
        "sure": "Whatever they are, {first} stays first.",
        "open": "Depending on them, first can be: {names}.",
        "alone": "One alone can change the first place: {cells}.",
        "below": "If {criterion} weighs less than {share} (now {now}), first is {first}.",
        "above": "If {criterion} weighs more than {share} (now {now}), first is {first}.",
        "steady": "No weight of {criteria} changes the first place.",
        "tie": "As it is shared, another weight or score can decide.",
        "proportion": "The other weights stay in proportion.",
        "head": "Option",
        "total": "Total",
        "rank": "Rank",
        "and": ", ",
        "or": " or ",
        "gap": " ",
    },
    "zh": {
        "first": "{first}排第一，总分 {total}（满分 {highest}，越高越好）",
        "shared": "{first}并列第一，总分 {total}（满分 {highest}，越高越好）",
        "rest": "，其次是{rest}。",
        "end": "。",
        "place": "{option}（{total}）",
        "cell": "{option}的{criterion}",
        "unknown": "未知：{cells}；未知的分数按 {lowest} 到 {highest} 的中间值 {middle} 计算。",
        "sure": "无论这些分数是多少，{first}都排第一。",
        "open": "未知的分数不同，排第一的可能是：{names}。",
        "alone": "单独一项就能改变第一名的：{cells}。",
        "below": "{criterion}的权重低于 {share}（现在 {now}）时，{first}排第一。",
        "above": "{criterion}的权重高于 {share}（现在 {now}）时，{first}排第一。",
        "steady": "{criteria}的权重无论怎样变，第一名都不变。",
        "tie": "既然并列，权重或分数一变就可能分出先后。",
        "proportion": "其他权重按比例不变。",
        "head": "选项",
        "total": "总分",
        "rank": "名次",
        "and": "、",
        "or": "或",
        "gap": "",
    },
}


def told(matrix: Matrix, language: Language) -> str:
    """The paragraph and the table."""
    words = _WORDS[language]
    turned = turnings(matrix)
    parts = (_order(matrix, words), *_open(matrix, words), *_weights(matrix, turned, words))
    return f"{words['gap'].join(parts)}\n\n{_table(matrix, words)}"


def _order(matrix: Matrix, words: Mapping[str, str]) -> str:
    totals = matrix.totals()
    first = leaders(totals)
    said = words["first" if len(first) == 1 else "shared"].format(
        first=_names(matrix, first, words),
        total=_total(totals[first[0]]),
        highest=_total(matrix.highest),
    )
    rest = [option for option in ranked(totals) if option not in first]
    if not rest:
        return said + words["end"]
    places = (
        words["place"].format(option=matrix.options[one], total=_total(totals[one])) for one in rest
    )
    return said + words["rest"].format(rest=words["and"].join(places))


def _open(matrix: Matrix, words: Mapping[str, str]) -> Iterator[str]:
    """What unknown scores leave open; nothing if all are known."""
    if not matrix.unknown:
        return
    first, possible = leaders(matrix.totals()), possible_leaders(matrix)
    yield words["unknown"].format(
        cells=_cells(matrix, matrix.unknown, words),
        middle=_total(matrix.middle),
        lowest=_total(matrix.lowest),
        highest=_total(matrix.highest),
    )
    if possible == first and len(first) == 1:
        yield words["sure"].format(first=_names(matrix, first, words))
        return
    yield words["open"].format(names=_names(matrix, possible, words, "or"))
    if alone := deciding_cells(matrix):
        yield words["alone"].format(cells=_cells(matrix, alone, words))


def _weights(
    matrix: Matrix, turned: tuple[Turning, ...], words: Mapping[str, str]
) -> Iterator[str]:
    if len(leaders(matrix.totals())) > 1:
        yield words["tie"]
        return
    yield from (_turning(matrix, one, words) for one in turned)
    if turned:
        yield words["proportion"]
    told_of = {one.criterion for one in turned}
    known = (k for k, share in enumerate(matrix.shares) if share != 1 and k not in told_of)
    if steady := [matrix.criteria[k] for k in known]:
        yield words["steady"].format(criteria=words["or"].join(steady))


def _turning(matrix: Matrix, one: Turning, words: Mapping[str, str]) -> str:
    return words["above" if one.above else "below"].format(
        criterion=matrix.criteria[one.criterion],
        share=_share(one.share),
        now=_share(matrix.shares[one.criterion]),
        first=_names(matrix, one.first, words),
    )


def _table(matrix: Matrix, words: Mapping[str, str]) -> str:
    criteria = zip(matrix.criteria, matrix.shares, strict=True)
    heads = [f"{name} ({_share(share)})" for name, share in criteria]
    head = (words["head"], *heads, words["total"], words["rank"])
    totals = matrix.totals()
    rows = (_row(matrix, option, totals) for option in ranked(totals))
    return "\n".join(map(_line, (head, ["---"] * len(head), *rows)))


def _row(matrix: Matrix, option: int, totals: tuple[Fraction, ...]) -> list[str]:
    scores = ["?" if one is None else _total(one) for one in matrix.scores[option]]
    total = _total(totals[option])
    if None in matrix.scores[option]:
        low, high = (matrix.totals(end)[option] for end in (matrix.lowest, matrix.highest))
        total += f" ({_total(low)}–{_total(high)})"
    return [matrix.options[option], *scores, total, str(rank(totals, option))]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(one.replace('|', '¦') for one in cells)} |"


def ranked(totals: tuple[Fraction, ...]) -> list[int]:
    """The options, the best first; those that share a place as they were given."""
    return sorted(range(len(totals)), key=lambda option: -totals[option])


def rank(totals: tuple[Fraction, ...], option: int) -> int:
    """Its place: 1 and as many as are before it."""
    return 1 + sum(one > totals[option] for one in totals)


def _names(
    matrix: Matrix, options: Iterable[int], words: Mapping[str, str], joined: str = "and"
) -> str:
    return words[joined].join(matrix.options[one] for one in options)


def _cells(matrix: Matrix, cells: Iterable[tuple[int, int]], words: Mapping[str, str]) -> str:
    return words["and"].join(
        words["cell"].format(option=matrix.options[i], criterion=matrix.criteria[k])
        for i, k in cells
    )


def _total(value: Fraction) -> str:
    return rounded(value, _TOTAL_DIGITS)


def _share(value: Fraction) -> str:
    return f"{rounded(value * 100, _SHARE_DIGITS)}%"
