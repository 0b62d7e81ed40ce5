"""Brings conversations of other places in: ChatGPT's data export, and our own JSON."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from zaohua.assistant.chatgpt import chatgpt_draft
from zaohua.assistant.drafts import ConversationDraft, MessageDraft, own_draft
from zaohua.assistant.exports import CONVERSATION_FIELDS, FORMAT, MESSAGE_FIELDS
from zaohua.assistant.ids import new_id
from zaohua.assistant.ledger import first_words
from zaohua.assistant.search import index_new_messages, index_title
from zaohua.errors import UsageError
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow, MessageRow

log = logging.getLogger(__name__)

MAX_UNPACKED = 256 * 2**20
"""Bytes that a zip file may unpack to."""
_MEMBER = re.compile(r"(?:^|/)conversations[^/]*\.json$")
_WANTED = "expected ChatGPT's conversations.json, the zip that holds it, or an export of zaohua"


@dataclass
class Report:
    """What came of an import."""

    imported: int = 0
    skipped: int = 0
    failed: int = 0
    conversation_ids: list[str] = field(default_factory=list)


def import_file(database: Database, owner: str, content: bytes) -> Report:
    """Store all conversations of a file that ``owner`` does not have yet. Blocking.

    Conversations that cannot be read are counted and passed over.

    Raises:
        UsageError: the file as a whole is none of the known kinds, or unpacks to too much.
    """
    report = Report()
    for document in _documents(content):
        try:
            draft = _draft(document)
        except (ValueError, RecursionError) as error:
            log.info("a conversation cannot be imported: %s", type(error).__name__)
            report.failed += 1
            continue
        with database.session() as session:
            conversation_id = _store(session, owner, draft)
        if conversation_id is None:
            report.skipped += 1
        else:
            report.imported += 1
            report.conversation_ids.append(conversation_id)
    if not (report.imported or report.skipped):
        raise UsageError("no conversation could be read from the file", where="file", mend=_WANTED)
    return report


def _documents(content: bytes) -> Iterator[Any]:
    for text in _unzipped(content) if content.startswith(b"PK") else (content,):
        value = _parse(text)
        if isinstance(value, dict) and isinstance(value.get("conversations"), list):
            value = value["conversations"]
        yield from value if isinstance(value, list) else (value,)


def _unzipped(content: bytes) -> Iterator[bytes]:
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = sorted(name for name in archive.namelist() if _MEMBER.search(name))
            if not names:
                raise UsageError("the zip file holds no conversations.json", where="file")
            for name in names:
                with archive.open(name) as member:
                    text = member.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise UsageError(
                        f"the zip file unpacks to more than {MAX_UNPACKED} bytes", where="file"
                    )
                yield text
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise UsageError("the zip file is broken or encrypted", where="file") from None


def _parse(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:  # half surrogates, which Python writes and orjson refuses
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("the file is not valid JSON", where="file", mend=_WANTED) from None


def _draft(document: Any) -> ConversationDraft:
    if not isinstance(document, dict):
        raise ValueError("a conversation is an object")
    draft = own_draft(document) if document.get("format") == FORMAT else chatgpt_draft(document)
    ids = [message.id for message in draft.messages]
    if len(ids) != len(set(ids)):
        raise ValueError("two messages have the same id")
    return draft


def _store(session: Session, owner: str, draft: ConversationDraft) -> str | None:
    """Write a conversation under a new id; None if the owner has it already."""
    known = select(ConversationRow.id).where(
        ConversationRow.owner == owner,
        or_(ConversationRow.origin == draft.origin, ConversationRow.id == draft.origin),
    )
    if session.scalar(known):
        return None
    names = {message.id: new_id() for message in draft.messages}
    row = ConversationRow(id=new_id(), owner=owner, origin=draft.origin)
    values = draft.model_dump(exclude={"messages"})
    for name in CONVERSATION_FIELDS:
        setattr(row, name, values[name])
    row.sampling = draft.sampling.model_dump(exclude_none=True)
    row.leaf_id = names.get(draft.leaf_id or "")
    ordered = _parents_first(draft.messages)
    row.leaf_id = row.leaf_id or (names[ordered[-1].id] if ordered else None)
    row.title = row.title or next((first_words(m.content) for m in ordered if m.content), "")
    session.add(row)
    session.flush()
    index_title(session, row)
    messages = [
        _message_row(row.id, seq, message, names) for seq, message in enumerate(ordered, start=1)
    ]
    session.add_all(messages)
    session.flush()
    index_new_messages(session, messages)
    return row.id


def _message_row(
    conversation_id: str, seq: int, draft: MessageDraft, names: dict[str, str]
) -> MessageRow:
    row = MessageRow(conversation_id=conversation_id, seq=seq)
    values = draft.model_dump()
    for name in MESSAGE_FIELDS:
        setattr(row, name, values[name])
    row.id = names[draft.id]
    row.parent_id = names.get(draft.parent_id or "")
    row.status = "interrupted" if draft.status == "running" else draft.status
    return row


def _parents_first(messages: list[MessageDraft]) -> list[MessageDraft]:
    """In the order of the file, but no message before the one it follows; loops are cut."""
    by_id = {message.id: message for message in messages}
    placed: dict[str, MessageDraft] = {}
    for message in messages:
        chain: list[MessageDraft] = []
        current: MessageDraft | None = message
        while current is not None and current.id not in placed and current not in chain:
            chain.append(current)
            current = by_id.get(current.parent_id or "")
        for link in reversed(chain):
            placed[link.id] = link
    return list(placed.values())
