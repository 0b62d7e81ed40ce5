"""A team as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zaohua.assistant.teams.form import Language, RoleSpec, TeamSpec, said


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the text of its file; ``own`` if it is the user's."""

    name: str
    spec: TeamSpec
    source: str
    path: Path | None = None
    own: bool = True

    def title(self, language: Language) -> str:
        """For people."""
        return said(self.spec.title, language) or self.name

    def role_title(self, role: str, language: Language) -> str:
        """Of a role, for people and for the model."""
        return said(self.spec.roles[role].title, language) or role

    def entry_title(self, entry: str, language: Language) -> str:
        """Of an entry of the board; a critic's own is called as the critic is."""
        if entry in self.spec.board:
            return said(self.spec.board[entry], language)
        return self.role_title(entry, language) if entry in self.spec.roles else entry

    def writes(self, role: str) -> str:
        """The entry that a role writes."""
        return entry_of(role, self.spec.roles[role])


def entry_of(name: str, role: RoleSpec) -> str:
    """The entry that role ``name`` writes."""
    return role.writes or name
