"""Chat layouts of others: ShareGPT, Alpaca, the export of ChatGPT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zaohua.data.readers.options import Fields
from zaohua.data.readers.turns import RowError, turns
from zaohua.data.records import Role, Turn


def share_gpt(row: Mapping[str, Any], fields: Fields) -> tuple[Turn, ...] | None:
    """``{"conversations": [{"from", "value"}], "system"?}``; None if it is not that."""
    if row.get("conversations") is None:
        return None
    return _system(row) + turns(row["conversations"], fields, plain="user")


def alpaca(row: Mapping[str, Any], *, answered: bool) -> tuple[Turn, ...] | None:
    """Alpaca's ``{"instruction", "input"?, "output", "history"?, "system"?}``; None if not that.

    Args:
        row: the object.
        answered: whether ``output`` is expected.

    Raises:
        RowError: a part is not text, or empty.
    """
    if not isinstance(row.get("instruction"), str):
        return None
    asked = "\n".join(filter(str.strip, (_string(row, "instruction"), _string(row, "input"))))
    if not asked:
        raise RowError("instruction is empty")
    found = (*_system(row), *_history(row.get("history")), Turn("user", asked))
    if not answered:
        return found
    answer = _string(row, "output")
    if not answer.strip():
        raise RowError("output is empty")
    return (*found, Turn("assistant", answer))


def _system(row: Mapping[str, Any]) -> tuple[Turn, ...]:
    text = _string(row, "system")
    return (Turn("system", text),) if text.strip() else ()


def _string(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(f"{name} is {type(value).__name__}: text was expected")
    return value


def _history(value: Any) -> Iterator[Turn]:
    for pair in value or ():
        if not isinstance(pair, list | tuple) or [type(said) for said in pair] != [str, str]:
            raise RowError("history is not a list of question and answer")
        yield Turn("user", pair[0])
        yield Turn("assistant", pair[1])


def conversation_export(row: Mapping[str, Any]) -> tuple[tuple[Turn, ...], dict[str, Any]]:
    """One conversation of ChatGPT's export: the branch shown last, without tools and pictures.

    Raises:
        RowError: it has no messages.
    """
    said: list[Turn] = []
    for node in _branch(row):
        turn = _exported(node.get("message"))
        if turn is None:
            continue
        if said and said[-1].role == turn.role:
            turn = Turn(turn.role, f"{said.pop().content}\n\n{turn.content}")
        said.append(turn)
    if not said:
        raise RowError("a conversation without messages")
    kept = {"title": row.get("title"), "id": row.get("conversation_id") or row.get("id")}
    return tuple(said), {key: value for key, value in kept.items() if isinstance(value, str)}


def _branch(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Nodes from the root to the current one (or, if none is said, to the newest leaf)."""
    nodes = {key: node for key, node in row["mapping"].items() if isinstance(node, Mapping)}
    key = row.get("current_node")
    if key not in nodes:
        leaves = [name for name, node in nodes.items() if not node.get("children")]
        key = max(leaves, key=lambda name: _time(nodes[name]), default=None)
    found: list[Mapping[str, Any]] = []
    while key in nodes:
        node = nodes.pop(key)
        found.append(node)
        key = node.get("parent")
    return found[::-1]


def _time(node: Mapping[str, Any]) -> float:
    message = node.get("message")
    time = message.get("create_time") if isinstance(message, Mapping) else None
    return float(time) if isinstance(time, int | float) else 0.0


def _exported(message: Any) -> Turn | None:
    if not isinstance(message, Mapping):
        return None
    role = (message.get("author") or {}).get("role")
    content = message.get("content") or {}
    hidden = (message.get("metadata") or {}).get("is_visually_hidden_from_conversation")
    shown = message.get("recipient", "all") == "all" and not hidden
    roles: dict[Any, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
    if not shown or role not in roles:
        return None
    if content.get("content_type") not in {"text", "multimodal_text"}:
        return None
    text = "\n".join(part for part in content.get("parts") or () if isinstance(part, str)).strip()
    return Turn(roles[role], text) if text else None
