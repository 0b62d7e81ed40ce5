"""Responses kept in the database, each seen only by its owner. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from zaohua.errors import NotFoundError
from zaohua.generate.request import Message
from zaohua.service.openai.responses.translate import from_json, to_json
from zaohua.store.database import Database
from zaohua.store.tables import StoredResponseRow, now

KEPT = timedelta(days=30)


def no_such(response_id: str) -> NotFoundError:
    """The error for an id that is not there, or is another's."""
    return NotFoundError(f"there is no response '{response_id[:100]}'")


def save(database: Database, owner: str, body: dict[str, Any], messages: Sequence[Message]) -> None:
    """Keep a response and the conversation that it ends."""
    row = StoredResponseRow(
        id=body["id"], owner=owner, body=body, messages=[to_json(m) for m in messages]
    )
    with database.session() as session:
        session.add(row)


def load(database: Database, owner: str, response_id: str) -> dict[str, Any]:
    """A kept response.

    Raises:
        NotFoundError: there is none of that id for ``owner``.
    """
    return _row(database, owner, response_id).body


def conversation(database: Database, owner: str, response_id: str) -> list[Message]:
    """The messages up to and with a kept response, without its instructions.

    Raises:
        NotFoundError: there is none of that id for ``owner``.
    """
    return [from_json(m) for m in _row(database, owner, response_id).messages]


def remove(database: Database, owner: str, response_id: str) -> None:
    """Forget a response.

    Raises:
        NotFoundError: there is none of that id for ``owner``.
    """
    _row(database, owner, response_id)
    with database.session() as session:
        session.execute(delete(StoredResponseRow).where(StoredResponseRow.id == response_id))


def prune(database: Database) -> None:
    """Forget what is older than `KEPT`."""
    with database.session() as session:
        session.execute(
            delete(StoredResponseRow).where(StoredResponseRow.created_at < now() - KEPT)
        )


def _row(database: Database, owner: str, response_id: str) -> StoredResponseRow:
    if not response_id.isascii() or not response_id.isprintable() or len(response_id) > 64:
        raise no_such(response_id)
    with database.session() as session:
        row = session.scalar(
            select(StoredResponseRow).where(
                StoredResponseRow.id == response_id, StoredResponseRow.owner == owner
            )
        )
    if row is None:
        raise no_such(response_id)
    return row
