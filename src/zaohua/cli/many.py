"""``zaohua generate --input``: a file of questions to a file of answers."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from zaohua.cli.bars import RichProgress
    from zaohua.cli.connecting import Choice
    from zaohua.generate.engine import Engine
    from zaohua.generate.request import ChatRequest, Grammar, Sampling

SERVER_PARALLEL = 4
"""Requests at a time to a server, which others use too."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the input: its name (``custom_id``, else its number) and what it asks."""

    name: str | int
    request: ChatRequest


def questions(
    path: Path, sampling: Sampling, grammar: Grammar | None, system: str
) -> list[Question]:
    """The lines of a JSONL file; the options count where a line leaves them open.

    A line is the body of a chat completion (``messages`` or just ``prompt``, any of OpenAI's
    fields), or a line of OpenAI's batch files, which has that in ``body``.

    Raises:
        UsageError: a line is none of these, or a value in it makes no sense.
    """
    from zaohua.cli.reading import text_file
    from zaohua.errors import UsageError
    from zaohua.generate.request import Message
    from zaohua.generate.sampling import over

    head = (Message("system", system),) if system else ()
    found = []
    for number, line in enumerate(text_file(path).split("\n"), 1):
        if not line.strip():
            continue
        with naming(path, number):
            name, asked = _read(line, number)
        plain = not any(message.role == "system" for message in asked.messages)
        request = replace(
            asked,
            messages=(*head, *asked.messages) if plain else asked.messages,
            sampling=over(asked.sampling, sampling),
            grammar=asked.grammar or grammar,
            batch=True,
        )
        found.append(Question(name, request))
    if not found:
        raise UsageError("there are no questions in it", where=str(path))
    return found


@dataclass(frozen=True, slots=True)
class Errand:
    """Questions, whom to ask, and where the answers go (``None``: standard output)."""

    choice: Choice
    model: str
    asked: Sequence[Question]
    output: Path | None
    parallel: int

    def run(self) -> None:
        """Ask them all and write the answers, one JSON line each, in their order.

        Answers that are in the output already are not asked for again.

        Raises:
            UsageError: the output holds answers to other questions.
            EngineFailed: the engine broke off again and again; what was answered is written.
            typer.Exit: some could not be answered (1).
        """
        import asyncio

        from zaohua.cli.bars import RichProgress

        done = _already(self.output, self.asked) if self.output else 0
        with opened_output(self.output) as out, RichProgress() as progress:
            failed = asyncio.run(self._ask(done, out, progress))
        if failed:
            where = self.output or "the output"
            typer.echo(f"{failed} could not be answered: see 'error' in {where}", err=True)
            raise typer.Exit(1)

    async def _ask(self, done: int, out: TextIO, progress: RichProgress) -> int:
        """How many could not be answered."""
        from zaohua.cli.connecting import connect

        failed = tokens = 0
        async with connect(self.choice) as models, models.use(self.model) as engine:
            parallel = self.parallel or engine.info.slots or SERVER_PARALLEL
            progress.start(f"asking {engine.info.model}", len(self.asked), "answers", done)
            begun = time.monotonic()
            async for line in _answers(engine, self.asked[done:], parallel):
                out.write(_json(line) + "\n")
                out.flush()
                failed += "error" in line
                tokens += (line.get("usage") or {}).get("completion_tokens", 0)
                progress.advance(1)
                progress.figures(f"{tokens / max(time.monotonic() - begun, 0.1):.0f} tokens/s")
        return failed


async def _answers(
    engine: Engine, asked: Sequence[Question], parallel: int
) -> AsyncIterator[dict[str, Any]]:
    from zaohua.cli import outcome
    from zaohua.errors import UsageError
    from zaohua.generate.many import answered, in_order

    async def one(question: Question) -> dict[str, Any]:
        begun = time.monotonic()
        try:
            got = await answered(engine, question.request)
        except UsageError as error:
            return {"custom_id": question.name, "error": error.line()}
        seconds = time.monotonic() - begun
        told = outcome.answers(got.answers, got.usage, got.timings, engine.info.model, seconds)
        return {"custom_id": question.name, **told}

    lines = in_order(one, asked, parallel=parallel)
    async with aclosing(cast("AsyncGenerator[dict[str, Any]]", lines)) as stream:
        async for line in stream:
            yield line


def _read(line: str, number: int) -> tuple[str | int, ChatRequest]:
    import json

    from zaohua.service.body import checked
    from zaohua.service.openai.chat_completions.shapes import ChatCompletionRequest
    from zaohua.service.openai.chat_completions.translate import chat_request

    given = json.loads(line)
    if not isinstance(given, dict):
        raise ValueError("not a JSON object")
    body = given.get("body", given)
    if isinstance(body, dict) and isinstance(body.get("prompt"), str) and "messages" not in body:
        body = {**body, "messages": [{"role": "user", "content": body["prompt"]}]}
    return given.get("custom_id", number), chat_request(checked(ChatCompletionRequest, body))


@contextmanager
def naming(path: Path, number: int) -> Iterator[None]:
    """Errors say which line they are of."""
    from zaohua.errors import UsageError
    from zaohua.service.errors import ApiError

    try:
        yield
    except UsageError as error:
        raise UsageError(error.what, where=f"{path}, line {number}", mend=error.mend) from None
    except ApiError as error:
        raise UsageError(error.message, where=f"{path}, line {number}") from None
    except ValueError as error:
        raise UsageError(f"not JSON: {error}", where=f"{path}, line {number}") from None


def _already(output: Path, asked: Sequence[Question]) -> int:
    """How many answers the output holds; half a line at its end is taken away."""
    import json

    from zaohua.errors import UsageError

    if not output.exists():
        return 0
    raw = output.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        names = [json.loads(line)["custom_id"] for line in whole.splitlines()]
    except (ValueError, KeyError, TypeError):
        names = [None]
    if names != [question.name for question in asked[: len(names)]]:
        raise UsageError(
            "it holds something else than answers to these questions",
            where=str(output),
            mend="give another --output",
        )
    if len(whole) < len(raw):
        output.write_bytes(whole)
    return len(names)


@contextmanager
def opened_output(output: Path | None, mode: Literal["a", "w"] = "a") -> Iterator[TextIO]:
    """The file of answers, opened to go on (``a``) or anew (``w``); None is standard output."""
    if output is None:
        yield sys.stdout
        return
    from zaohua.errors import UsageError

    try:
        file = output.open(mode, encoding="utf-8")
    except OSError as error:
        what = f"the answers cannot be written: {(error.strerror or '').lower()}"
        raise UsageError(what, where=str(output)) from None
    with file:
        yield file


def _json(line: dict[str, Any]) -> str:
    import json

    return json.dumps(line, ensure_ascii=False)
