"""Reads conversations of a ChatGPT data export.

Each is a ``mapping`` of nodes with parents and children. Nodes that a person never saw (system
messages, tool traffic, hidden context) are left out and their children hung one node higher.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from zaohua.assistant.drafts import ConversationDraft, MessageDraft

_PICTURE, _SOUND, _FILE = "[image]", "[audio]", "[file]"
_NOTES = {
    "image_asset_pointer": _PICTURE,
    "audio_asset_pointer": _SOUND,
    "video_container_asset_pointer": "[video]",
    "real_time_user_audio_video_asset_pointer": _SOUND,
}


@dataclass
class _Reading:
    """What was gathered on the way through the nodes."""

    messages: list[MessageDraft] = field(default_factory=list)
    kept: dict[str, str | None] = field(default_factory=dict)
    """For each node the message it became, or the one it hangs under."""
    thoughts: dict[str | None, str] = field(default_factory=dict)
    """Reasoning that waits for the answer below it."""
    system: str = ""


def chatgpt_draft(document: Mapping[str, Any]) -> ConversationDraft:
    """The conversation of one object of ``conversations.json``.

    Raises:
        ValueError: it is not one.
    """
    mapping = document.get("mapping")
    if not isinstance(mapping, dict) or not mapping:
        raise ValueError("a ChatGPT conversation has a mapping")
    reading = _read(mapping)
    if not reading.messages:
        raise ValueError("a conversation without messages")
    name = document.get("conversation_id") or document.get("id") or next(iter(mapping))
    created = _moment(document.get("create_time")) or reading.messages[0].created_at
    current = document.get("current_node")
    return ConversationDraft(
        origin=f"chatgpt:{name}"[:120],
        title=" ".join(str(document.get("title") or "").split())[:200],
        system=reading.system,
        archived=document.get("is_archived") is True,
        pinned=document.get("is_starred") is True,
        leaf_id=reading.kept.get(current) if isinstance(current, str) else None,
        created_at=created,
        updated_at=_moment(document.get("update_time")) or created,
        messages=reading.messages,
    )


def _read(mapping: Mapping[str, Any]) -> _Reading:
    reading = _Reading()
    nodes = {key: node for key, node in mapping.items() if isinstance(node, dict)}
    roots = [key for key, node in nodes.items() if node.get("parent") not in nodes]
    waiting: list[tuple[str, str | None]] = [(key, None) for key in reversed(roots)]
    while waiting:
        key, above = waiting.pop()
        if key in reading.kept or key not in nodes:
            continue
        reading.kept[key] = _keep(reading, key, nodes[key].get("message"), above)
        children = nodes[key].get("children")
        below = [c for c in children if isinstance(c, str)] if isinstance(children, list) else []
        waiting.extend((child, reading.kept[key]) for child in reversed(below))
    return reading


def _keep(reading: _Reading, key: str, message: Any, above: str | None) -> str | None:
    """Take a node's message, if it is one to see; the message its children hang under."""
    if not isinstance(message, dict):
        return above
    role, metadata = _dict(message.get("author")).get("role"), _dict(message.get("metadata"))
    content = _dict(message.get("content"))
    if content.get("content_type") == "thoughts":
        reading.thoughts[above] = _thoughts(content)
        return above
    text = _text(content).strip()
    if metadata.get("is_visually_hidden_from_conversation") or not text:
        return above
    if role == "system":
        reading.system = reading.system or text
    if role not in ("user", "assistant") or message.get("recipient", "all") != "all":
        return above
    reading.messages.append(
        MessageDraft(
            id=key[:120],
            parent_id=above,
            role=role,
            content=text,
            reasoning=reading.thoughts.pop(above, "") if role == "assistant" else "",
            model=str(metadata.get("model_slug") or "")[:200] if role == "assistant" else "",
            created_at=_moment(message.get("create_time")) or _last_moment(reading),
        )
    )
    return key[:120]


def _text(content: Mapping[str, Any]) -> str:
    kind, parts = content.get("content_type"), content.get("parts")
    if isinstance(parts, list):
        return "\n\n".join(filter(None, map(_part, parts)))
    text = content.get("text") if isinstance(content.get("text"), str) else ""
    if kind == "code" and text:
        return f"```\n{text}\n```"
    return str(text) if kind in ("text", "tether_quote", None) else ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    kind = _dict(part).get("content_type")
    text = _dict(part).get("text")
    if isinstance(text, str):
        return text
    return _NOTES.get(str(kind), _FILE) if kind else ""


def _thoughts(content: Mapping[str, Any]) -> str:
    thoughts = content.get("thoughts")
    said = [_dict(t).get("content") for t in thoughts] if isinstance(thoughts, list) else []
    return "\n\n".join(text for text in said if isinstance(text, str) and text)


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _last_moment(reading: _Reading) -> datetime:
    return reading.messages[-1].created_at if reading.messages else datetime.now(UTC)
