"""A stream of events that waits for its turn, and gives way when the context runs out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from zaohua.generate.events import Chunk, Event, Finished, PromptProgress, Usage, Waiting
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.turnstile import Place, Turnstile

WORTH_TELLING = 3.0
"""Predicted seconds to the first token from which on a request is told of them."""

_TELL_SECONDS = 2.0

Told = TypeVar("Told")


async def in_turn(
    turnstile: Turnstile,
    request: ChatRequest | CompletionRequest,
    ask: Callable[[], AsyncGenerator[Event]],
) -> AsyncGenerator[Event]:
    """What ``ask`` gives once it is the turn of ``request``; what is predicted before, if long.

    Batch work that is recalled while its prompt is read asks anew when it is called again. When
    answers outgrow the context all the same, the youngest ends with ``length``, the others go on.

    Raises:
        EngineBusy: it would wait too long.
    """
    with turnstile.enter(request) as place:
        tally = _Tally(place, request.sampling.n)
        while True:
            async for waiting in _until_called(turnstile, place):
                yield waiting
            events = _unless_recalled(place, ask()) if place.batch else ask()
            async with aclosing(events) as stream:
                async for event in stream:
                    if tally.count(event):
                        turnstile.begun(place)
                    yield _foretold(turnstile, place, event)
                    if tally.answering and turnstile.must_end(place):
                        break
                else:
                    if not place.steps_back:
                        return
            if not place.steps_back:
                break
            turnstile.step_back(place)
        for last in tally.ending():
            yield last


async def _until_called(turnstile: Turnstile, place: Place) -> AsyncGenerator[Waiting]:
    """What is predicted, again and again; nothing for batch work, which nobody watches."""
    while not place.called.done():
        seconds = 0.0 if place.batch else turnstile.first_token(place)
        if seconds >= WORTH_TELLING:
            yield Waiting(seconds)
        await asyncio.wait({place.called}, timeout=None if place.batch else _TELL_SECONDS)


def _foretold(turnstile: Turnstile, place: Place, event: Event) -> Event:
    """``event``, with the time that the rest of its prompt will take, if that is long."""
    if not isinstance(event, PromptProgress) or place.batch or event.processed >= event.total:
        return event
    seconds = turnstile.first_token(place)
    return replace(event, seconds=seconds) if seconds >= WORTH_TELLING else event


async def _unless_recalled(place: Place, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """``events``, ended at once when ``place`` is recalled while its prompt is read."""
    recalled = asyncio.ensure_future(place.recalled.wait())
    try:
        async with aclosing(events):
            while place.unread:
                following = asyncio.ensure_future(anext(events, None))
                try:
                    await asyncio.wait({following, recalled}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not following.done():
                        following.cancel()
                        await asyncio.wait({following})
                event = None if following.cancelled() else following.result()
                if event is None:
                    return
                yield event
            async for event in events:
                yield event
    finally:
        recalled.cancel()


async def quietly_in_turn(
    turnstile: Turnstile, request: ChatRequest | CompletionRequest, told: AsyncGenerator[Told]
) -> AsyncGenerator[Told]:
    """``told`` once it is the turn of ``request``, for what is not an answer.

    Raises:
        EngineBusy: it would wait too long.
    """
    async with aclosing(told) as stream:
        with turnstile.enter(request) as place:
            await asyncio.wait({place.called})
            async for one in stream:
                yield one


class _Tally:
    """What one stream has told so far, noted at its place."""

    def __init__(self, place: Place, answers: int) -> None:
        self._place = place
        self._open = set(range(answers))
        self._progress = PromptProgress(0, 0, 0)

    @property
    def answering(self) -> bool:
        return self._place.written > 0 and bool(self._open)

    def count(self, event: Event) -> bool:
        """Take note of ``event``; whether it says that the prompt is read."""
        if isinstance(event, PromptProgress):
            self._progress = event
            self._place.prompt = event.total
            self._place.read = event.processed - event.cached
            if self._place.unread:
                self._place.unread = max(event.total - event.processed, 1)
            return False
        if isinstance(event, Chunk) and event.finish_reason is None:
            self._place.written += 1
        elif isinstance(event, Chunk):
            self._open.discard(event.index)
        return True

    def ending(self) -> list[Event]:
        usage = Usage(self._progress.total, self._place.written, self._progress.cached)
        cut = [Chunk(index, finish_reason="length") for index in sorted(self._open)]
        return [*cut, Finished(usage)]
