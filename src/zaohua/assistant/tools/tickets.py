"""Tickets: what a person is to take over. Blocking (database): call it from worker threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.values import BoundTool, ToolOutput
from zaohua.errors import NotFoundError, UsageError
from zaohua.store.database import Database
from zaohua.store.tables import TicketRow, now

State = Literal["open", "closed"]
LONGEST = 4000
"""Characters kept of a summary or a reason."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something handed over to a person.

    Attributes:
        summary: what it is about.
        reason: why it was handed over.
        owner: whose conversation it came from.
        conversation: its id; empty if there is none.
        note: what was written when it was closed.
    """

    id: int
    summary: str
    reason: str
    state: State
    owner: str
    conversation: str
    note: str
    created_at: datetime
    closed_at: datetime | None


class Tickets:
    """The tickets of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self, summary: str, reason: str = "", *, owner: str = LOCAL_OWNER, conversation: str = ""
    ) -> Ticket:
        """Hand something over.

        Raises:
            UsageError: the summary is empty.
        """
        if not summary.strip():
            raise UsageError("a ticket needs a summary")
        with self._database.session() as session:
            row = TicketRow(
                summary=summary.strip()[:LONGEST],
                reason=reason.strip()[:LONGEST],
                owner=owner,
                conversation=conversation,
            )
            session.add(row)
            session.flush()
            return _ticket(row)

    def list(self, state: State | None = "open", *, limit: int = 100) -> Sequence[Ticket]:
        """The newest tickets first; of one state, or all with ``None``."""
        asked = select(TicketRow).order_by(TicketRow.id.desc()).limit(limit)
        if state is not None:
            asked = asked.where(TicketRow.closed_at.is_(None) == (state == "open"))
        with self._database.reading() as session:
            return [_ticket(row) for row in session.scalars(asked)]

    def show(self, number: int) -> Ticket:
        """One ticket.

        Raises:
            NotFoundError: there is none of that number.
        """
        with self._database.reading() as session:
            return _ticket(_row(session, number))

    def close(self, number: int, note: str = "") -> Ticket:
        """Mark a ticket as done; one that is closed stays as it is.

        Raises:
            NotFoundError: there is none of that number.
        """
        with self._database.session() as session:
            row = _row(session, number)
            if row.closed_at is None:
                row.closed_at, row.note = now(), note.strip()[:LONGEST]
            return _ticket(row)


def ticket_tool(tickets: Tickets, *, owner: str = LOCAL_OWNER, conversation: str = "") -> BoundTool:
    """``open_ticket``, for one conversation."""

    def open_ticket(summary: str, reason: str) -> ToolOutput:
        """Hand the matter over to a person.

        Args:
            summary: what the user wants, with all a person needs to know.
            reason: why a person must take over.
        """
        made = tickets.open(summary, reason, owner=owner, conversation=conversation)
        return ToolOutput(
            f"Ticket {made.id} is open. A person will take over.",
            {"ticket": made.id, "summary": made.summary, "reason": made.reason},
        )

    return tool_of(open_ticket)


def _row(session: Session, number: int) -> TicketRow:
    row = session.get(TicketRow, number)
    if row is None:
        raise NotFoundError(
            "there is no such ticket",
            where=str(number),
            mend="'zaohua tickets list --all' lists them",
        )
    return row


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        id=row.id,
        summary=row.summary,
        reason=row.reason,
        state="open" if row.closed_at is None else "closed",
        owner=row.owner,
        conversation=row.conversation,
        note=row.note,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
