"""The session of ``zaohua chat``: read a line, answer it, until the person leaves."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from zaohua.assistant.circling import until_circling
from zaohua.cli import commands
from zaohua.cli.connecting import connect
from zaohua.cli.line import LineReader
from zaohua.cli.telling import Screen, Told, tell
from zaohua.cli.terminal import bold, dim, wrapped
from zaohua.cli.tools import answering
from zaohua.errors import ZaohuaError
from zaohua.generate.failures import ContextExceeded

if TYPE_CHECKING:
    from zaohua.cli.connecting import Choice
    from zaohua.cli.conversation import Conversation
    from zaohua.cli.tools import Answering
    from zaohua.generate.engine import Models
    from zaohua.generate.request import ChatRequest

T = TypeVar("T")


async def talk(
    choice: Choice, conversation: Conversation, *, tools: bool = False, scenario: str = ""
) -> None:
    """Hold a session on the terminal until /exit or Ctrl-D."""
    async with (
        connect(choice) as models,
        answering(models, tools=tools, scenario=scenario) as answer,
    ):
        conversation.model = conversation.model or models.default
        _greet(conversation.model, choice.place)
        warming = asyncio.create_task(_warm(models, conversation.model))
        reader = LineReader(
            choice.settings.home / "history", lambda: [m.name for m in models.list()]
        )
        try:
            while (line := await _typed(reader)) is not None:
                if not await _turn(line, conversation, models, answer):
                    break
        finally:
            warming.cancel()


async def _typed(reader: LineReader) -> str | None:
    """What is typed next. Ctrl-C before and after it, when there is nothing to stop, does nothing:
    by itself it would end the session, with all that was said in it."""
    _on_ctrl_c(_nothing)
    try:
        return await reader.read()
    finally:
        _on_ctrl_c(_nothing)


def _on_ctrl_c(action: Callable[[], object]) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, action)


def _nothing() -> None:
    """What Ctrl-C does while nothing is under way."""


def _greet(model: str, place: str) -> None:
    print(bold(f"zaohua · {model}", sys.stdout) + dim(f" · {place}", sys.stdout))
    hint = "/help lists the commands, Alt-Enter starts a new line, Ctrl-D leaves."
    print(dim(wrapped(hint), sys.stdout))


async def _warm(models: Models, model: str) -> None:
    """Load the model while the person types; if that fails, the first question tells why."""
    with suppress(ZaohuaError):
        await _loaded(models, model)


async def _loaded(models: Models, model: str) -> bool:
    async with models.use(model):
        return True


async def _turn(line: str, conversation: Conversation, models: Models, answer: Answering) -> bool:
    """Carry out one line; ``False`` ends the session."""
    if not line.strip():
        return True
    try:
        if line.startswith("/"):
            return await _command(line, conversation, models, answer)
        await _answer(conversation.ask(line), conversation, models, answer)
    except ContextExceeded as error:
        conversation.messages.pop()
        _complain(f"{error.what}: /clear starts afresh, /save keeps this one")
    except ZaohuaError as error:
        _complain(error.line())
    return True


async def _command(
    line: str, conversation: Conversation, models: Models, answer: Answering
) -> bool:
    before = conversation.model
    effect = commands.run(line, conversation)
    if conversation.model != before:
        wanted, conversation.model = conversation.model, before
        if await _stoppable(_loaded(models, wanted)) is None:
            return True
        conversation.model = wanted
    if effect.say:
        print(dim(wrapped(effect.say), sys.stdout))
    if effect.next == "answer":
        await _answer(conversation.request(), conversation, models, answer)
    return effect.next != "leave"


async def _answer(
    request: ChatRequest, conversation: Conversation, models: Models, answer: Answering
) -> None:
    async def told() -> Told:
        async with models.use(conversation.model) as engine:
            events = until_circling(answer(engine, request), request.messages[-1].content)
            return await tell(events, Screen())

    done = await _stoppable(told())
    if done is None:
        return
    if done.answer.text:
        conversation.answered(done.answer.text)
    print(dim(done.speed(), sys.stdout))
    print()


async def _stoppable(work: Coroutine[Any, Any, T]) -> T | None:
    """What ``work`` gives; ``None`` if Ctrl-C came before it gave anything, which is said."""
    task = asyncio.create_task(work)
    _on_ctrl_c(task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        print(dim("stopped", sys.stdout))
        return None
    finally:
        _on_ctrl_c(_nothing)


def _complain(line: str) -> None:
    print(f"zaohua: {line}", file=sys.stderr)
