"""Whether an output is as it should be, said by plain rules and not by a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zaohua.generate.prompts.outputs import shown
from zaohua.generate.prompts.spec import CheckSpec
from zaohua.text.language import main_language

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_POINT = re.compile(r"^[\s*#>_-]*\d{1,2}(?:[.)](?=[\s*]|[^\W\d])|、)", re.MULTILINE)
"""The number of a point in a list, which states nothing."""
_LONGEST_SEARCHED = 100_000


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and whether it holds."""

    rule: str
    holds: bool


def check(wanted: CheckSpec, output: Any, values: Mapping[str, Any]) -> list[Check]:
    """Each rule of ``wanted`` for an output of a template that was given ``values``."""
    return list(_checks(wanted, output, values))


def share(checks: list[Check]) -> float:
    """Of rules that hold; 1 where there are none."""
    return sum(one.holds for one in checks) / len(checks) if checks else 1.0


def _checks(wanted: CheckSpec, output: Any, values: Mapping[str, Any]) -> Iterator[Check]:
    text = shown(output).strip()
    plain = text.lower()
    for part in wanted.contains:
        yield Check(f"contains '{part}'", part.lower() in plain)
    if wanted.any:
        told = f"contains one of {', '.join(wanted.any)}"
        yield Check(told, any(part.lower() in plain for part in wanted.any))
    for part in wanted.lacks:
        yield Check(f"lacks '{part}'", part.lower() not in plain)
    if wanted.equals is not None:
        yield Check(f"equals '{wanted.equals}'", plain == wanted.equals.strip().lower())
    if wanted.matches:
        found = re.search(wanted.matches, text[:_LONGEST_SEARCHED], re.IGNORECASE)
        yield Check(f"matches {wanted.matches}", found is not None)
    yield from _lengths(wanted, text)
    if wanted.language:
        yield Check(f"is in '{wanted.language}'", _language(text) == wanted.language)
    for path, value in wanted.values.items():
        yield Check(f"{path} is {shown(value)}", _alike(_at(output, path), value))
    if wanted.numbers_from:
        yield _numbers(wanted, text, values)


def _language(text: str) -> str:
    """Of short English texts, which have none of its commonest words, too."""
    return main_language(text) or ("en" if re.search("[a-zA-Z]", text) else "")


def _lengths(wanted: CheckSpec, text: str) -> Iterator[Check]:
    if wanted.shortest:
        yield Check(f"has {wanted.shortest} characters at least", len(text) >= wanted.shortest)
    if wanted.longest is not None:
        yield Check(f"has {wanted.longest} characters at most", len(text) <= wanted.longest)


def _numbers(wanted: CheckSpec, text: str, values: Mapping[str, Any]) -> Check:
    given = " ".join(shown(values.get(name, "")) for name in wanted.numbers_from)
    strange = set(_NUMBER.findall(_POINT.sub("", text))) - set(_NUMBER.findall(given))
    told = f" (not {', '.join(sorted(strange))})" if strange else ""
    return Check(f"has only numbers of {', '.join(wanted.numbers_from)}{told}", not strange)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _alike(one: Any, other: Any) -> bool:
    """Equal; texts without regard to case and to white space around them."""
    if isinstance(one, str) or isinstance(other, str):
        return str(one).strip().lower() == str(other).strip().lower()
    return bool(one == other)
