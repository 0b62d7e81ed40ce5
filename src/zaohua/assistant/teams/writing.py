"""Entries of JSON as people and small models read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zaohua.assistant.teams.values import TeamMessage


def as_text(message: TeamMessage) -> str:
    """An entry for people: JSON becomes Markdown."""
    return markdown(message.value) if message.value is not None else message.content


def markdown(value: Any) -> str:
    """A JSON value: tables as ``key: value`` lines, lists numbered."""
    if isinstance(value, Mapping) and len(value) == 1:
        return markdown(next(iter(value.values())))
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"**{key}**: {one}" if _is_plain(one) else f"**{key}**:\n{markdown(one)}"
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield f"{number}. {_item(one)}"
    else:
        yield str(value)


def _item(value: Any) -> str:
    """An item of a list: the first text of a table, the others behind it."""
    if not isinstance(value, Mapping):
        return str(value) if _is_plain(value) else markdown(value)
    first, *others = value.items()
    rest = "; ".join(f"{key}: {one}" for key, one in others)
    return f"{first[1]} ({rest})" if rest else str(first[1])


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list)
