"""What may stand in a team file."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from zaohua.generate.prompts.spec import CheckSpec, SamplingSpec, Words
from zaohua.spec import Spec

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

AnyLanguage = Literal["zh", "en", "all"]


def _both(given: object) -> object:
    return dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given


def _all(given: object) -> object:
    by_language = isinstance(given, dict) and set(given) <= {*LANGUAGES, "all"}
    return given if by_language else {"all": given}


Text = Annotated[dict[Language, str], BeforeValidator(_both)]
"""By language; one text in a file stands for both."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def said(text: dict[Language, str], language: Language) -> str:
    """``text`` in ``language``, else in the one it is there in."""
    return text.get(language) or next(iter(text.values()), "")


def is_name(text: str) -> bool:
    """Whether ``text`` can be the name of a team, a role or an entry."""
    return _NAME.fullmatch(text) is not None


class InputSpec(Spec):
    """What a team is given to begin with: an entry of its board."""

    about: Text = Field(default={})
    required: bool = True


class OutputSpec(Spec):
    """The form of what a role writes; a schema of JSON may differ by language."""

    form: Literal["text", "markdown"] = "text"
    schema_: dict[str, Any] | None = Field(None, alias="json")

    def schema_in(self, language: Language) -> dict[str, Any] | None:
        """The JSON Schema of the output; None for text."""
        found = self.schema_
        if found is not None and set(found) <= set(LANGUAGES):
            return dict(found.get(language) or next(iter(found.values())))
        return found


def _output(given: object) -> object:
    return {"form": given} if isinstance(given, str) else given


class RoleSpec(Spec):
    """One who writes an entry of the board, or a critic who judges one.

    Attributes:
        title: for people, and for the model.
        does: what the role is to do. A critic with it asks its model, or the person, as well.
        reads: entries it is shown, in this order.
        writes: the entry it writes; its own name if not given.
        judges: the entry a critic judges.
        against: entries that what is judged must stand on, sentence by sentence, checked in code.
        covers: entries of which every sentence must be said in what is judged.
        arithmetic: whether every calculation in what is judged is computed anew.
        checks: what must hold of what is judged; may differ by language.
        mends: whether a critic whose last round it is puts right in code what can be: sentences
            that nothing bears give way to what is true or are left out, what was passed over is
            added, wrong results are replaced.
        tools: built-in tools that it may call.
        model: one of its own.
        person: whether a person takes it.
    """

    title: Text = Field(default={})
    does: Text = Field(default={})
    reads: Words = ()
    writes: str = ""
    judges: str = ""
    against: Words = ()
    covers: Words = ()
    arithmetic: bool = False
    checks: Annotated[dict[AnyLanguage, CheckSpec], BeforeValidator(_all)] = Field(default={})
    mends: bool = False
    tools: Words = ()
    model: str = ""
    person: bool = False
    output: Annotated[OutputSpec, BeforeValidator(_output)] = OutputSpec()
    sampling: SamplingSpec = SamplingSpec()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if problem := self._problem_of_critic() if self.judges else self._problem_of_author():
            raise ValueError(problem)
        return self

    def _problem_of_author(self) -> str:
        if self.against or self.covers or self.arithmetic or self.checks or self.mends:
            keys = "against, covers, arithmetic, checks and mends"
            return f"{keys} are for a role that 'judges' an entry"
        if self.tools and self.output.schema_ is not None:
            return "tools and an output of JSON cannot go together"
        return "" if self.does else "needs 'does', or 'judges'"

    def _problem_of_critic(self) -> str:
        if self.tools or self.output != OutputSpec():
            return "tools and output are for a role that writes, not for one that judges"
        coded = self.against or self.covers or self.arithmetic
        if self.mends and not coded:
            return "mends needs 'against', 'covers' or 'arithmetic'"
        judged = coded or self.does or self.person or self.checks
        return "" if judged else "judges by nothing: give does, against, arithmetic or checks"

    def checks_in(self, language: Language) -> CheckSpec | None:
        """What must hold of what is judged in ``language``."""
        return self.checks.get(language) or self.checks.get("all")

    @property
    def asks_model(self) -> bool:
        """Whether a model is asked when no person takes it."""
        return bool(self.does) and not self.person


class StepSpec(Spec):
    """One step: a role's turn, turns at the same time, or steps again and again.

    Attributes:
        role: whose turn it is.
        parallel: roles whose turns are taken at the same time.
        repeat: steps, until the critics of ``until`` pass, ``rounds`` times at most.
    """

    role: str = ""
    parallel: list[str] = Field(default=[])
    repeat: list[StepSpec] = Field(default=[])
    until: Words = ()
    rounds: int = Field(3, ge=1, le=20)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        return {"role": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(map(bool, (self.role, self.parallel, self.repeat))) != 1:
            raise ValueError("must be one of role, parallel and repeat")
        if bool(self.repeat) != bool(self.until):
            raise ValueError("repeat and until go together")
        return self


class LimitsSpec(Spec):
    """What ends a run: turns of models, tokens read and written, seconds at work, money."""

    turns: int = Field(20, ge=1, le=1000)
    tokens: int = Field(30_000, ge=100)
    seconds: float = Field(900, gt=0)
    cost: float | None = Field(None, ge=0)


class TeamSpec(Spec):
    """A team file.

    Attributes:
        board: titles of entries, for people and models.
        result: entries that are the outcome, put one after the other; if none is there in the end,
            it is what was written last.
    """

    version: Literal[1] = 1
    title: Text = Field(default={})
    about: Text = Field(default={})
    inputs: dict[str, InputSpec]
    board: dict[str, Text] = Field(default={})
    roles: dict[str, RoleSpec]
    steps: list[StepSpec] = Field(min_length=1)
    limits: LimitsSpec = LimitsSpec()
    result: Words = ()

    @field_validator("inputs", "roles")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not value:
            raise ValueError("needs one at least")
        for name in value:
            if not is_name(name):
                raise ValueError(f"'{name[:40]}' is no name: small letters, digits and -")
        return value
