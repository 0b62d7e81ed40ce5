"""A conversation read from a file, checked, before it is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from zaohua.assistant.sampling import SamplingFields
from zaohua.assistant.values import (
    AnswerTimings,
    Citation,
    ClaimNote,
    ContextNote,
    Cost,
    Feedback,
    Overflow,
    Status,
    TokenUsage,
    TraceLine,
)
from zaohua.store.tables import now
from zaohua.text.wholesome import storable


def _aware(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _text(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    """The same with every text in it storable."""
    if isinstance(value, dict):
        return {_text(key): _texts(part) for key, part in value.items()}
    return [_texts(part) for part in value] if isinstance(value, list) else _text(value)


Moment = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, BeforeValidator(_text)]
Key = Annotated[Text, Field(min_length=1, max_length=120)]
Short = Annotated[Text, Field(max_length=200)]


class MessageDraft(BaseModel):
    """A message of an imported conversation; ``id`` and ``parent_id`` count within its file."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    id: Key
    parent_id: Key | None = None
    role: Literal["user", "assistant"]
    content: Text = ""
    reasoning: Text = ""
    status: Status = "complete"
    model: Short = ""
    finish_reason: Annotated[Text, Field(max_length=32)] | None = None
    error: Text | None = None
    usage: TokenUsage | None = None
    timings: AnswerTimings | None = None
    cost: Cost | None = None
    context_note: ContextNote | None = None
    citations: Annotated[list[Citation] | None, BeforeValidator(_texts)] = None
    claims: Annotated[list[ClaimNote] | None, BeforeValidator(_texts)] = None
    trace: Annotated[list[TraceLine] | None, BeforeValidator(_texts)] = None
    feedback: Feedback | None = None
    tokens: list[tuple[Text, float, list[tuple[Text, float]]]] | None = None
    created_at: Moment = Field(default_factory=now)


class ConversationDraft(BaseModel):
    """An imported conversation. ``origin`` names it where it came from."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    origin: Key
    title: Annotated[Text, Field(max_length=500)] = ""
    titled_by: Literal["", "model", "user"] = "user"
    model: Short = ""
    system: Text = ""
    sampling: SamplingFields = SamplingFields()
    overflow: Overflow = "compact"
    collections: list[Annotated[Text, Field(max_length=64)]] = Field(
        default_factory=list, max_length=50
    )
    memory: bool = True
    scenario: Annotated[Text, Field(max_length=64)] | None = None
    pinned: bool = False
    archived: bool = False
    leaf_id: Key | None = None
    created_at: Moment = Field(default_factory=now)
    updated_at: Moment = Field(default_factory=now)
    messages: list[MessageDraft] = Field(default_factory=list)


def own_draft(document: Any) -> ConversationDraft:
    """The conversation of one of our own JSON exports.

    Raises:
        ValueError: it is not one (pydantic's `ValidationError` is one of these).
    """
    head, messages = document.get("conversation"), document.get("messages")
    if not isinstance(head, dict) or not isinstance(messages, list):
        raise ValueError("an export has a conversation and messages")
    if document.get("version", 1) != 1:
        raise ValueError("a newer zaohua made this export")
    return ConversationDraft.model_validate(
        {**head, "origin": head.get("id"), "messages": messages}
    )
