"""Cuts a calculation into numbers, names and operators, as they are written in both languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from zaohua.assistant.tools.values import ToolFailed

LONGEST = 1000
LARGEST_EXPONENT = 400
_GROUPED = r"\d{1,3}(?:,\d{3})+(?!\d)|"
_PATTERN = (
    r"(?P<number>(?:%s\d+)(?:\.\d*)?|\.\d+)(?P<exponent>[eE][+-]?\d+)?"
    r"|(?P<name>[A-Za-zπ]+|√|的)"
    r"|(?P<scale>[十百千万亿]+)"
    r"|(?P<operator>\*\*|//|[-+*/^%%!(),])"
)
_TOKEN = re.compile(_PATTERN % _GROUPED)
_TOKEN_IN_CALL = re.compile(_PATTERN % "")
_CALL = re.compile(r"[A-Za-z]\s*\(")
"""Where functions are called a comma stands between values, not between thousands."""
_SAME = str.maketrans(
    {"×": "*", "∗": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "—": "-"}
    | {"[": "(", "]": ")", "{": "(", "}": ")", "、": ",", "“": None, "”": None, '"': None}
    | dict.fromkeys("¥$€£元?？。", None)
)
_SQUARES = {"²": "^2", "³": "^3"}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is ``number``, ``name``, ``operator`` or ``end``."""

    kind: str
    text: str
    value: Fraction = Fraction(0)


def tokens_of(expression: str) -> list[Token]:
    """The tokens of a calculation, ``end`` the last.

    Raises:
        ToolFailed: it holds something else, or is too long.
    """
    if len(expression) > LONGEST:
        raise ToolFailed(f"the calculation is longer than {LONGEST} characters")
    text = _normal(expression)
    token = _TOKEN_IN_CALL if _CALL.search(text) else _TOKEN
    found: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = token.match(text, position)
        if match is None:
            raise ToolFailed(f"'{text[position : position + 20]}' is no part of a calculation")
        found += _tokens(match)
        position = match.end()
    return [*found, Token("end", "")]


def _normal(expression: str) -> str:
    for character, power in _SQUARES.items():
        expression = expression.replace(character, power)
    plain = unicodedata.normalize("NFKC", expression).translate(_SAME)
    return plain.strip().rstrip("=").strip()


def _tokens(match: re.Match[str]) -> list[Token]:
    text = match[0]
    if match["number"]:
        return [Token("number", text, _number(match))]
    if match["scale"]:
        factor = Fraction(1)
        for character in text:
            factor *= _SCALES[character]
        return [Token("scale", text, factor)]
    return [Token("name" if match["name"] else "operator", text.lower())]


def _number(match: re.Match[str]) -> Fraction:
    exponent = match["exponent"] or "e0"
    if len(exponent) > 6 or abs(int(exponent[1:])) > LARGEST_EXPONENT:
        raise ToolFailed(f"{match[0]} is too large or too small")
    return Fraction(match["number"].replace(",", "").rstrip(".")) * Fraction(10) ** int(
        exponent[1:]
    )
