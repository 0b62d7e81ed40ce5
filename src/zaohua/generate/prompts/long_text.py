"""A template as the task of a long text: what is asked of a part, and of what came of the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zaohua.generate.long import Task
from zaohua.generate.prompts.spec import How
from zaohua.generate.prompts.template import Template
from zaohua.generate.request import ChatRequest, Sampling


def long_task(
    template: Template,
    given: Mapping[str, Any],
    how: How,
    sampling: Sampling,
    *,
    batch: bool = False,
) -> Task:
    """The task of a template whose main text is too long for one request.

    Where the template has no ``# part``, a part is asked for as a whole text is; without
    ``# combine`` what came of the parts is asked for like a text of its own.
    """
    main = template.spec.main or ""
    values = template.filled(given)
    reduces = how == "map-reduce"
    long = template.spec.long

    def asked(said: str, *, final: bool) -> ChatRequest:
        request = replace(template.request(said, values, sampling), batch=batch)
        form = template.grammar(values) if final else None
        return replace(request, grammar=form)

    def part(text: str) -> ChatRequest:
        role = "part" if "part" in template.parts else "user"
        request = asked(template.say(role, {**values, main: text}), final=False)
        return _bounded(request, long.answer) if long and long.answer and reduces else request

    def combine(parts: Sequence[str], *, final: bool, of: int = 1) -> ChatRequest:
        together = "\n\n".join(parts)
        role = "combine" if "combine" in template.parts else "user"
        said = template.say(role, {**values, main: together, "parts": tuple(parts), "of": of})
        return asked(said, final=final)

    def refine(so_far: str, text: str, *, final: bool) -> ChatRequest:
        said = template.say("refine", {**values, main: text, "so_far": so_far})
        return asked(said, final=final)

    return Task(
        name=template.title,
        text=str(values[main]),
        how=how,
        part=part,
        combine=combine,
        refine=refine,
        skip=long.skip if long and reduces else "",
        empty=long.empty if long and reduces else "",
        key=template.fingerprint,
        most=long.part if long and reduces else 0,
        sections=long.sections if long and reduces else 1,
    )


def _bounded(request: ChatRequest, most: int) -> ChatRequest:
    """``request`` with an answer of ``most`` tokens or as many as it wants, if that is less."""
    wanted = min(request.sampling.max_tokens or most, most)
    return replace(request, sampling=replace(request.sampling, max_tokens=wanted))
