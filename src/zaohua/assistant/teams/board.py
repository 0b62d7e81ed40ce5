"""The shared board: named entries, each with its versions, from the messages that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zaohua.assistant.teams.form import Language
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import STANDS, TeamMessage
from zaohua.assistant.teams.writing import as_text


class Board:
    """What has been written so far.

    Args:
        messages: in their order.
    """

    def __init__(self, messages: Iterable[TeamMessage] = ()) -> None:
        self._turns: dict[str, TeamMessage] = {}
        self._entries: dict[str, list[TeamMessage]] = {}
        self.messages: list[TeamMessage] = []
        for message in messages:
            self.add(message)

    def add(self, message: TeamMessage) -> None:
        """A message that is kept now."""
        self.messages.append(message)
        if message.state in STANDS:
            self._turns[message.place] = message
            self._entries.setdefault(message.entry, []).append(message)

    @property
    def standing(self) -> list[TeamMessage]:
        """The messages that the run builds on, in their order."""
        return [one for one in self.messages if one.state in STANDS]

    def turn(self, place: str) -> TeamMessage | None:
        """What a turn came to, if it was taken."""
        return self._turns.get(place)

    def latest(self, entry: str) -> TeamMessage | None:
        """The newest version of an entry."""
        versions = self._entries.get(entry)
        return versions[-1] if versions else None

    def before(self, message: TeamMessage) -> TeamMessage | None:
        """The version of the same entry before ``message``, by the same role."""
        older = [
            one
            for one in self._entries.get(message.entry, ())
            if one.seq < message.seq and one.role == message.role
        ]
        return older[-1] if older else None

    def text(self, entry: str) -> str:
        """The newest version of an entry; empty if there is none."""
        found = self.latest(entry)
        return found.content if found else ""

    def verdict(self, role: str) -> TeamMessage | None:
        """The last that a critic said."""
        said = [one for one in self._turns.values() if one.role == role]
        judged = [one for one in said if one.passes is not None]
        return max(judged, key=lambda one: one.seq, default=None)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run as far as it came.

    Attributes:
        text: for people, Markdown if it is of several entries.
        entries: of which it is, with who wrote them.
        objections: what the last word of each critic still found wrong.
    """

    text: str
    entries: tuple[dict[str, object], ...]
    objections: tuple[str, ...]


def result_of(team: Team, messages: Sequence[TeamMessage], language: Language) -> Result:
    """What there is: the entries of the result, else what was written last, whole or not."""
    board = Board(messages)
    chosen = [one for entry in team.spec.result if (one := board.latest(entry))]
    if not chosen:
        written = [one for one in messages if one.place != "0" and one.passes is None]
        whole = [one for one in written if one.state in STANDS]
        chosen = [one for one in (whole or written)[-1:] if one.content]
    texts = [as_text(one) for one in chosen]
    if len(texts) > 1:
        titles = [team.entry_title(one.entry, language) for one in chosen]
        texts = [f"## {title}\n\n{text}" for title, text in zip(titles, texts, strict=True)]
    entries = tuple(
        {"entry": o.entry, "version": o.version, "role": o.role, "by": o.by, "state": o.state}
        for o in chosen
    )
    return Result("\n\n".join(texts), entries, tuple(_objections(board, team)))


def _objections(board: Board, team: Team) -> Iterable[str]:
    for role in team.spec.roles:
        verdict = board.verdict(role)
        if verdict is None or verdict.passes:
            continue
        said = [str(one["said"]) for one in verdict.findings if not one["holds"]]
        yield from (f"{role}: {line}" for line in said or [verdict.content])
