"""From plain Python, with no event loop, to answers: what the CLI and scripts share."""

from __future__ import annotations

import asyncio
import atexit
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from zaohua.errors import UsageError
from zaohua.generate.collect import Collected, collect
from zaohua.generate.engine import Models
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.text.instructions import default_instructions

if TYPE_CHECKING:
    from zaohua.store.models import InstalledModel

CLOSE_SECONDS = 5.0


def ensure_model(settings: Settings, name: str = "", progress: Progress | None = None) -> str:
    """Download model ``name`` (default: the configured one) unless it is here or served elsewhere.

    Gives the name it is served by, which for a hub name or a path is another one.

    Raises:
        NotFoundError: neither installed, in the catalogue, nor a file or hub name.
        UnavailableError: it cannot be downloaded now.
    """
    model = _pulled(settings, name, progress)
    return name if model is None else model.name


def ensure_ready(settings: Settings, name: str = "", progress: Progress | None = None) -> str:
    """As `ensure_model`, and write the weights that it is run with unless they are there.

    Raises:
        NotFoundError, UnavailableError: as there.
        MissingExtraError, UnavailableError: as `write_weights`.
    """
    model = _pulled(settings, name, progress)
    if model is None:
        return name
    write_weights(settings, model, progress)
    return model.name


def _pulled(settings: Settings, name: str, progress: Progress | None) -> InstalledModel | None:
    wanted = name or settings.model
    if settings.engine == "fake" or wanted in settings.engine_urls:
        return None
    from zaohua.store.models import pull

    return pull(settings, wanted, progress=progress or Silent())


def write_weights(
    settings: Settings, model: InstalledModel, progress: Progress | None = None
) -> None:
    """Write the weights that ``model`` is run with, unless they are there; may take a minute.

    Raises:
        MissingExtraError: they are OpenVINO's, which is not installed.
        UnavailableError: they cannot be written.
    """
    from zaohua.generate.setups import with_weights
    from zaohua.generate.tuning.choosing import setup_of

    with_weights(model, setup_of(model, settings), settings.home, progress or Silent())


class Session:
    """Answers for callers without an event loop: runs one in a thread of its own.

    Safe to call from several threads, and from code that itself runs in an event loop.
    """

    def __init__(self, settings: Settings, *, progress: Progress | None = None) -> None:
        self._settings = settings
        self._progress = progress
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._models: Models | None = None

    def answers(
        self,
        prompt: str,
        *,
        system: str = "",
        model: str = "",
        **sampling: Any,
    ) -> list[str]:
        """The texts of ``sampling["n"]`` answers to ``prompt``; the rest as in `Sampling`.

        Without ``system`` the prompt's language decides: `default_instructions`.

        Raises:
            UsageError: the prompt is empty or a sampling value is out of its range.
            UnavailableError: the model cannot be fetched or started.
        """
        if not isinstance(prompt, str) or not prompt.strip():
            raise UsageError("there is nothing to answer", mend="give a prompt that is not empty")
        told = system or default_instructions(prompt)
        turns = (Message("system", told),) if told else ()
        request = ChatRequest((*turns, Message("user", prompt)), Sampling(**sampling))
        return [answer.text for answer in self.ask(request, model).answers]

    def ask(self, request: ChatRequest, model: str = "") -> Collected:
        """Run one request to its end; raises what the engine raises."""
        with self._lock:
            model = ensure_ready(self._settings, model, self._progress)
            loop = self._started()
        future = asyncio.run_coroutine_threadsafe(self._ask(request, model), loop)
        return _wait(future)

    def close(self) -> None:
        """Unload the models and end the thread; the session can be used again afterwards."""
        with self._lock:
            loop, thread, models = self._loop, self._thread, self._models
            self._loop = self._thread = self._models = None
        if loop is None or thread is None:
            return
        if models is not None:
            _settle(asyncio.run_coroutine_threadsafe(models.aclose(), loop))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CLOSE_SECONDS)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_run_loop, args=(self._loop,), name="zaohua-session", daemon=True
            )
            self._thread.start()
            atexit.register(self.close)
        return self._loop

    async def _ask(self, request: ChatRequest, model: str) -> Collected:
        if self._models is None:
            from zaohua.generate.pool import open_models

            self._models = open_models(self._settings)
        async with self._models.use(model) as engine:
            return await collect(engine.chat(request))


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _wait(future: Future[Collected]) -> Collected:
    """The result; an interrupt (Ctrl-C, a notebook's stop button) frees the engine first."""
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _settle(future: Future[None]) -> None:
    try:
        future.result(CLOSE_SECONDS)
    except TimeoutError:
        future.cancel()
