"""Runs as they are seen: one whose process died is interrupted, whatever the database says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zaohua.assistant.teams.keeping import Records
from zaohua.assistant.teams.leases import Leases
from zaohua.assistant.teams.values import Run, TeamMessage
from zaohua.store.database import Database


class KeptRuns:
    """The runs of a database, to look at. Blocking: call it from worker threads.

    Args:
        database: that keeps them.
        folder: of the lock files.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.records = Records(database)
        self.leases = Leases(folder)

    def run(self, owner: str, number: int) -> Run:
        """One run.

        Raises:
            NotFoundError: ``owner`` has none of that number.
        """
        return self._seen(self.records.run(number, owner))

    def show(self, owner: str, number: int) -> tuple[Run, Sequence[TeamMessage]]:
        """A run and all that is kept of it.

        Raises:
            NotFoundError: ``owner`` has none of that number.
        """
        run = self.run(owner, number)
        return run, self.records.messages(number)

    def list(self, owner: str, limit: int = 50) -> Sequence[Run]:
        """The newest runs first."""
        return [self._seen(run) for run in self.records.list(owner, limit=limit)]

    def _seen(self, run: Run) -> Run:
        if run.state != "running" or self.leases.held(run.id):
            return run
        now = self.records.run(run.id)  # it may have ended meanwhile
        if now.state != "running":
            return now
        return replace(now, state="interrupted", reason="its process ended")
