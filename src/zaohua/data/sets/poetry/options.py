"""What can be chosen about the poetry set."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zaohua.data.sets.poetry.corpus import Script
from zaohua.data.sets.poetry.forms import FORMS, KINDS, Kind
from zaohua.errors import UsageError
from zaohua.spec import Spec

Dynasty = Literal["唐", "五代", "宋", "元", "清"]
Task = Literal["title", "form", "continue", "style", "acrostic", "theme", "rhyme"]


class PoetryOptions(Spec):
    """Options of the set ``poetry``: which poems, and in what form."""

    form: Literal["text", "chat"] = Field(
        default="text", description="text: a document a poem; chat: an instruction and its poem."
    )
    script: Script = "simplified"
    dynasty: list[Dynasty] = Field(default_factory=list, description="Only these; empty: all.")
    kinds: list[Kind] = Field(
        default_factory=list,
        description="Only these forms; empty: all (text), regular ones (chat).",
    )
    rhymed: bool | None = Field(
        default=None,
        description="Regular forms only if even lines rhyme (平水韵); unset: chat yes, text no.",
    )
    rhyme_named: float = Field(
        default=0.0, ge=0, le=1, description="Share of regular texts whose head names the rhyme."
    )
    sample: float = Field(default=1.0, gt=0, le=1, description="Share of poems, chosen by hash.")
    english: float = Field(default=0.05, ge=0, le=1, description="Share asked in English (chat).")
    follow_up: float = Field(
        default=0.0, ge=0, le=1, description="Share asked later in a conversation (chat)."
    )
    system: float = Field(
        default=0.5, ge=0, le=1, description="Share with the system prompt of the chat."
    )
    tasks: dict[Task, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Weights of the tasks of chat; those not named keep their own.",
    )

    def chosen_kinds(self) -> frozenset[Kind]:
        """The forms to give.

        Raises:
            UsageError: chat was asked for forms that have no instructions.
        """
        kinds = frozenset(self.kinds or (FORMS if self.form == "chat" else KINDS))
        if self.form == "chat" and not kinds <= FORMS.keys():
            raise UsageError(
                f"there are no instructions for {'、'.join(sorted(kinds - FORMS.keys()))}",
                where="poetry, kinds",
                mend=f"use {'、'.join(FORMS)} with form: chat",
            )
        return kinds

    def only_rhymed(self) -> bool:
        """Whether regular poems must rhyme."""
        return self.form == "chat" if self.rhymed is None else self.rhymed
