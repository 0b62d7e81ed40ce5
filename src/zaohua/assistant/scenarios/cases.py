"""The evaluation set of a pack: what is asked, and what must hold of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from zaohua.assistant.scenarios.pack import LANGUAGES, Language, Pack
from zaohua.assistant.scenarios.reading import text_of
from zaohua.assistant.scenarios.standing import stands
from zaohua.errors import SeveralError
from zaohua.generate.prompts.outputs import faults_of_schema
from zaohua.generate.prompts.spec import CheckSpec, Words
from zaohua.problems import problems
from zaohua.spec import Spec


def _in_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Range = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
"""The least and the most."""


class ExpectSpec(Spec):
    """What must hold of one answer; all of it must.

    Attributes:
        has: of each inner list one text stands in it; numbers count alike however written.
        lacks: texts that do not.
        cites: files or tables of which one is cited.
        declines, refuses: whether it says that it does not answer, or not do that.
        hands_over: whether a person is to take over.
        flow: the dialogue that led it.
        schema: of JSON.
        lines, sentences, characters: the least and the most.
        checks: as in prompt templates.
    """

    has: list[Words] = Field(default_factory=list)
    lacks: Words = ()
    cites: Words = ()
    declines: bool | None = None
    refuses: bool | None = None
    hands_over: bool | None = None
    flow: str = ""
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    lines: Range | None = None
    sentences: Range | None = None
    characters: Range | None = None
    checks: CheckSpec | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expects nothing")
        for fault in _contradictions(self):
            raise ValueError(fault)
        return self


def _contradictions(expect: ExpectSpec) -> Iterator[str]:
    """Why no answer can be so."""
    for words in expect.has:
        if not any(word.strip() for word in words):
            yield "has: a list is empty"
        elif all(any(stands(lacked, word) for lacked in expect.lacks) for word in words):
            yield f"contradicts itself: has and lacks '{words[0]}'"
    for name in ("lines", "sentences", "characters"):
        if (span := getattr(expect, name)) and span[0] > span[1]:
            yield f"contradicts itself: {name} of {span[0]} at least and {span[1]} at most"
    if expect.declines and expect.cites:
        yield "contradicts itself: what declines cites nothing"
    if expect.flow and (expect.schema_ is not None):
        yield "contradicts itself: a flow gives no JSON"
    yield from (f"schema: {fault}" for fault in faults_of_schema(expect.schema_ or {}))


class CaseSpec(Spec):
    """One line of an evaluation set: turns of a conversation, or inputs of a prompt template.

    ``bare`` is what the model is asked in the place of the template when it has no pack. A pack is
    not tuned by what is ``held_out``, which is counted by itself.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][\w.-]{0,59}$")
    kind: str = Field(pattern=r"^[a-z][a-z-]{0,39}$")
    turns: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    template: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict)
    bare: str = ""
    held_out: bool = False
    expect: Annotated[list[ExpectSpec | None], BeforeValidator(_in_list)] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if bool(self.turns) == bool(self.template):
            raise ValueError("needs either turns or a template")
        if self.template and not self.bare.strip():
            raise ValueError("bare: is missing: what a model without the template is asked")
        if not self.template and (self.inputs or self.bare):
            raise ValueError("inputs and bare are for a template")
        if len(self.expect) not in (1, len(self.turns)) or self.expect[-1] is None:
            raise ValueError("expect: one for the last answer, or a list of one for each turn")
        if self.template and any(_of_a_turn(one) for one in self.expect):
            raise ValueError(
                "expect: a template cites nothing, has no flow, declines nothing and hands nothing "
                "over"
            )
        return self


def _of_a_turn(expect: ExpectSpec | None) -> bool:
    if expect is None:
        return False
    said = (expect.declines, expect.refuses, expect.hands_over)
    return bool(expect.cites or expect.flow) or any(one is not None for one in said)


@dataclass(frozen=True, slots=True)
class Case:
    """A case and where it stands.

    Attributes:
        language: of the file it is in.
        line: of that file.
        spec: what it says.
    """

    language: Language
    line: int
    spec: CaseSpec

    @property
    def asked(self) -> tuple[str, ...]:
        """What a model without the pack is asked, in turn."""
        return tuple(self.spec.turns) or (self.spec.bare,)

    @property
    def expected(self) -> tuple[ExpectSpec | None, ...]:
        """What is expected of each answer."""
        answers = len(self.asked)
        return (*[None] * (answers - len(self.spec.expect)), *self.spec.expect)


def read_cases(pack: Pack, languages: Sequence[Language] = LANGUAGES) -> list[Case]:
    """The cases of a pack.

    Raises:
        UsageError: all that is wrong, each with its file and line.
    """
    found: list[Case] = []
    wrong: list[str] = []
    for language in languages:
        path = pack.cases(language)
        if path.exists():
            _read_file(path, language, found, wrong)
    if wrong:
        raise SeveralError(wrong, where=str(pack.folder / "cases"))
    return found


def _read_file(path: Path, language: Language, found: list[Case], wrong: list[str]) -> None:
    known = {one.spec.id: f"{one.language}.jsonl:{one.line}" for one in found}
    for number, line in enumerate(text_of(path, "a file of cases").split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            spec = CaseSpec.model_validate_json(line)
        except ValidationError as error:
            wrong += [f"{place}: {one}" for one in problems(error, CaseSpec)]
            continue
        if spec.id in known:
            wrong.append(f"{place}: the id '{spec.id}' stands twice, first in {known[spec.id]}")
        known.setdefault(spec.id, place)
        found.append(Case(language, number, spec))
