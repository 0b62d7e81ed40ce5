"""What the turns of a conversation are made of beside its model, and who says so.

What belongs to other rooms of the assistant (dialogues led by code) is named here by what a turn
needs of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from zaohua.assistant.tools import Toolbox
from zaohua.assistant.turn.understanding import Language
from zaohua.assistant.values import Conversation, Message
from zaohua.knowledge.rules import RuleBook
from zaohua.safety import Guard, load_policy
from zaohua.settings import Settings

Grounding = Literal["none", "check", "strict"]
"""``none``: no documents are needed. ``check``: sentences are held against the sources and marked.
``strict``: only what the sources bear is shown."""


class Record(Protocol):
    """Something that was looked up: a line of a table."""

    @property
    def source(self) -> str:
        """Name of the file it is from."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def text(self) -> str:
        """What it says."""


class Handover(Protocol):
    """What a person is to take over."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def summary(self) -> str:
        """What it is about."""


class FlowStep(Protocol):
    """What a dialogue led by code comes to at one question."""

    @property
    def flow(self) -> str:
        """Name of the dialogue."""

    @property
    def reply(self) -> str | None:
        """The answer, said as it is; None if the model is to answer from the records."""

    @property
    def records(self) -> Sequence[Record]:
        """What was looked up."""

    @property
    def facts(self) -> Mapping[str, str]:
        """What is known by now, by the names that rules use."""

    @property
    def handover(self) -> Handover | None:
        """What is given to a person."""

    @property
    def said(self) -> str:
        """One clause for the trace."""


class Flows(Protocol):
    """Dialogues led by code."""

    def step(self, branch: Sequence[Message], language: Language, today: date) -> FlowStep | None:
        """What comes of the last message of ``branch``; None if no dialogue is about it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the turns of a conversation are made of beside its model.

    What is None or empty is left out.

    Attributes:
        scenario: name of the pack it is from.
        system: what the model is told before the conversation's own system prompt.
        collections: documents beside the conversation's own.
        guard: judges what comes in, what is read beside it, what goes out.
        rules: worked out exactly, in code.
        flows: dialogues led by code.
        toolbox: what may be called.
        graph: whether relations between things are looked up.
        grounding: how answers are held against their sources.
        decline: what is said when the documents do not answer.
        notice: put under each answer of the model.
        label: whether answers are marked as generated.
    """

    scenario: str | None = None
    system: Mapping[Language, str] = field(default_factory=dict)
    collections: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    guard: Guard | None = None
    rules: RuleBook | None = None
    flows: Flows | None = None
    toolbox: Toolbox | None = None
    graph: bool = False
    grounding: Grounding = "check"
    decline: Mapping[Language, str] = field(default_factory=dict)
    notice: Mapping[Language, str] = field(default_factory=dict)
    label: bool = False


class Plans(Protocol):
    """Says how the turns of a conversation go."""

    def of(self, conversation: Conversation) -> Plan:
        """The plan of ``conversation``; may read files.

        Raises:
            NotFoundError: its scenario is gone.
        """


class PlainPlans:
    """The same for all conversations: the guard and the label, nothing else."""

    def __init__(self, guard: Guard | None = None, *, label: bool = False) -> None:
        self._plan = Plan(guard=guard, label=label)

    def of(self, conversation: Conversation) -> Plan:
        """The plain plan."""
        return self._plan


def plain_plans(settings: Settings) -> PlainPlans:
    """Guard and label as ``settings`` say.

    Raises:
        UsageError: the policy in the home folder is wrong.
    """
    guard = Guard(load_policy(settings.home)) if settings.guard else None
    return PlainPlans(guard, label=settings.label)
