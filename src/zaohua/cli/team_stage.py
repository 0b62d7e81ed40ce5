"""Shows a team at work: each role's text as it comes, on stderr; the result is for stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zaohua.cli.terminal import bold, dim, harmless

if TYPE_CHECKING:
    from zaohua.assistant.teams import Run, Team, TeamMessage
    from zaohua.assistant.teams.board import Result
    from zaohua.assistant.teams.live import Delta, TeamEvent


class Stage:
    """Writes what roles say to stderr if it is a terminal; one line a turn if it is not.

    Of roles that speak at the same time one is shown as it comes, the others when it is done.
    """

    def __init__(self, team: Team) -> None:
        self._team = team
        self._tty = sys.stderr.isatty()
        self._speaking = ""
        self._held: dict[str, list[str]] = {}

    def show(self, event: TeamEvent, run: Run) -> None:
        """One thing that happened."""
        from zaohua.assistant.teams.live import Delta
        from zaohua.assistant.teams.values import TeamMessage

        if isinstance(event, Delta) and self._tty:
            self._delta(event, run)
        elif isinstance(event, TeamMessage) and event.place != "0":
            self._message(event, run)

    def _delta(self, delta: Delta, run: Run) -> None:
        if not self._speaking:
            self._speaking = delta.place
            self._head(delta.role, run)
            self._write(harmless("".join(self._held.pop(delta.place, []))))
        if delta.place == self._speaking:
            self._write(harmless(delta.text))
        else:
            self._held.setdefault(delta.place, []).append(delta.text)

    def _message(self, message: TeamMessage, run: Run) -> None:
        if not self._tty:
            self._write(f"{self._line(message, run)}\n")
            return
        self._held.pop(message.place, None)
        if self._speaking:
            self._write("\n")
        if message.place != self._speaking:
            self._head(message.role, run)
            self._write(f"{harmless(message.content)}\n")
        self._speaking = ""
        self._write(f"{dim(self._line(message, run), sys.stderr)}\n")

    def _head(self, role: str, run: Run) -> None:
        title = self._team.role_title(role, run.language)
        self._write(f"\n{bold(harmless(title), sys.stderr)}\n")

    def _line(self, message: TeamMessage, run: Run) -> str:
        """``writer wrote draft 2 · 312 tokens · 4.1 s · passes``."""
        verdict = {True: "passes", False: "does not pass", None: ""}[message.passes]
        tokens = message.prompt_tokens + message.completion_tokens
        parts = (
            f"{message.role} wrote {message.entry} {message.version}",
            f"{tokens} tokens" if tokens else "",
            f"{message.seconds:.1f} s",
            verdict,
            "" if message.state == "complete" else message.state,
            message.note,
        )
        return harmless(" · ".join(filter(None, parts)))

    @staticmethod
    def _write(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)


def ended(run: Run) -> str:
    """How a run ended and what it took, on one line."""
    spent = run.spent
    reason = f" ({run.reason})" if run.reason else ""
    cost = f", {spent.cost:g} paid" if spent.cost else ""
    took = f"{spent.turns} turns, {spent.tokens:,} tokens, {spent.seconds:.0f} s{cost}"
    return f"run {run.id} is {run.state}{reason}: {took}"


def objections(result: Result) -> Iterator[str]:
    """What critics still find wrong, a line each."""
    for one in result.objections:
        yield f"not passed: {' '.join(one.split())}"


def how_to_go_on(run: Run) -> str:
    """The command that takes the run up; empty if it is complete."""
    if run.state == "complete":
        return ""
    if run.state == "waiting":
        return f"zaohua team resume {run.id} --say '...'"
    more = {"limits.turns": " --turns 40", "limits.tokens": " --tokens 60000"}
    limit = run.reason.partition(" ")[0].rstrip(":")
    return f"zaohua team resume {run.id}{more.get(limit, '')}"
