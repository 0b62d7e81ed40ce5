"""What `/api/teams` takes and gives, checked at the edge."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from zaohua.assistant.teams import TeamMessage
from zaohua.assistant.teams.reading import MOST_BYTES
from zaohua.assistant.teams.values import RunState
from zaohua.service.body import Body
from zaohua.service.chat.shapes import Text

MOST_TEXT = 200_000
MOST_INPUTS = 50

Texts = dict[str, str]
"""By language."""


class TeamInput(BaseModel):
    """What a team is given."""

    name: str
    about: Texts
    required: bool


class TeamRole(BaseModel):
    """One role of a team."""

    name: str
    title: Texts
    does: Texts
    by: Literal["model", "person", "code"] = Field(description="Who takes it, if nobody else does.")
    reads: list[str]
    judges: str
    against: list[str]
    covers: list[str]
    writes: str
    tools: list[str]
    model: str


class TeamItem(BaseModel):
    """A team, or, with ``problem``, a file of the user's that is none."""

    name: str
    own: bool
    title: Texts = {}
    about: Texts = {}
    inputs: list[TeamInput] = []
    roles: list[TeamRole] = []
    problem: str = ""


class TeamList(BaseModel):
    """The teams there are."""

    items: list[TeamItem]


class Team(TeamItem):
    """A team, whole."""

    board: dict[str, Texts]
    steps: list[dict[str, Any]]
    limits: dict[str, float | None]
    result: list[str]


class TeamSource(BaseModel):
    """The file of a team, also of one that is none."""

    name: str
    own: bool
    source: str


class TeamText(Body):
    """The text of a team's file."""

    source: Text = Field(max_length=MOST_BYTES)


class NewTeam(TeamText):
    """A team to be kept under a name that no team has."""

    name: Text = Field(max_length=64)


class ChangedTeam(TeamText):
    """What a file is to hold from now on."""

    before: str | None = Field(
        None, max_length=MOST_BYTES, description="What it held when it was read; 409 if no longer."
    )


class TeamFault(BaseModel):
    """What is wrong in a line of a team's file."""

    line: int
    what: str


class CheckedTeam(BaseModel):
    """The team that a text is, or all that is wrong with it."""

    team: Team | None
    faults: list[TeamFault]


class TeamLimits(Body):
    """Limits that count instead of the team's."""

    turns: int | None = Field(None, ge=1, le=1000)
    tokens: int | None = Field(None, ge=100, le=10_000_000)
    seconds: float | None = Field(None, gt=0, le=86_400)
    cost: float | None = Field(None, ge=0)


class NewRun(Body):
    """What a team is to work on."""

    inputs: dict[str, Annotated[Text, Field(max_length=MOST_TEXT)]] = Field(max_length=MOST_INPUTS)
    language: str = Field("", max_length=8, description="Empty: that of the inputs.")
    model: Text = Field("", max_length=200, description="Empty: the server's default.")
    persons: list[Annotated[str, Field(max_length=64)]] = Field(
        [], max_length=50, description="Roles that persons take."
    )
    limits: TeamLimits = TeamLimits()


class Resumption(Body):
    """How a run is to go on."""

    limits: TeamLimits = TeamLimits()


class Spoken(Body):
    """What a person says for a role; for one that judges, empty or ``ok`` lets pass."""

    role: Text = Field(max_length=64)
    content: Text = Field(max_length=MOST_TEXT)


class Taking(Body):
    """Whether a person takes a role."""

    person: bool = Field(strict=True)


class RunSpent(BaseModel):
    """What a run has used."""

    turns: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    seconds: float
    cost: float


class RunItem(BaseModel):
    """The state of a run."""

    id: int
    team: str
    language: str
    model: str
    state: RunState
    reason: str
    waiting_for: str = Field(description="The role that a person is to speak for.")
    persons: list[str]
    limits: dict[str, float | None]
    spent: RunSpent
    given: str = Field(description="How what it was given begins.")
    created_at: datetime
    updated_at: datetime


class RunList(BaseModel):
    """Runs, the newest first."""

    items: list[RunItem]


class RunResult(BaseModel):
    """The outcome as far as it came, who wrote it, and what critics still find wrong."""

    text: str
    entries: list[dict[str, Any]]
    objections: list[str]


class WholeRun(RunItem):
    """A run with its result and every message."""

    design: Team = Field(description="Its team as it was when the run began.")
    result: RunResult
    messages: list[TeamMessage]
