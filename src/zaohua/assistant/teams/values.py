"""What is kept of a run: its state, what it spent, every message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from zaohua.assistant.teams.form import Language

RunState = Literal[
    "running", "waiting", "complete", "limited", "stopped", "interrupted", "failed"
]  # fmt: skip
MessageState = Literal["complete", "broken", "cut", "stopped", "failed"]
By = Literal["model", "person", "code"]

GOES_ON: tuple[RunState, ...] = ("running", "waiting")
"""Of runs that have not ended."""
STANDS: tuple[MessageState, ...] = ("complete", "broken")
"""Of messages that a run that is taken up again builds on."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used. ``turns`` are those of models; waiting for a person is no time."""

    turns: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.turns + other.turns,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a run; see `LimitsSpec`."""

    turns: int
    tokens: int
    seconds: float
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one turn came to, before it is kept.

    Attributes:
        place: which turn of the order it is: ``2.1.3`` is the third step of the first round of
            step 2. Inputs are at ``0``.
        role: whose turn it was; ``you`` gave the inputs.
        by: who took it.
        model: that was asked.
        entry: what was written.
        content: as text.
        value: of JSON.
        passes: a critic's verdict.
        findings: what a critic found, in code and by asking: ``{"check", "holds", "said"}``.
        tools: calls and their results.
        asked: what the model was sent.
        state: ``broken`` is not of the form that was asked for and stands as it is; ``cut`` was
            ended by a limit, ``stopped`` by a person, ``failed`` by an error: what is there is kept
            and the turn is taken again when the run is taken up.
        note: why, or what is worth knowing of it.
    """

    place: str
    role: str
    by: By
    entry: str
    content: str
    model: str = ""
    value: Any = None
    passes: bool | None = None
    findings: tuple[dict[str, Any], ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    asked: tuple[dict[str, str], ...] = ()
    state: MessageState = "complete"
    note: str = ""
    spent: Spent = Spent()


@dataclass(frozen=True, slots=True)
class TeamMessage:
    """A turn that is kept: ``version`` counts those of its entry, from 1. See `Said`."""

    seq: int
    place: str
    role: str
    by: By
    model: str
    entry: str
    version: int
    content: str
    value: Any
    passes: bool | None
    findings: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...]
    asked: tuple[dict[str, str], ...]
    state: MessageState
    note: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of work of a team.

    Attributes:
        id: never given again.
        source: the team's file as it was when the run began.
        model: of roles that name none; empty: the default one.
        state: ``limited``: a limit ended it; ``interrupted``: its process did.
        reason: why it ended, or what it waits for.
        waiting_for: the role that a person is to speak for, at ``waiting_place`` of the order.
        persons: roles that persons took.
        given: how what it was given begins.
    """

    id: int
    owner: str
    team: str
    source: str
    language: Language
    model: str
    state: RunState
    reason: str
    waiting_for: str
    waiting_place: str
    persons: tuple[str, ...]
    limits: Limits
    spent: Spent
    created_at: datetime
    updated_at: datetime
    given: str
