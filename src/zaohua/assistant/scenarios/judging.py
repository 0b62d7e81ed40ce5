"""Whether an answer is what was expected: by code, never by a model, the same for every model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from zaohua.assistant.scenarios.cases import ExpectSpec
from zaohua.assistant.scenarios.standing import stands
from zaohua.generate.prompts.checks import check
from zaohua.generate.prompts.outputs import schema_faults
from zaohua.text.sentences import sentences

Score = Literal["accuracy", "groundedness", "refusal", "format"]
SCORES: Final[tuple[Score, ...]] = ("accuracy", "groundedness", "refusal", "format")

_FENCE: Final = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_PLACE: Final = re.compile(r"[/\\!#:]")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is judged.

    Attributes:
        text: as the user sees it.
        withheld: whether it says that it does not answer (`withholding.withholds`).
        cited: sources that bear it.
        unsupported: sentences that no source bears.
        flow: the dialogue that led it.
        handed_over: whether a person is to take over.
        broken: why there is no answer.
    """

    text: str
    withheld: bool = False
    cited: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    flow: str = ""
    handed_over: bool = False
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was wanted of an answer, what it counts for, and whether it is so."""

    score: Score
    wanted: str
    holds: bool


def judge(expect: ExpectSpec, said: Said, values: Mapping[str, Any] | None = None) -> list[Finding]:
    """All that ``expect`` wants of an answer; ``values`` are the inputs of a template."""
    found = [*_right(expect, said), *_grounded(expect, said)]
    right = all(one.holds for one in found if one.score == "accuracy")
    return [
        *found,
        *_withheld(expect, said, right=right),
        *_formed(expect, said.text.strip(), values or {}),
    ]


def _right(expect: ExpectSpec, said: Said) -> Iterator[Finding]:
    if not said.text.strip() or said.broken:
        yield Finding("accuracy", f"an answer ({said.broken or 'there is none'})", holds=False)
    for words in expect.has:
        there = any(stands(word, said.text) for word in words)
        yield Finding("accuracy", f"has {_one_of(words)}", there)
    for word in expect.lacks:
        yield Finding("accuracy", f"lacks '{word}'", not stands(word, said.text))
    if expect.flow:
        yield Finding("accuracy", f"is led by the flow '{expect.flow}'", said.flow == expect.flow)
    if expect.hands_over is not None:
        told = "hands over to a person" if expect.hands_over else "hands nothing over"
        yield Finding("accuracy", told, said.handed_over == expect.hands_over)
    if expect.schema_ is not None:
        fault = _fault(said.text, expect.schema_)
        yield Finding("accuracy", f"is JSON of the schema{fault and f' ({fault})'}", not fault)


def _grounded(expect: ExpectSpec, said: Said) -> Iterator[Finding]:
    """Sentences without support count where sources are expected: else there are none to hold."""
    if not expect.cites:
        return
    names = {part for source in said.cited for part in _PLACE.split(source)}
    told = f"cites {_one_of(expect.cites)}"
    yield Finding("groundedness", told, bool(names & set(expect.cites)))
    loose = f" (not '{said.unsupported[0][:60]}')" if said.unsupported else ""
    told = f"says only what the sources bear{loose}"
    yield Finding("groundedness", told, not said.unsupported)


def _withheld(expect: ExpectSpec, said: Said, *, right: bool) -> Iterator[Finding]:
    """An answer that says what was wanted withholds nothing, whatever regrets it begins with."""
    if expect.declines or expect.refuses:
        told = "declines to answer" if expect.declines else "refuses"
        yield Finding("refusal", told, said.withheld)
        return
    wanted = bool(expect.has or expect.cites or expect.flow)
    if wanted or expect.declines is False or expect.refuses is False:
        answered = not said.withheld or (bool(expect.has) and right)
        yield Finding("refusal", "answers", answered and bool(said.text.strip()))


def _formed(expect: ExpectSpec, text: str, values: Mapping[str, Any]) -> Iterator[Finding]:
    lengths = {
        "lines": _number(text.splitlines()),
        "sentences": _number(sentences(text)),
        "characters": len(text),
    }
    for name, length in lengths.items():
        if span := getattr(expect, name):
            told = f"has {span[0]} to {span[1]} {name} (it has {length})"
            yield Finding("format", told, span[0] <= length <= span[1])
    if expect.checks is not None:
        for one in check(expect.checks, text, values):
            yield Finding("format", one.rule, one.holds)


def _number(parts: Iterable[str]) -> int:
    """Of those with a letter or a digit."""
    return sum(bool(re.search(r"\w", part)) for part in parts)


def _one_of(words: Iterable[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)


def _fault(text: str, schema: Mapping[str, Any]) -> str:
    """Why a text is not JSON of a schema, in a fence or without one; empty if it is."""
    fenced = _FENCE.search(text)
    try:
        value = json.loads(fenced[1] if fenced else text)
    except ValueError:
        return "no JSON"
    return next(iter(schema_faults(value, schema)), "")
