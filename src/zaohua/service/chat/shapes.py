"""What the chat API takes and gives, checked at the edge."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from zaohua.assistant.conversations import Listed
from zaohua.assistant.memory import Remembered
from zaohua.assistant.memory.kinds import NOTE
from zaohua.assistant.sampling import SamplingFields
from zaohua.assistant.values import Conversation, Feedback, Message, Overflow
from zaohua.service.body import Body
from zaohua.text.wholesome import is_storable

MAX_TITLE = 200
MAX_SYSTEM = 100_000
MAX_MODEL = 200
MAX_ID = 32
MAX_COMMENT = 4000
MAX_MEMORY = 500


def _fit(text: str) -> str:
    if not is_storable(text):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    return text


Text = Annotated[str, AfterValidator(_fit)]
Id = Annotated[Text, Field(max_length=MAX_ID)]


class ConversationSettings(Body):
    """Settings of a new conversation; what is left out has its default."""

    title: Text = Field("", max_length=MAX_TITLE)
    model: Text = Field("", max_length=MAX_MODEL, description="Empty: the server's default.")
    system: Text = Field("", max_length=MAX_SYSTEM)
    sampling: SamplingFields = SamplingFields()
    overflow: Overflow = "compact"
    collections: list[Annotated[Text, Field(max_length=64)]] = Field(
        [], max_length=50, description="Documents that answers stand on, and on nothing else."
    )
    memory: bool = Field(
        True, strict=True, description="Whether the assistant learns from it and recalls in it."
    )
    scenario: Text | None = Field(
        None, max_length=64, description="Name of a scenario; null or empty: none."
    )

    def given(self) -> dict[str, Any]:
        """The fields the client sent."""
        given = self.model_dump(exclude_unset=True, exclude_none=True)
        if "scenario" in self.model_fields_set:
            given["scenario"] = self.scenario or None
        return given


class ConversationChanges(ConversationSettings):
    """Changes to a conversation; what is left out stays as it is."""

    pinned: bool = Field(False, strict=True)
    archived: bool = Field(False, strict=True)
    leaf_id: Id = ""

    @model_validator(mode="after")
    def _has_a_leaf(self) -> Self:
        if "leaf_id" in self.model_fields_set and not self.leaf_id:
            raise ValueError("leaf_id must name a message")
        return self


class Question(Body):
    """A user message to be answered."""

    content: Text = Field(min_length=1, description="What the user wrote.")
    parent_id: Id | None = Field(None, description="The message it follows; null: a first one.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.content.strip():
            raise ValueError("content must not be blank")
        return self


class Judgement(Body):
    """Thumbs up or down, and why."""

    rating: Literal["up", "down"]
    reasons: list[Annotated[Text, Field(max_length=200)]] = Field([], max_length=20)
    comment: Text = Field("", max_length=MAX_COMMENT)

    def feedback(self) -> Feedback:
        """As it is stored."""
        return Feedback(rating=self.rating, reasons=self.reasons, comment=self.comment)


@dataclass(frozen=True)
class ListedConversation(Conversation):
    """A conversation of a list; ``snippet`` and ``message_id`` only if it was searched for."""

    snippet: str | None = None
    message_id: str | None = None

    @classmethod
    def from_listed(cls, listed: Listed) -> ListedConversation:
        """The list item of a conversation."""
        hit = asdict(listed.hit) if listed.hit else {}
        return cls(**asdict(listed.conversation), **hit)


class ConversationPage(Body):
    """Part of the list of conversations."""

    items: list[ListedConversation]
    next_cursor: str | None


class ConversationTree(Body):
    """A conversation with all its messages in order of creation."""

    conversation: Conversation
    messages: list[Message]


class Asked(Body):
    """The two messages a question makes."""

    user: Message
    assistant: Message


class Regenerated(Body):
    """The message a regeneration makes."""

    assistant: Message


class Imported(Body):
    """What came of an import: ``failed`` conversations could not be read."""

    imported: int
    skipped: int
    failed: int
    conversation_ids: list[str]


class ModelItem(Body):
    """A model the page can offer."""

    name: str
    title: str
    state: Literal["ready", "loading", "available", "remote"]
    kind: str
    context_length: int
    slots: int = Field(description="Answers at once; 0 as long as it is not loaded.")
    size: int
    licence: str
    languages: list[str]
    default: bool


class ModelList(Body):
    """All models, the default first."""

    items: list[ModelItem]


class NewMemory(Body):
    """Something to remember, word for word."""

    text: Text = Field(min_length=1, max_length=MAX_MEMORY)
    kind: Text = Field(NOTE, max_length=16, description="name, city, job, allergy, like, note ...")


class MemoryChanges(Body):
    """Changes to a memory; what is left out stays as it is."""

    text: Text | None = Field(None, min_length=1, max_length=MAX_MEMORY)
    kind: Text | None = Field(None, max_length=16)

    def given(self) -> dict[str, Any]:
        """The fields the client sent."""
        return self.model_dump(exclude_unset=True)


class MemorySwitch(Body):
    """Whether anything is learned and recalled."""

    on: bool = Field(strict=True)


class MemoryList(Body):
    """What is remembered, and whether it is used."""

    on: bool
    items: list[Remembered]


class MemoryExport(Body):
    """All that is known of an owner, with history."""

    owner: str
    on: bool
    memories: list[Remembered]


class ForgottenMemories(Body):
    """How many memories are gone."""

    forgotten: int
