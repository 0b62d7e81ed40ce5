"""The session of ``zaohua chat``: read a line, answer it, until the person leaves."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

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
            while (line := await reader.read()) is not None:
                if not await _turn(line, conversation, models, answer):
                    break
        finally:
            warming.cancel()


def _greet(model: str, place: str) -> None:
    print(bold(f"zaohua · {model}", sys.stdout) + dim(f" · {place}", sys.stdout))
    hint = "/help lists the commands, Alt-Enter starts a new line, Ctrl-D leaves."
    print(dim(wrapped(hint), sys.stdout))


async def _warm(models: Models, model: str) -> None:
    """Load the model while the person types; if that fails, the first question tells why."""
    try:
        async with models.use(model):
            return
    except ZaohuaError:
        return


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
        try:
            async with models.use(conversation.model):
                pass
        except ZaohuaError:
            conversation.model = before
            raise
    if effect.say:
        print(dim(wrapped(effect.say), sys.stdout))
    if effect.next == "answer":
        await _answer(conversation.request(), conversation, models, answer)
    return effect.next != "leave"


async def _answer(
    request: ChatRequest, conversation: Conversation, models: Models, answer: Answering
) -> None:
    told = await _stoppable(request, conversation.model, models, answer)
    if told is None:
        print(dim("stopped", sys.stdout))
        return
    if told.answer.text:
        conversation.answered(told.answer.text)
    print(dim(told.speed(), sys.stdout))
    print()


async def _stoppable(
    request: ChatRequest, model: str, models: Models, answer: Answering
) -> Told | None:
    """Answer; Ctrl-C ends the answer only. ``None`` if it came before the engine was there."""

    async def told() -> Told:
        async with models.use(model) as engine:
            return await tell(answer(engine, request), Screen())

    task = asyncio.create_task(told())
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        return None
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _complain(line: str) -> None:
    print(f"zaohua: {line}", file=sys.stderr)
