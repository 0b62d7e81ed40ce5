"""What may stand in ``scenario.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from zaohua.generate.prompts.spec import SamplingSpec
from zaohua.spec import Spec

Grounding = Literal["none", "check", "strict"]
ToolName = Literal["calculator", "units", "date", "search", "rules", "ticket", "weigh"]


class TextForm(Spec):
    """The same in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ListForm(Spec):
    """Texts in both languages, which need not match."""

    zh: list[str] = Field(default_factory=list)
    en: list[str] = Field(default_factory=list)


def _in_both(value: object) -> object:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Texts = Annotated[TextForm, BeforeValidator(_in_both)]
"""``{zh: …, en: …}``; one text counts in both languages."""
TextsOrNone = Annotated[TextForm | None, BeforeValidator(_in_both)]


class ScenarioSpec(Spec):
    """The head of a pack.

    Attributes:
        version: of this form.
        title, about: for people.
        system: what the model is told, by the language of the question.
        greeting: shown in an empty conversation.
        suggestions: questions to begin with.
        notice: put under each answer of the model, by code.
        grounding: ``none`` needs no documents, ``check`` marks what they do not bear, ``strict``
            leaves it out.
        decline: said when the documents do not answer.
        tools: built-in ones.
        graph: whether the graph of the documents is asked, too.
        memory: whether its conversations use what is remembered of the user.
        label: whether answers are labelled as generated.
        sampling: of its conversations, unless they say otherwise.
        templates: shipped prompt templates that belong to it, beside its own.
    """

    version: Literal[1]
    title: Texts
    about: Texts
    system: TextsOrNone = None
    greeting: TextsOrNone = None
    suggestions: ListForm = ListForm()
    notice: TextsOrNone = None
    grounding: Grounding = "check"
    decline: TextsOrNone = None
    tools: list[ToolName] = Field(default_factory=list)
    graph: bool = False
    memory: bool = True
    label: bool = False
    sampling: SamplingSpec = SamplingSpec()
    templates: list[str] = Field(default_factory=list)
