"""A row (an object of JSON, Parquet, CSV) to the record it means, by the names of its fields."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any, TypedDict

from zaohua.data.readers.chats import alpaca, conversation_export, share_gpt
from zaohua.data.readers.options import Fields
from zaohua.data.readers.turns import RowError, turns
from zaohua.data.records import Turn


class Parts(TypedDict, total=False):
    """The fields of a record that hold data."""

    text: str
    messages: tuple[Turn, ...]
    chosen: tuple[Turn, ...]
    rejected: tuple[Turn, ...]
    label: str | bool | None
    meta: dict[str, Any]


_YES = frozenset({"true", "1", "yes", "up", "good", "thumbs_up", "👍"})
_NO = frozenset({"false", "0", "no", "down", "bad", "thumbs_down", "👎", "-1"})


def parts(row: Mapping[str, Any], fields: Fields) -> Parts:
    """The record's data: which schema it is is told by the fields that are there.

    Raises:
        RowError: no known schema, or one with wrong contents.
    """
    if isinstance(row.get("mapping"), Mapping):
        messages, meta = conversation_export(row)
        return Parts(messages=messages, meta=meta)
    used = {fields.text, fields.messages, fields.prompt, fields.completion, fields.label}
    used |= {fields.chosen, fields.rejected, "conversations", "instruction", "input", "output"}
    used |= {"system", "history"}
    meta = json_meta({key: value for key, value in row.items() if key not in used})
    found = _preference(row, fields) or _chat(row, fields) or _text(row, fields)
    if found is None:
        names = ", ".join(map(str, row)) or "none"
        raise RowError(f"no field that is known: its fields are {names}")
    return Parts(**found, meta=meta)


def json_meta(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them; dates as ISO 8601, bytes and empty values left out."""
    kept = {str(key): _json(value) for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None and value != ""}


def _json(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return json_meta(value)
        case list() | tuple():
            return [_json(item) for item in value]
        case _:
            return _as_string(value)


def _as_string(value: Any) -> str | None:
    if isinstance(value, bytes):
        return None
    dated = isinstance(value, datetime.date | datetime.time)
    return str(value.isoformat()) if dated else str(value)


def fields_as_text(row: Mapping[str, Any]) -> str:
    """All fields of a row a line each, ``name: value``; empty for a conversation.

    A row with nothing but a text is that text.
    """
    if any(row.get(name) for name in ("mapping", "conversations", "messages")):
        return ""
    values = json_meta(row)
    lone = next(iter(values.values())) if len(row) == len(values) == 1 else None
    if isinstance(lone, str):
        return lone.strip()
    return "\n".join(f"{name}: {_shown(value)}" for name, value in values.items())


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)


def _preference(row: Mapping[str, Any], fields: Fields) -> Parts | None:
    chosen, rejected = row.get(fields.chosen), row.get(fields.rejected)
    if chosen is None and rejected is None:
        return None
    if chosen is None or rejected is None:
        raise RowError(f"{fields.chosen} without {fields.rejected}, or the other way round")
    good, bad = _answer(chosen, fields), _answer(rejected, fields)
    messages = _asked(row, fields)
    if not messages:
        shared = 0
        while shared < min(len(good), len(bad)) and good[shared] == bad[shared]:
            shared += 1
        messages = good[:shared]
    if messages and good[: len(messages)] == messages == bad[: len(messages)]:
        good, bad = good[len(messages) :], bad[len(messages) :]
    if not good or not bad:
        raise RowError("chosen and rejected are the same, or one is empty")
    if not messages:
        raise RowError("a preference without a question")
    return Parts(messages=messages, chosen=good, rejected=bad)


def _asked(row: Mapping[str, Any], fields: Fields) -> tuple[Turn, ...]:
    for name in (fields.messages, fields.prompt):
        if row.get(name):
            return turns(row[name], fields, plain="user")
    return share_gpt(row, fields) or alpaca(row, answered=False) or ()


def _answer(value: Any, fields: Fields) -> tuple[Turn, ...]:
    return turns(value, fields, plain="assistant")


def _chat(row: Mapping[str, Any], fields: Fields) -> Parts | None:
    messages = _messages(row, fields)
    if messages is None:
        return None
    if not messages:
        raise RowError("a conversation without messages")
    label = row.get(fields.label)
    return Parts(messages=messages, label=None if label in (None, "") else _thumb(label))


def _messages(row: Mapping[str, Any], fields: Fields) -> tuple[Turn, ...] | None:
    if row.get(fields.messages) is not None:
        return turns(row[fields.messages], fields, plain="user")
    if row.get(fields.prompt) is not None and row.get(fields.completion) is not None:
        asked = turns(row[fields.prompt], fields, plain="user")
        return asked + turns(row[fields.completion], fields, plain="assistant")
    found = share_gpt(row, fields)
    return found if found is not None else alpaca(row, answered=True)


def _thumb(label: Any) -> bool:
    word = str(label).strip().lower().removesuffix(".0")
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise RowError(f"the label of a conversation is {label!r}: true or false was expected")


def _text(row: Mapping[str, Any], fields: Fields) -> Parts | None:
    text = row.get(fields.text)
    if isinstance(text, list | tuple) and all(isinstance(line, str) for line in text):
        text = "\n".join(text)
    if text is None:
        return None
    if not isinstance(text, str):
        raise RowError(f"{fields.text} is {type(text).__name__}: text was expected")
    if not text.strip():
        raise RowError(f"{fields.text} is empty")
    label = row.get(fields.label)
    if label in (None, ""):
        return Parts(text=text)
    if not isinstance(label, str | bool | int | float):
        raise RowError(f"{fields.label} is {type(label).__name__}: one label was expected")
    return Parts(text=text, label=label if isinstance(label, bool) else str(label))
