"""Runs the service: the engine loads while the app is imported; signals end it gracefully."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from zaohua.cli import listening, running
from zaohua.cli.failures import INTERRUPTED
from zaohua.cli.logs import write_logs
from zaohua.errors import UnavailableError
from zaohua.settings import unknown_variables

if TYPE_CHECKING:
    import uvicorn

    from zaohua.generate.engine import Models
    from zaohua.service.services import Services
    from zaohua.settings import Settings

_log = logging.getLogger(__name__)

GRACE_SECONDS = 1
LOOK_SECONDS = 0.02


class Events(Protocol):
    """Told how far a starting server is."""

    def listening(self, url: str) -> None:
        """Requests are answered; the model may still be loading."""

    def ready(self, model: str, plan: str) -> None:
        """The default model answers; ``plan`` says how it runs, if it runs here."""


def run(settings: Settings, sock: socket.socket, events: Events) -> None:
    """Serve on ``sock`` until SIGINT or SIGTERM; a second SIGINT ends it at once.

    Raises:
        ZaohuaError: the database cannot be used or the default model does not start.
    """
    import uvloop

    gc.disable()  # What is imported now stays: looking through it costs a tenth of the start.
    with running.claim(settings):
        write_logs(settings.home)
        for line in unknown_variables(os.environ):
            _log.warning("%s", line)
        early = _Early()
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn raises the signal again once it has shut down; by then it has done its work.
            signal.signal(number, early)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, sock, events, early))


class _Early:
    """Keeps a signal that comes before the server could heed it; a second Ctrl-C ends at once."""

    def __init__(self) -> None:
        self.starting = True
        self.number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.starting and self.number and number == signal.SIGINT:
            os._exit(INTERRUPTED)
        self.number = number


async def _serve(settings: Settings, sock: socket.socket, events: Events, early: _Early) -> None:
    from zaohua.generate.pool import open_models

    models = open_models(settings)
    warming = asyncio.create_task(_load_default(models))
    try:
        server = _server(await asyncio.to_thread(_build, settings, models))
    except BaseException:
        warming.cancel()
        await models.aclose()
        raise
    port = sock.getsockname()[1]
    serving = asyncio.create_task(_run(server, sock))
    await _started(server, serving)
    gc.freeze()
    gc.enable()
    early.starting = False
    try:
        if early.number:
            server.handle_exit(early.number, None)
            return
        if server.started:
            running.announce(settings, _record(settings, port, models.default))
            events.listening(listening.address(settings.host, port))
        await _watch(warming, serving, events)
    finally:
        server.should_exit = True
        warming.cancel()
        await serving


async def _run(server: uvicorn.Server, sock: socket.socket) -> None:
    try:
        await server.serve(sockets=[sock])
    except SystemExit:
        mend = "see logs/zaohua.log in the home folder"
        raise UnavailableError("the service did not start", mend=mend) from None


def _build(settings: Settings, models: Models) -> Services:
    from zaohua.service.app import build
    from zaohua.service.security import check_bind

    services = build(settings, models)
    try:
        check_bind(settings, services.keyring)
    except BaseException:
        services.database.close()
        raise
    return services


def _server(services: Services) -> uvicorn.Server:
    import uvicorn

    from zaohua.service.app import create_app

    config = uvicorn.Config(
        create_app(services),
        loop="none",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=65,
    )
    server = uvicorn.Server(config)
    ask_to_end, loop, ending = server.handle_exit, asyncio.get_running_loop(), []

    def end(number: int, frame: FrameType | None) -> None:
        if server.should_exit and number == signal.SIGINT:
            os._exit(INTERRUPTED)  # What was shown is committed, and engines end with their parent.
        ask_to_end(number, frame)
        loop.call_soon_threadsafe(end_answers)

    def end_answers() -> None:
        # Now, not after uvicorn has waited for their readers: so the readers get a proper end.
        ending.append(loop.create_task(services.answers.aclose()))

    server.handle_exit = end  # type: ignore[assignment]
    return server


async def _load_default(models: Models) -> tuple[str, str]:
    """Load the default model; its name and how it runs."""
    from zaohua.generate.pool import Pool

    async with models.use() as engine:
        info = engine.info
    if isinstance(models, Pool) and info.kind != "openai":
        return info.model, models.explain()
    return info.model, ""


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():  # noqa: ASYNC110 - it only has a flag
        await asyncio.sleep(LOOK_SECONDS)


async def _watch(
    warming: asyncio.Task[tuple[str, str]], serving: asyncio.Task[None], events: Events
) -> None:
    """Wait until the model is there, then until the server ends; a model that fails ends it."""
    await asyncio.wait({warming, serving}, return_when=asyncio.FIRST_COMPLETED)
    if warming.done() and not serving.done():
        events.ready(*warming.result())
    await asyncio.wait({serving})


def _record(settings: Settings, port: int, model: str) -> running.Running:
    host = listening.local_name(settings.host)
    return running.Running(os.getpid(), host, port, model, settings.engine)


def in_background(work: Callable[[], object]) -> None:
    """Do ``work`` in a thread that does not keep the process; what it raises is dropped."""

    def quietly() -> None:
        with suppress(Exception):
            work()

    threading.Thread(target=quietly, daemon=True).start()
