"""An engine that only pretends: deterministic, without weights, for tests and ``--engine fake``.

It answers with an opening and the last user message. The same request gives the same text; another
seed or answer index may give another opening. Magic words in the last user message change what it
does; they are taken out of the text it repeats:

- ``[[say TEXT]]`` answers exactly TEXT, ``[[words 500]]`` 500 words, ``[[markdown]]`` a sample with
  table, code and math, ``[[reason]]`` reasons before it answers.
- ``[[slow]]`` or ``[[slow 0.5]]`` waits that many seconds before each token (0.2),
  ``[[prompt 3]]`` takes 3 s to read the prompt and tells its progress, ``[[silent 20]]`` says
  nothing for 20 s.
- ``[[fail]]`` raises `EngineFailed` at once, ``[[fail after 5]]`` after 5 tokens, ``[[busy]]``
  raises `EngineBusy`.
- ``[[tool]]`` calls the first tool given with the smallest valid arguments; a tool's result is then
  repeated in the answer.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

from zaohua.generate.engine import Engine, EngineInfo, ServedModel
from zaohua.generate.events import (
    Alternative,
    Chunk,
    Event,
    Finished,
    FinishReason,
    PromptProgress,
    Timings,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from zaohua.generate.failures import (
    ContextExceeded,
    EngineBusy,
    EngineFailed,
    ModelNotFound,
    RequestRefused,
)
from zaohua.generate.fake_script import Script, chat_script, completion_script, words_of
from zaohua.generate.in_turn import in_turn
from zaohua.generate.request import ChatRequest, CompletionRequest, Sampling
from zaohua.generate.sampling import check_sampling, stops_of
from zaohua.generate.turnstile import Turnstile

FAKE_SLOTS = 64
"""Answers at once, unless told otherwise."""

_WORD_IDS_FROM = 0x110000
_PROGRESS_STEPS = 4


class FakeEngine:
    """A deterministic `Engine`; see the module's text for the magic words.

    Args:
        model: name it goes by.
        context_length: prompts longer than this raise `ContextExceeded`.
        delay: seconds before each token.
        slots: answers at once; what comes beside them waits.
        max_wait_seconds: what would wait longer is refused.

    Attributes:
        open: requests being answered now.
        cancelled: requests closed before their end.
        finished: requests answered to the end.
        failed: requests that raised.
    """

    def __init__(
        self,
        model: str = "fake",
        *,
        context_length: int = 8192,
        delay: float = 0.0,
        slots: int = FAKE_SLOTS,
        max_wait_seconds: float = 60.0,
    ) -> None:
        self.delay = delay
        self.open = 0
        self.cancelled = 0
        self.finished = 0
        self.failed = 0
        self.closed = False
        self._info = EngineInfo(model, context_length, slots, "fake")
        self._turnstile = Turnstile(slots, max_wait_seconds=max_wait_seconds)
        self._words: dict[int, str] = {}
        self._last_prompt: list[int] = []

    @property
    def info(self) -> EngineInfo:
        """Name, context length and slots as given."""
        return self._info

    @property
    def turnstile(self) -> Turnstile:
        """The queue before it."""
        return self._turnstile

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation as its last user message says."""
        return in_turn(self._turnstile, request, lambda: self._counted(self._chat(request)))

    async def _chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        check_sampling(request.sampling)
        scripts = [chat_script(request, i) for i in range(request.sampling.n)]
        async with aclosing(self._run(self._prompt(request), scripts, request.sampling)) as run:
            async for event in run:
                yield event

    def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text."""
        return in_turn(self._turnstile, request, lambda: self._counted(self._complete(request)))

    async def _complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        check_sampling(request.sampling)
        given = request.prompt
        text = given if isinstance(given, str) else "".join(map(self._word, given))
        scripts = [completion_script(request, text, i) for i in range(request.sampling.n)]
        async with aclosing(self._run(self._ids(text), scripts, request.sampling)) as run:
            async for event in run:
                yield event

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """One id a word; ``special`` adds id 1 at the start."""
        return [1, *self._ids(text)] if special else self._ids(text)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The words of ids that this engine has given."""
        return "".join(map(self._word, tokens))

    async def count_tokens(self, request: ChatRequest) -> int:
        """Words of all messages and tools, four more for each message."""
        return len(self._prompt(request))

    async def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncIterator[TokenLogprob]:
        """A made-up probability of each word of ``answer``."""
        for word in words_of(answer):
            await asyncio.sleep(self.delay)
            yield self._logprob(word, top)

    def resident(self) -> int:
        """Nothing here."""
        return 0

    async def alive(self) -> bool:
        """True until closed."""
        return not self.closed

    async def aclose(self) -> None:
        """Refuse what comes after."""
        self.closed = True

    async def _counted(self, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        self.open += 1
        try:
            async with aclosing(events) as inner:
                async for event in inner:
                    yield event
            self.finished += 1
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled += 1
            raise
        except Exception:
            self.failed += 1
            raise
        finally:
            self.open -= 1

    async def _run(
        self, prompt: list[int], scripts: list[Script], sampling: Sampling
    ) -> AsyncGenerator[Event]:
        first = scripts[0]
        self._refuse(first, len(prompt))
        cached = self._cached(prompt)
        async for progress in _read_prompt(first, len(prompt), cached):
            yield progress
        await asyncio.sleep(first.silent)
        room = self._info.context_length - len(prompt)
        limit = room if sampling.max_tokens is None else min(room, sampling.max_tokens)
        told, calls = 0, [list(self._pieces(i, s, sampling, limit)) for i, s in enumerate(scripts)]
        delay = self.delay if first.delay is None else first.delay
        for position in range(max(map(len, calls))):
            for pieces in calls:
                if position >= len(pieces):
                    continue
                if first.fail_after is not None and told >= first.fail_after:
                    raise EngineFailed("the fake engine failed as it was told to")
                await asyncio.sleep(delay)
                told += pieces[position].finish_reason is None
                yield pieces[position]
        yield Finished(Usage(len(prompt), told, cached), Timings(1.0, max(1.0, told * delay * 1e3)))

    def _refuse(self, script: Script, prompt_tokens: int) -> None:
        if self.closed or script.refuse == "fail":
            raise EngineFailed("the fake engine failed as it was told to")
        if script.refuse == "busy":
            raise EngineBusy("the fake engine is busy as it was told to be")
        if prompt_tokens >= self._info.context_length:
            raise ContextExceeded(prompt_tokens, self._info.context_length)

    def _cached(self, prompt: list[int]) -> int:
        common = 0
        for old, new in zip(self._last_prompt, prompt[:-1], strict=False):
            if old != new:
                break
            common += 1
        self._last_prompt = prompt
        return common

    def _pieces(
        self, index: int, script: Script, sampling: Sampling, limit: int
    ) -> Iterator[Chunk]:
        told = 0
        for word in words_of(script.reasoning)[:limit]:
            yield Chunk(index, reasoning=word)
            told += 1
        if script.call is not None:
            yield from _call_pieces(index, *script.call)
            return
        words = words_of(_until_stop(script.text, stops_of(sampling)))
        for word in words[: limit - told]:
            logprobs = (self._logprob(word, sampling.top_logprobs),) if sampling.logprobs else ()
            yield Chunk(index, word, logprobs=logprobs)
        reason: FinishReason = "length" if len(words) > limit - told else "stop"
        yield Chunk(index, finish_reason=reason)

    def _logprob(self, word: str, top: int) -> TokenLogprob:
        first = -0.05 - zlib.crc32(word.encode("utf-8", "replace")) % 100 / 200
        others = [(word, first), *((f"{word}~{i}", first - i) for i in range(1, top))]
        alternatives = tuple(
            Alternative(w, p, w.encode("utf-8", "replace"), self._id(w)) for w, p in others[:top]
        )
        return TokenLogprob(
            word, first, word.encode("utf-8", "replace"), self._id(word), alternatives
        )

    def _prompt(self, request: ChatRequest) -> list[int]:
        ids: list[int] = []
        for tool in request.tools:
            ids += self._ids(f"{tool.name} {tool.description} {tool.parameters}")
        for message in request.messages:
            ids += [2, *self._ids(message.role), 10, *self._ids(message.content), 3]
        return ids

    def _ids(self, text: str) -> list[int]:
        return [self._id(word) for word in words_of(text)]

    def _id(self, word: str) -> int:
        if len(word) == 1:
            return ord(word)
        number = _WORD_IDS_FROM + zlib.crc32(word.encode("utf-8", "replace")) % 2**30
        self._words[number] = word
        return number

    def _word(self, token: int) -> str:
        if 0 <= token < _WORD_IDS_FROM:
            return chr(token)
        if token not in self._words:
            raise RequestRefused(f"there is no token {token}", param="tokens")
        return self._words[token]


async def _read_prompt(script: Script, total: int, cached: int) -> AsyncIterator[PromptProgress]:
    for step in range(_PROGRESS_STEPS + 1):
        yield PromptProgress(total, cached, cached + (total - cached) * step // _PROGRESS_STEPS)
        if step < _PROGRESS_STEPS:
            await asyncio.sleep(script.prompt_seconds / _PROGRESS_STEPS)


def _call_pieces(index: int, name: str, arguments: str) -> Iterator[Chunk]:
    call_id = f"call_{zlib.crc32(f'{index}{name}{arguments}'.encode()):08x}"
    yield Chunk(index, tool_calls=(ToolCallDelta(0, call_id, name),))
    for word in words_of(arguments):
        yield Chunk(index, tool_calls=(ToolCallDelta(0, arguments=word),))
    yield Chunk(index, finish_reason="tool_calls")


def _until_stop(text: str, stops: list[str]) -> str:
    return text[: min((p for p in map(text.find, stops) if p >= 0), default=len(text))]


class FakeModels:
    """Two fake models, ``fake`` and ``fake-2``, always ready; ``engines`` gives them by name."""

    def __init__(
        self, *names: str, delay: float = 0.0, context_length: int = 8192, slots: int = FAKE_SLOTS
    ) -> None:
        self.engines = {
            name: FakeEngine(name, delay=delay, context_length=context_length, slots=slots)
            for name in names or ("fake", "fake-2")
        }

    @property
    def default(self) -> str:
        """The first model."""
        return next(iter(self.engines))

    def list(self) -> list[ServedModel]:
        """All models, ready."""
        return [
            ServedModel(
                name,
                "ready",
                "fake",
                engine.info.context_length,
                title=f"Fake ({name})",
                licence="Apache-2.0",
                languages=("zh", "en"),
                slots=engine.info.slots,
            )
            for name, engine in self.engines.items()
        ]

    def turnstiles(self) -> Mapping[str, Turnstile]:
        """The queues before all models."""
        return {name: engine.turnstile for name, engine in self.engines.items()}

    def use(self, name: str = "") -> AbstractAsyncContextManager[Engine]:
        """Lend a model.

        Raises:
            ModelNotFound: no such model (on entering).
        """
        return self._use(name or self.default)

    @asynccontextmanager
    async def _use(self, name: str) -> AsyncIterator[Engine]:
        if name not in self.engines:
            raise ModelNotFound(name, tuple(self.engines))
        yield self.engines[name]

    async def aclose(self) -> None:
        """Close every engine."""
        for engine in self.engines.values():
            await engine.aclose()
