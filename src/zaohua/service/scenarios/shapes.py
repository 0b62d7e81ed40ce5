"""What `/api/scenarios` gives."""

from __future__ import annotations

from pydantic import BaseModel, Field

from zaohua.assistant.scenarios.form import Grounding


class BothTexts(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class BothLists(BaseModel):
    """Texts in both languages."""

    zh: list[str]
    en: list[str]


class ScenarioItem(BaseModel):
    """A scenario of the list."""

    name: str
    title: BothTexts
    about: BothTexts
    greeting: BothTexts = Field(description="For an empty conversation; may be empty.")
    suggestions: BothLists = Field(description="Questions to begin with.")
    notice: BothTexts | None = Field(description="Put under each answer of the model.")
    grounding: Grounding
    templates: list[str] = Field(description="Names of prompts that belong to it.")
    yours: bool = Field(description="Whether it is the user's.")


class ScenarioList(BaseModel):
    """The scenarios there are, by name."""

    data: list[ScenarioItem]


class ScenarioDetails(ScenarioItem):
    """A scenario with what it holds."""

    card: BothTexts = Field(description="Markdown: what it is for, how it was measured.")
    documents: int
    cases: int
