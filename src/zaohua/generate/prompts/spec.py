"""What may stand in the head of a template file."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from zaohua.generate.request import Sampling
from zaohua.spec import Spec

InputKind = Literal["text", "number", "choice", "list", "flag"]
Form = Literal["text", "markdown", "json", "choice", "fields"]
How = Literal["map-reduce", "in-order", "refine"]

OWN_NAMES = frozenset({"instruction", "parts", "of", "so_far", "loop"})
"""What a template can use beside its inputs."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class InputSpec(Spec):
    """One thing a template is given. ``least`` and ``most`` bound a number."""

    type: InputKind = "text"
    about: str = ""
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices belong to the type 'choice', which needs them")
        if self.type == "choice" and self.default not in (None, *self.choices):
            raise ValueError("the default is not one of the choices")
        if self.type != "number" and (self.least, self.most) != (None, None):
            raise ValueError("least and most are for numbers")
        return self

    @property
    def must_be_given(self) -> bool:
        """Whether nothing can stand in its place."""
        return self.required and self.default is None


class OutputSpec(Spec):
    """What comes out: text, Markdown, JSON of a schema, or what an input of type list names.

    ``choice`` is one of the words of that input, ``fields`` a JSON object with one text or null
    for each of them. With ``json`` and ``form`` the model writes JSON, and ``# output`` makes a
    text of it. Texts of a schema with braces are templates, of which JSON is read if they are JSON.
    """

    form: Literal["text", "markdown"] | None = None
    schema_: dict[str, Any] | None = Field(None, alias="json")
    choice: str = ""
    fields: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(map(bool, (self.schema_ is not None, self.choice, self.fields))) > 1:
            raise ValueError("must be one of json, choice and fields")
        return self

    @property
    def kind(self) -> Form:
        """Which of the forms it is."""
        if self.form is None and self.schema_ is not None:
            return "json"
        return "choice" if self.choice else "fields" if self.fields else self.form or "text"


class SamplingSpec(Spec):
    """How the answer is drawn; what is left out is the model's own choice, but for a penalty, which
    would keep names and numbers of the text out of the answer: there is none."""

    temperature: float | None = Field(None, ge=0, le=100)
    top_k: int | None = Field(None, ge=-1)
    top_p: float | None = Field(None, ge=0, le=1)
    min_p: float | None = Field(None, ge=0, le=1)
    repeat_penalty: float = Field(1.0, ge=0.01, le=100)
    max_tokens: int | None = Field(None, ge=1)
    seed: int | None = None
    stop: Words = ()

    def sampling(self) -> Sampling:
        """As an engine takes it."""
        return Sampling(**self.model_dump())


class CheckSpec(Spec):
    """What must hold of an output; all of it must. Letters count alike in upper and lower case.

    Attributes:
        contains: texts that stand in it.
        any: texts of which one at least does.
        lacks: texts that do not.
        equals: what it is, white space at its ends apart.
        matches: a regular expression that is found in it.
        shortest, longest: characters.
        language: its main language: ``zh``, ``en`` ...
        values: of JSON: what stands at a dotted path.
        numbers_from: inputs; every number of the output stands in one of them.
    """

    contains: Words = ()
    any: Words = ()
    lacks: Words = ()
    equals: str | None = None
    matches: str = ""
    shortest: int = Field(0, ge=0)
    longest: int | None = Field(None, ge=1)
    language: str = ""
    values: dict[str, Any] = Field(default_factory=dict)
    numbers_from: Words = ()

    @field_validator("matches")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value


class ShotSpec(Spec):
    """An example that the model is shown: what was given and what was answered."""

    inputs: dict[str, Any]
    output: str


class ExampleSpec(Spec):
    """An example for ``zaohua prompt test``: what is given and what must hold of the output."""

    inputs: dict[str, Any]
    expect: CheckSpec = CheckSpec()


class LongSpec(Spec):
    """How a text that does not fit is gone about, or whose request has more than ``over`` tokens.

    Of ``map-reduce``: answers for a part that begin with ``skip`` say that there is nothing in it
    and are left out; if all do, the output is ``empty``. A part has ``part`` tokens at most and
    the answer about it ``answer`` (0: as many as there is room for). The output is put together of
    ``sections`` answers, each about its share of the text.
    """

    how: How
    over: int = Field(0, ge=0)
    part: int = Field(0, ge=0)
    answer: int = Field(0, ge=0)
    sections: int = Field(1, ge=1, le=64)
    skip: str = ""
    empty: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.skip and self.how != "map-reduce":
            raise ValueError("skip is for map-reduce")
        if self.how != "map-reduce" and (self.part or self.answer or self.sections > 1):
            raise ValueError("part, answer and sections are for map-reduce")
        if bool(self.skip) != bool(self.empty):
            raise ValueError("skip and empty go together")
        return self


class GroundedSpec(Spec):
    """The inputs that hold the question and the text that answers must stand in."""

    question: str
    text: str


class ScoreSpec(Spec):
    """How a version that ``zaohua prompt optimise`` made did on cases it was not chosen by."""

    held_out: float
    before: float
    cases: int
    model: str = ""


def _output(value: object) -> object:
    return {"form": value} if isinstance(value, str) else value


def _long(value: object) -> object:
    return {"how": value} if isinstance(value, str) else value


class PromptSpec(Spec):
    """The head of a template file. ``instruction`` and ``paraphrases`` are templates themselves."""

    title: str = ""
    about: str = ""
    language: str = Field("", pattern="^([a-z]{2,3})?$")
    version: int = Field(1, ge=1)
    inputs: dict[str, InputSpec] = Field(default_factory=dict)
    instruction: str = ""
    paraphrases: Words = ()
    output: Annotated[OutputSpec, BeforeValidator(_output)] = OutputSpec()
    sampling: SamplingSpec = SamplingSpec()
    prompt_lookup: bool = False
    tries: int = Field(1, ge=1, le=16)
    grounded: GroundedSpec | None = None
    long: Annotated[LongSpec | None, BeforeValidator(_long)] = None
    shots: tuple[ShotSpec, ...] = ()
    checks: CheckSpec = CheckSpec()
    examples: tuple[ExampleSpec, ...] = ()
    score: ScoreSpec | None = None

    @field_validator("inputs")
    @classmethod
    def _names(cls, value: dict[str, InputSpec]) -> dict[str, InputSpec]:
        for name in value:
            if not _NAME.fullmatch(name) or name in OWN_NAMES:
                raise ValueError(
                    f"'{name}' cannot be the name of an input: small letters, digits and _"
                )
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for wanted in filter(None, (self.output.choice, self.output.fields)):
            given = self.inputs.get(wanted)
            if given is None or given.type != "list":
                raise ValueError(f"output names '{wanted}', which is no input of type list")
        for name in (self.grounded.question, self.grounded.text) if self.grounded else ():
            if name not in self.inputs:
                raise ValueError(f"grounded names '{name}', which is no input")
        if self.paraphrases and not self.instruction:
            raise ValueError("paraphrases need an instruction, in the place of which they stand")
        if self.long and self.long.how == "in-order" and self.output.kind in ("json", "fields"):
            raise ValueError("an output of JSON cannot be put together in order")
        if self.long and self.main is None:
            raise ValueError("long needs an input of type text")
        return self

    @property
    def main(self) -> str | None:
        """The input that a file or a prompt fills: ``text``, else the first text that is needed."""
        texts = {name: one for name, one in self.inputs.items() if one.type == "text"}
        needed = [name for name, one in texts.items() if one.must_be_given]
        return "text" if "text" in texts else next(iter(needed), None)
