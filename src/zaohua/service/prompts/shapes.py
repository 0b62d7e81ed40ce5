"""What `/api/prompts` takes and gives, checked at the edge."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from zaohua.assistant.sampling import SamplingFields
from zaohua.generate.prompts import LongChoice
from zaohua.service.body import Body

MOST_INPUTS = 100
MOST_ANSWERS = 16


class PromptItem(BaseModel):
    """A prompt in one language, or, with ``problem``, a file of the user's that is none."""

    name: str
    language: str = Field(description="Empty: serves all.")
    title: str
    about: str
    version: int
    own: bool = Field(description="Whether it is the user's.")
    problem: str


class PromptList(BaseModel):
    """The prompts there are."""

    items: list[PromptItem]


class PromptInput(BaseModel):
    """One field of the form that a prompt is filled by."""

    name: str
    type: Literal["text", "number", "choice", "list", "flag"]
    about: str
    required: bool
    default: Any
    choices: list[str]
    least: float | None
    most: float | None


class PromptOutput(BaseModel):
    """What comes out."""

    form: Literal["text", "markdown", "json", "choice", "fields"]
    schema_: dict[str, Any] | None = Field(alias="schema")


class Prompt(BaseModel):
    """A prompt in one language."""

    name: str
    language: str
    languages: list[str]
    own: bool
    title: str
    about: str
    version: int
    main: str | None = Field(description="The input that a file fills.")
    inputs: list[PromptInput]
    output: PromptOutput
    instruction: str
    long: Literal["map-reduce", "in-order", "refine"] | None
    says: dict[str, str] = Field(description="What each role says, as a template.")
    examples: list[dict[str, Any]]


class Filling(Body):
    """Inputs by name. The language, if left out, is that of the inputs."""

    inputs: dict[str, Any] = Field(default_factory=dict, max_length=MOST_INPUTS)
    language: str = Field("", max_length=8)


class RunPrompt(Filling):
    """How a prompt is to be run."""

    model: str = Field("", max_length=200, description="Empty: the server's default.")
    sampling: SamplingFields = SamplingFields()
    votes: int = Field(0, ge=0, le=MOST_ANSWERS, description="Of so many answers what most say.")
    best: int = Field(0, ge=0, le=MOST_ANSWERS, description="Of so many the one that checks best.")
    long: LongChoice = "auto"
    stream: bool = Field(False, description="What comes of each part as it comes.")


class RenderedMessage(BaseModel):
    """One message that the model would be sent."""

    role: str
    content: str


class Rendered(BaseModel):
    """What the model would be sent."""

    language: str
    messages: list[RenderedMessage]
    schema_: dict[str, Any] | None = Field(alias="schema", description="Of a JSON output.")


class Outcome(BaseModel):
    """What came out; ``value`` is the text, the choice or the JSON value."""

    prompt: str
    language: str
    version: int
    model: str
    text: str
    value: Any
    finish_reason: str
    answers: int
    parts: int = Field(description="Of a long text; 0 if it was asked at once.")
    agreement: float | None
    score: float | None
    prompt_tokens: int
    completion_tokens: int
