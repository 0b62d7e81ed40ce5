"""Runs and their messages in the database. Blocking: call it from worker threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zaohua.assistant.teams.form import Language
from zaohua.assistant.teams.values import Limits, Run, RunState, Said, Spent, TeamMessage
from zaohua.errors import NotFoundError
from zaohua.store.database import Database
from zaohua.store.tables import TeamMessageRow, TeamRunRow, now
from zaohua.text.wholesome import storable

GIVEN_CHARACTERS: Final = 160
"""Of what a run was given, told with its state."""


class Records:
    """The runs of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        owner: str,
        team: str,
        source: str,
        *,
        language: Language,
        inputs: Sequence[Said],
        limits: Limits,
        model: str = "",
        persons: Sequence[str] = (),
    ) -> Run:
        """A new run with what it is given, in one transaction."""
        with self._database.session() as session:
            row = TeamRunRow(
                owner=owner,
                team=team,
                source=source,
                language=language,
                model=model,
                state="running",
                persons=list(persons),
                limits=asdict(limits),
                spent=asdict(Spent()),
            )
            session.add(row)
            session.flush()
            for said in inputs:
                session.add(_row_of(session, row.id, said))
                session.flush()
            return _run(session, row)

    def keep(self, run: int, said: Said, took: Spent) -> TeamMessage:
        """Write a turn, and count what it ``took`` of the run.

        Raises:
            NotFoundError: the run was removed.
        """
        with self._database.session() as session:
            row = _row(session, run)
            message = _row_of(session, run, said)
            session.add(message)
            row.spent = asdict(Spent(**row.spent) + took)
            row.updated_at = now()
            session.flush()
            return _message(message)

    def change(self, run: int, **changes: Any) -> Run:
        """Set columns of a run.

        Raises:
            NotFoundError: the run was removed.
        """
        with self._database.session() as session:
            row = _row(session, run)
            for name, value in changes.items():
                setattr(row, name, value)
            row.updated_at = now()
            return _run(session, row)

    def run(self, number: int, owner: str | None = None) -> Run:
        """One run; of ``owner``, if one is given.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.reading() as session:
            return _run(session, _row(session, number, owner))

    def messages(self, number: int, after: int = 0) -> Sequence[TeamMessage]:
        """What is kept of a run, in order; those behind number ``after``."""
        asked = (
            select(TeamMessageRow)
            .where(TeamMessageRow.run_id == number, TeamMessageRow.seq > after)
            .order_by(TeamMessageRow.seq)
        )
        with self._database.reading() as session:
            return [_message(row) for row in session.scalars(asked)]

    def list(self, owner: str, *, limit: int = 50) -> Sequence[Run]:
        """The newest runs of an owner first."""
        asked = (
            select(TeamRunRow)
            .where(TeamRunRow.owner == owner)
            .order_by(TeamRunRow.id.desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            return [_run(session, row) for row in session.scalars(asked).all()]

    def remove(self, number: int, owner: str) -> None:
        """Forget a run with all its messages, for good.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.session() as session:
            session.delete(_row(session, number, owner))
        self._database.scrub()


def _row(session: Session, number: int, owner: str | None = None) -> TeamRunRow:
    row = session.get(TeamRunRow, number)
    if row is None or owner not in (None, row.owner):
        raise NotFoundError(
            "there is no such run", where=str(number), mend="'zaohua team list --runs' lists them"
        )
    return row


def _row_of(session: Session, run: int, said: Said) -> TeamMessageRow:
    of_run = TeamMessageRow.run_id == run
    last = session.scalar(select(func.max(TeamMessageRow.seq)).where(of_run)) or 0
    of_entry = select(func.count()).where(of_run, TeamMessageRow.entry == said.entry)
    return TeamMessageRow(
        run_id=run,
        seq=last + 1,
        place=said.place,
        role=said.role,
        by=said.by,
        model=said.model,
        entry=said.entry,
        version=(session.scalar(of_entry) or 0) + 1,
        content=storable(said.content),
        value=said.value,
        passes=said.passes,
        findings=list(said.findings),
        tools=list(said.tools),
        asked=list(said.asked),
        state=said.state,
        note=storable(said.note),
        prompt_tokens=said.spent.prompt_tokens,
        completion_tokens=said.spent.completion_tokens,
        seconds=said.spent.seconds,
    )


def _given(session: Session, run: int) -> str:
    begun = func.substr(TeamMessageRow.content, 1, GIVEN_CHARACTERS)
    asked = select(begun).where(TeamMessageRow.run_id == run, TeamMessageRow.seq == 1)
    return session.scalar(asked) or ""


def _run(session: Session, row: TeamRunRow) -> Run:
    return Run(
        id=row.id,
        owner=row.owner,
        team=row.team,
        source=row.source,
        language=cast(Language, row.language),
        model=row.model,
        state=cast(RunState, row.state),
        reason=row.reason,
        waiting_for=row.waiting_for,
        waiting_place=row.waiting_place,
        persons=tuple(row.persons),
        limits=Limits(**row.limits),
        spent=Spent(**row.spent),
        created_at=row.created_at,
        updated_at=row.updated_at,
        given=_given(session, row.id),
    )


def _message(row: TeamMessageRow) -> TeamMessage:
    return TeamMessage(
        seq=row.seq,
        place=row.place,
        role=row.role,
        by=cast(Any, row.by),
        model=row.model,
        entry=row.entry,
        version=row.version,
        content=row.content,
        value=row.value,
        passes=row.passes,
        findings=tuple(row.findings),
        tools=tuple(row.tools),
        asked=tuple(row.asked),
        state=cast(Any, row.state),
        note=row.note,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        seconds=row.seconds,
        created_at=row.created_at,
    )
