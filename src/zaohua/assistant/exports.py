"""Conversations as files: Markdown to read, JSON to take elsewhere and bring back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from zaohua.assistant.branches import branch_to, newest_leaf
from zaohua.assistant.values import notice_in
from zaohua.store.tables import ConversationRow, MessageRow, now
from zaohua.text.instructions import is_chinese

FORMAT = "zaohua.conversation"
VERSION = 1
CONVERSATION_FIELDS = (
    "title",
    "titled_by",
    "model",
    "system",
    "sampling",
    "overflow",
    "collections",
    "memory",
    "scenario",
    "pinned",
    "archived",
    "leaf_id",
    "created_at",
    "updated_at",
)
MESSAGE_FIELDS = (
    "id",
    "parent_id",
    "role",
    "content",
    "reasoning",
    "status",
    "model",
    "finish_reason",
    "error",
    "usage",
    "timings",
    "cost",
    "context_note",
    "citations",
    "claims",
    "trace",
    "feedback",
    "tokens",
    "created_at",
)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')
_MAX_NAME = 80


def as_json(conversation: ConversationRow, messages: Sequence[MessageRow]) -> bytes:
    """The whole tree, so that importing it gives the same conversation again."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now(),
        "conversation": {
            "id": conversation.origin or conversation.id,
            **{name: getattr(conversation, name) for name in CONVERSATION_FIELDS},
        },
        "messages": [{name: getattr(m, name) for name in MESSAGE_FIELDS} for m in messages],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, default=_moment).encode()


def as_markdown(conversation: ConversationRow, messages: Sequence[MessageRow]) -> bytes:
    """The branch that ends in the conversation's leaf, nice to read."""
    branch = branch_to(messages, conversation.leaf_id or "") or branch_to(
        messages, newest_leaf(messages) or ""
    )
    chinese = is_chinese(conversation.title + "".join(m.content[:200] for m in branch))
    parts = [_head(conversation, branch, chinese=chinese)]
    parts += [_turn(message, chinese=chinese) for message in branch]
    return ("\n\n".join(parts) + "\n").encode()


def file_name(title: str, extension: str) -> str:
    """A file name that every system takes, still readable in its language."""
    plain = " ".join(_UNSAFE.sub(" ", title).split()).strip(". ")
    cut = plain.encode()[:_MAX_NAME].decode("utf-8", "ignore").strip(". ")
    return f"{cut or 'conversation'}.{extension}"


def _head(conversation: ConversationRow, branch: Sequence[MessageRow], *, chinese: bool) -> str:
    title = " ".join(conversation.title.split()) or ("对话" if chinese else "Conversation")
    models = dict.fromkeys(m.model for m in branch if m.model)
    facts = [f"{conversation.created_at:%Y-%m-%d %H:%M} UTC", *models]
    head = f"# {title}\n\n*{' · '.join(facts)}*"
    if conversation.system.strip():
        label = "系统提示" if chinese else "System prompt"
        quoted = "\n".join(f"> {line}".rstrip() for line in conversation.system.splitlines())
        head += f"\n\n> **{label}**\n>\n{quoted}"
    return head


def _turn(message: MessageRow, *, chinese: bool) -> str:
    names = {"user": "我", "assistant": "助手"} if chinese else {"user": "User"}
    name = names.get(message.role, message.role.capitalize())
    note = "" if message.status == "complete" else f" *({_status(message.status, chinese)})*"
    body = message.content.strip("\n") or "…"
    if message.reasoning.strip():
        label = "思考过程" if chinese else "Reasoning"
        thoughts = (
            f"<details><summary>{label}</summary>\n\n{message.reasoning.strip()}\n\n</details>"
        )
        body = f"{thoughts}\n\n{body}"
    notice = notice_in(message.trace)
    return f"## {name}{note}\n\n{body}" + (f"\n\n{notice}" if notice else "")


def _status(status: str, chinese: bool) -> str:
    words = {"stopped": "已停止", "interrupted": "已中断", "failed": "失败"}
    return words.get(status, status) if chinese else status


def _moment(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value)} cannot be exported")
