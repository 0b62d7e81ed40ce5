"""What a model took out of a text, field by field, held against the text and the field's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from zaohua.text.numerals import numbers

Test = Callable[[str], bool]


def _has_digits(value: str) -> bool:
    return sum(one.isdigit() for one in value) >= _LEAST_DIGITS


def _has_number(value: str) -> bool:
    return any(one.isdigit() for one in value) or next(iter(numbers(value)), None) is not None


_LEAST_DIGITS: Final = 5
_SPACE: Final = re.compile(r"\s+")
_KINDS: Final[tuple[tuple[re.Pattern[str], Test], ...]] = (
    (re.compile(r"电话|手机|座机|传真|\b(?:tele)?phone|\bmobile|\bfax", re.I), _has_digits),
    (re.compile(r"邮箱|电子邮件|\be-?mail", re.I), lambda value: "@" in value),
    (re.compile(r"网址|网站|\burl\b|\bweb ?site", re.I), lambda value: "." in value),
    (
        re.compile(
            r"数量|金额|价格|单价|总价|费用|租金|年龄|\b(?:quantity|amount|price|total|age|rent)\b",
            re.I,
        ),
        _has_number,
    ),
)
"""What must be in a value whose field is called so."""


def standing(said: Mapping[str, Any], text: str) -> dict[str, str | None]:
    """The values that stand in ``text`` and can be what their field is called; None for others."""
    return {name: value if _stands(name, value, text) else None for name, value in said.items()}


def _stands(name: str, value: Any, text: str) -> bool:
    if not isinstance(value, str) or not value.strip() or _plain(value) not in _plain(text):
        return False
    return all(test(value) for pattern, test in _KINDS if pattern.search(name))


def _plain(text: str) -> str:
    return _SPACE.sub("", text).casefold()
