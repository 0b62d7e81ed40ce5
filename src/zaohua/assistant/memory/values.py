"""What goes in and out of the memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What a user said of themselves, before it is kept.

    Attributes:
        kind: of `kinds.KINDS`.
        value: words of the user.
        language: ``zh`` or ``en``.
        text: as it is to be remembered; empty: made from kind and value.
        explicit: the user asked to remember it.
        ended: it is said to be so no longer.
    """

    kind: str
    value: str
    language: str
    text: str = ""
    explicit: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """A fact that is kept of an owner.

    Attributes:
        id: it.
        text: what is remembered.
        kind: of `kinds.KINDS`.
        value: the words that tell it: ``Chengdu`` of ``Lives in: Chengdu``.
        language: ``zh`` or ``en``.
        explicit: the user asked for it; it does not fade.
        standing: it goes with every question, whatever that asks.
        source_message_id: the message it was said in; None if that is deleted or there was none.
        conversation_id: that of the message.
        created_at: when it was learned.
        used_at: when it last went with a question.
        uses: on how many days it did.
        weight: 1 to 0, what has faded of it by now (see `decay.weight`).
        recalled: whether it can go with a question: it has not ended and not faded.
        ended_at: when another took its place or it was said to be so no longer.
        superseded_by: id of the other.
    """

    id: str
    text: str
    kind: str
    value: str
    language: str
    explicit: bool
    standing: bool
    source_message_id: str | None
    conversation_id: str | None
    created_at: datetime
    used_at: datetime | None
    uses: int
    weight: float
    recalled: bool
    ended_at: datetime | None
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of a message.

    Attributes:
        facts: new.
        ended: facts that hold no longer, as they were.
        forgotten: facts deleted because the user said so.
        would_forget: all there is, if the user asked to forget all: the caller must ask again.
        refused: why something was not kept, a clause each.
    """

    facts: tuple[Remembered, ...] = ()
    ended: tuple[Remembered, ...] = ()
    forgotten: tuple[Remembered, ...] = ()
    would_forget: tuple[Remembered, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """A line for the trace."""
        kinds = ", ".join(fact.kind for fact in self.facts)
        parts = [f"learned {len(self.facts)} ({kinds})" if self.facts else ""]
        parts += [f"ended {len(self.ended)}" if self.ended else ""]
        parts += [f"forgot {len(self.forgotten)}" if self.forgotten else ""]
        parts += [f"asks to forget all {len(self.would_forget)}" if self.would_forget else ""]
        return "; ".join(filter(None, [*parts, *self.refused])) or "nothing to learn"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer given from the table, not by the model.

    Attributes:
        text: it, in the language of the question.
        learned: what was done.
    """

    text: str
    learned: Learned = Learned()
