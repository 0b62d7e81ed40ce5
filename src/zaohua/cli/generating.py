"""What ``zaohua generate`` does with its options: one prompt, a file of them, a template."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from zaohua.cli import failures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from zaohua.assistant.tools import LoopEvent
    from zaohua.cli.connecting import Choice
    from zaohua.cli.many import Question
    from zaohua.cli.tools import Answering
    from zaohua.generate.engine import Engine
    from zaohua.generate.events import Event
    from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Sampling


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be generated, and where it goes."""

    prompt: list[str]
    many: Path | None
    output: Path | None
    parallel: int
    model: str
    system: str
    raw: bool
    as_json: bool
    sampling: Sampling
    form: Grammar | None


@dataclass(frozen=True, slots=True)
class Template:
    """A template by name, and how it is to be used."""

    name: str
    settings: list[str]
    language: str
    votes: int
    best: int
    long: str


def ask_template(chosen: Template, wanted: Wanted) -> None:
    """Answer from a template: a text, a long one, or each line of a file."""
    from zaohua.cli import templated
    from zaohua.cli.template_errand import Errand

    sampling, many = wanted.sampling, wanted.many
    templated.refuse_beside_template(wanted.form, sampling, system=wanted.system, raw=wanted.raw)
    given = templated.values(chosen.settings)
    if many is not None and many.suffix in templated.MANY:
        _refuse_beside_input(wanted)
        _ask_all(templated.questions(many, chosen.name, chosen.language, given, sampling), wanted)
        return
    wishes = templated.wishes(sampling, chosen.votes, chosen.best, chosen.long)
    text = templated.text(wanted.prompt, many)
    template, given = templated.prepared(chosen.name, chosen.language, given, text)
    Errand(template, given, wishes, wanted.model, wanted.output, wanted.as_json).run()


def ask_plainly(wanted: Wanted, *, tools: bool) -> None:
    """Answer a prompt, or each of a file."""
    import asyncio

    from zaohua.cli import connecting, reading
    from zaohua.cli.many import questions
    from zaohua.settings import load_settings

    sampling, form = wanted.sampling, wanted.form
    if wanted.many is not None:
        _refuse_beside_input(wanted)
        _ask_all(questions(wanted.many, sampling, form, wanted.system), wanted)
        return
    _refuse_without_input(wanted)
    prompt = reading.prompt(wanted.prompt)
    request = _request(wanted, prompt)
    choice = connecting.choose(load_settings(), form)
    model = connecting.prepare(choice, wanted.model)
    quoting = reading.quotes(wanted.prompt, prompt)
    work = _print(choice, model, request, tools=tools, quoting=quoting, as_json=wanted.as_json)
    asyncio.run(work)


def refuse_tools(wanted: Wanted, *, tools: bool) -> None:
    """Be sure that tools are used in a conversation only."""
    from zaohua.errors import UsageError

    if tools and (wanted.raw or wanted.many is not None):
        beside = "--raw" if wanted.raw else "--input"
        raise UsageError(f"--tools and {beside} cannot be given together")


def _refuse_beside_input(wanted: Wanted) -> None:
    from zaohua.errors import UsageError

    if wanted.prompt:
        raise UsageError("a prompt and --input cannot be given together")
    if wanted.raw:
        raise UsageError("--raw cannot be given beside --input")


def _refuse_without_input(wanted: Wanted) -> None:
    from zaohua.errors import UsageError

    if wanted.output is not None or wanted.parallel:
        raise UsageError("--output and --parallel are for --input")


def _ask_all(asked: Sequence[Question], wanted: Wanted) -> None:
    from zaohua.cli import connecting
    from zaohua.cli.many import Errand
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings(), *(one.request.grammar for one in asked))
    name = connecting.prepare(choice, wanted.model)
    Errand(choice, name, asked, wanted.output, wanted.parallel).run()


def _request(wanted: Wanted, prompt: str) -> ChatRequest | CompletionRequest:
    from zaohua.errors import UsageError
    from zaohua.generate.request import ChatRequest, CompletionRequest, Message

    if not prompt.strip():
        raise UsageError("there is no prompt", mend="give one or pipe it in")
    if wanted.raw and wanted.system:
        raise UsageError("--raw knows no --system", mend="write it into the prompt")
    if wanted.raw:
        return CompletionRequest(prompt, wanted.sampling, wanted.form)
    head = (Message("system", wanted.system),) if wanted.system else ()
    turns = (*head, Message("user", prompt))
    return ChatRequest(turns, wanted.sampling, grammar=wanted.form)


async def _print(
    choice: Choice,
    model: str,
    request: ChatRequest | CompletionRequest,
    *,
    tools: bool,
    quoting: bool,
    as_json: bool,
) -> None:
    from zaohua.cli.connecting import connect
    from zaohua.cli.telling import Screen, tell
    from zaohua.cli.tools import answering

    async with (
        connect(choice) as models,
        models.use(model) as engine,
        answering(models, tools=tools, quoting=quoting) as answer,
    ):
        events = _events(engine, request, answer)
        if as_json or request.sampling.n > 1:
            await _print_whole(engine.info.model, events, as_json=as_json)
        elif (await tell(events, Screen())).stopped:
            raise typer.Exit(failures.INTERRUPTED)


def _events(
    engine: Engine, request: ChatRequest | CompletionRequest, answer: Answering
) -> AsyncIterator[LoopEvent]:
    from zaohua.generate.request import CompletionRequest

    if isinstance(request, CompletionRequest):
        return engine.complete(request)
    return answer(engine, request)


async def _print_whole(model: str, events: AsyncIterator[LoopEvent], *, as_json: bool) -> None:
    import json
    import time

    from zaohua.cli import outcome
    from zaohua.generate.collect import collect

    began = time.monotonic()
    got = await collect(cast("AsyncIterator[Event]", events))  # it passes over those of tools
    if as_json:
        seconds = time.monotonic() - began
        plain = outcome.answers(got.answers, got.usage, got.timings, model, seconds)
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        typer.echo("\n---\n".join(answer.text for answer in got.answers))
