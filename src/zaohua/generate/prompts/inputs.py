"""What a template is given: texts of a command line or JSON values become what it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from zaohua.errors import UsageError
from zaohua.generate.prompts.spec import InputSpec, PromptSpec
from zaohua.problems import nearest
from zaohua.text.wholesome import is_storable

MOST_CHARACTERS: Final = 20_000_000
MOST_ITEMS: Final = 1_000

Value = str | float | int | bool | tuple[str, ...]

_BETWEEN = re.compile(r"\n|[,，、;；](?![^(（\[)）\]\n]{0,80}[)）\]])")
"""Between the items of a list: the end of a line, or a comma that stands in no brackets."""
_YES = frozenset({"true", "yes", "on", "1", "是", "对", "真"})
_NO = frozenset({"false", "no", "off", "0", "", "否", "不", "假"})
_EMPTY: Final[Mapping[str, Value]] = {"text": "", "number": 0, "list": (), "flag": False}


def filled(spec: PromptSpec, given: Mapping[str, Any], name: str) -> dict[str, Value]:
    """The value of every input: what is given, else its default, else nothing of its type.

    Raises:
        UsageError: all that is wrong, in one line.
    """
    problems = [
        f"there is no input '{key}', {nearest(key, spec.inputs) if spec.inputs else 'it has none'}"
        for key in given
        if key not in spec.inputs
    ]
    values: dict[str, Value] = {}
    for key, wanted in spec.inputs.items():
        try:
            values[key] = _value(wanted, given.get(key))
        except ValueError as error:
            problems.append(f"{key} {error}")
    if problems:
        mend = f"'zaohua prompt show {name}' lists its inputs"
        raise UsageError("; ".join(problems), where=f"prompt '{name}'", mend=mend)
    return values


def _value(wanted: InputSpec, given: Any) -> Value:
    if given is None or (isinstance(given, str) and not given.strip() and wanted.must_be_given):
        if wanted.must_be_given:
            raise ValueError("is missing")
        given = wanted.default
    if given is None:
        return wanted.choices[0] if wanted.choices else _EMPTY[wanted.type]
    return _CONVERTED[wanted.type](wanted, given)


def _text(wanted: InputSpec, given: Any) -> str:
    text = given if isinstance(given, str) else str(given)
    if isinstance(given, dict | list | tuple):
        raise ValueError("must be a text")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"may have {MOST_CHARACTERS:,} characters at most")
    if not is_storable(text):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    return text


def _number(wanted: InputSpec, given: Any) -> float | int:
    try:
        number = float(given) if not isinstance(given, bool | list | dict) else float("nan")
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not abs(number) < 1e15:  # also what is not a number
        raise ValueError("must be a number")
    if wanted.least is not None and number < wanted.least:
        raise ValueError(f"must be {wanted.least:g} at least")
    if wanted.most is not None and number > wanted.most:
        raise ValueError(f"must be {wanted.most:g} at most")
    return int(number) if number == int(number) else number


def _choice(wanted: InputSpec, given: Any) -> str:
    if given not in wanted.choices:
        shown = str(given)[:40]
        raise ValueError(f"cannot be '{shown}': {nearest(shown, wanted.choices)}")
    return str(given)


def _list(wanted: InputSpec, given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        given = _BETWEEN.split(given)
    if not isinstance(given, Sequence) or not all(isinstance(item, str | int) for item in given):
        raise ValueError("must be a list of texts")
    items = tuple(dict.fromkeys(_text(wanted, str(item)).strip() for item in given))
    items = tuple(item for item in items if item)
    if len(items) > MOST_ITEMS:
        raise ValueError(f"may have {MOST_ITEMS:,} items at most")
    if not items and wanted.must_be_given:
        raise ValueError("is empty")
    return items


def _flag(wanted: InputSpec, given: Any) -> bool:
    word = str(given).strip().lower()
    if word not in _YES | _NO:
        raise ValueError("must be yes or no")
    return word in _YES


_CONVERTED: Final = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "list": _list,
    "flag": _flag,
}
