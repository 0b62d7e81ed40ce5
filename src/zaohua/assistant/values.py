"""What a conversation and a message look like from outside, as docs/chat-api.md says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NotRequired, cast

from typing_extensions import TypedDict

from zaohua.store.tables import ConversationRow, MessageRow

Status = Literal["running", "complete", "stopped", "interrupted", "failed"]
Overflow = Literal["refuse", "compact"]


class SamplingChoice(TypedDict, total=False):
    """How a conversation's answers are drawn; what is left out is the model's own choice."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float
    max_tokens: int
    seed: int
    stop: list[str]
    logprobs: bool


class TokenUsage(TypedDict):
    """Tokens read, written, and of those read the ones found in the cache."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int


class AnswerTimings(TypedDict):
    """Milliseconds from request to first text and to the end; decoding speed (0: unknown)."""

    first_token_ms: float
    total_ms: float
    tokens_per_second: float


class Cost(TypedDict):
    """Money; 0 for local models."""

    amount: float
    currency: str


class ContextNote(TypedDict):
    """How many messages before the answer were left out of, and kept in, its prompt."""

    left_out: int
    kept: int


class Feedback(TypedDict):
    """What a person thought of an answer."""

    rating: Literal["up", "down"]
    reasons: list[str]
    comment: str


CitedKind = Literal["passage", "relation", "record", "rule", "tool"]


class Citation(TypedDict):
    """What an answer was given to stand on: a passage, and where it stands, or something else.

    ``kind`` is missing where an older answer has passages. ``start`` and ``end`` are characters of
    the document's text; what is no passage has no ``document``. ``cited`` says whether a sentence
    of the answer stands on it.
    """

    kind: NotRequired[CitedKind]
    number: int
    passage_id: int | None
    document: int | None
    collection: str
    source: str
    title: str
    headings: list[str]
    page: int | None
    row: int | None
    start: int
    end: int
    text: str
    cited: bool


class ClaimNote(TypedDict):
    """A sentence of an answer, characters ``start`` to ``end``, held against its citations.

    ``numbers`` are those that bear it; ``missing`` is what stands in none of them.
    """

    start: int
    end: int
    numbers: list[int]
    verdict: Literal["supported", "unsupported", "uncited"]
    missing: list[str]


class TraceLine(TypedDict):
    """What one step of a turn did; ``tokens`` are those it added to the prompt or the answer."""

    step: str
    said: str
    milliseconds: float
    tokens: int
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat and its settings. ``leaf_id`` ends the branch last looked at.

    Answers stand on documents of ``collections``, if there are any, and on nothing else.
    With ``memory`` off nothing is learned from it, and nothing recalled in it.
    ``scenario`` names the pack that says what its answers are made of.
    """

    id: str
    title: str
    model: str
    system: str
    sampling: SamplingChoice
    overflow: Overflow
    collections: list[str]
    memory: bool
    scenario: str | None
    pinned: bool
    archived: bool
    created_at: datetime
    updated_at: datetime
    leaf_id: str | None
    message_count: int

    @classmethod
    def of(cls, row: ConversationRow, message_count: int) -> Conversation:
        """The value of a row."""
        return cls(
            id=row.id,
            title=row.title,
            model=row.model,
            system=row.system,
            sampling=cast(SamplingChoice, row.sampling),
            overflow=cast(Overflow, row.overflow),
            collections=row.collections,
            memory=row.memory,
            scenario=row.scenario,
            pinned=row.pinned,
            archived=row.archived,
            created_at=row.created_at,
            updated_at=row.updated_at,
            leaf_id=row.leaf_id,
            message_count=message_count,
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. ``seq`` orders them by creation.

    ``notice`` is to be shown under it: that it was generated, what it does not stand for.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    reasoning: str
    status: Status
    model: str
    finish_reason: str | None
    error: str | None
    usage: TokenUsage | None
    timings: AnswerTimings | None
    cost: Cost | None
    context_note: ContextNote | None
    citations: list[Citation] | None
    claims: list[ClaimNote] | None
    trace: list[TraceLine] | None
    feedback: Feedback | None
    has_tokens: bool
    seq: int
    created_at: datetime
    notice: str | None = None

    @classmethod
    def of(
        cls, row: MessageRow, *, has_tokens: bool = False, more: tuple[str, str] = ("", "")
    ) -> Message:
        """The value of a row; ``more`` is reasoning and content not yet folded into it."""
        return cls(
            id=row.id,
            conversation_id=row.conversation_id,
            parent_id=row.parent_id,
            role=cast(Any, row.role),
            content=row.content + more[1],
            reasoning=row.reasoning + more[0],
            status=cast(Status, row.status),
            model=row.model,
            finish_reason=row.finish_reason,
            error=row.error,
            usage=cast(TokenUsage | None, row.usage),
            timings=cast(AnswerTimings | None, row.timings),
            cost=cast(Cost | None, row.cost),
            context_note=cast(ContextNote | None, row.context_note),
            citations=row.citations,
            claims=row.claims,
            trace=row.trace,
            notice=notice_in(row.trace),
            feedback=cast(Feedback | None, row.feedback),
            has_tokens=has_tokens,
            seq=row.seq,
            created_at=row.created_at,
        )


def notice_in(trace: Iterable[TraceLine] | None) -> str | None:
    """What the label step of a turn wants shown under its answer."""
    labels = (line["details"] for line in trace or () if line["step"] == "label")
    return next((str(details["notice"]) for details in labels if details.get("notice")), None)
