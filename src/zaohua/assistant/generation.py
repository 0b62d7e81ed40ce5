"""One run of the engine for one answer: text into the answer, counts and times into its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from zaohua.assistant.allowance import Allowance
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.ledger import Opened
from zaohua.assistant.prices import Prices
from zaohua.assistant.probabilities import compact
from zaohua.assistant.prompt import Prompt, build, fit
from zaohua.assistant.running import Ending, RunningAnswer
from zaohua.assistant.tools import ToolEnded, ToolStarted
from zaohua.assistant.tools.loop import LoopEvent
from zaohua.assistant.turn.turn import Turn
from zaohua.assistant.turn.values import Prepared, Reply
from zaohua.assistant.values import AnswerTimings, Status, TokenUsage
from zaohua.errors import ZaohuaError
from zaohua.generate.engine import Engine, Models
from zaohua.generate.events import Chunk, Finished, PromptProgress, Waiting
from zaohua.generate.failures import ContextExceeded

log = logging.getLogger(__name__)

MAX_CHARACTERS = 4_000_000


class Generation:
    """Runs the engine for ``answer``; ``touch`` is told when the answer has new text."""

    def __init__(
        self,
        models: Models,
        prices: Prices,
        answer: RunningAnswer,
        opened: Opened,
        turn: Turn,
        *,
        touch: Callable[[RunningAnswer], None],
        allowance: Allowance | None,
    ) -> None:
        self._models = models
        self._prices = prices
        self._answer = answer
        self._opened = opened
        self._turn = turn
        self._touch = touch
        self._allowance = allowance
        self._began: float | None = None
        self._first: float | None = None
        self._shown: float | None = None
        self._noted = False
        self._prompt: Prompt | None = None
        self._finish_reason: str | None = None
        self._finished: Finished | None = None
        self._chunks = 0
        self._characters = 0
        self._written: list[str] = []
        self._content: list[str] = []
        self._tokens: list[Any] = []
        self._usage: TokenUsage | None = None

    async def run(self) -> Ending:
        """Write the answer to its end; failures become part of the `Ending`."""
        try:
            async with self._models.use(self._answer.model) as engine:
                await self._generate(engine)
        except ZaohuaError as error:
            return self.ending(self._broken(), error.line())
        except Exception:
            log.exception("an answer broke off")
            return self.ending(self._broken(), "something went wrong; the server's log says what")
        return self.ending("complete")

    def ending(self, status: Status, error: str | None = None) -> Ending:
        """The end of the answer as things are now."""
        self._usage = self._count()
        self._note_engine()
        self._show(*self._turn.cut())
        answer = "".join(self._content)
        concluded = self._turn.conclude(answer)
        return Ending(
            status=status,
            finish_reason=self._finish_reason if status == "complete" else None,
            error=error,
            usage=self._usage,
            timings=self._timings(self._usage),
            cost=self._prices.cost(self._answer.model, self._usage) if self._usage else None,
            context_note=self._prompt.note if self._prompt else None,
            citations=concluded.citations,
            claims=concluded.claims,
            trace=concluded.trace,
            tokens=self._tokens if self._tokens and answer == "".join(self._written) else None,
        )

    def settle(self) -> None:
        """Book what the answer used."""
        if self._allowance is not None:
            usage = self._usage or TokenUsage(prompt_tokens=0, completion_tokens=0, cached_tokens=0)
            self._allowance.settle(usage["prompt_tokens"], usage["completion_tokens"])

    async def _generate(self, engine: Engine) -> None:
        prepared = await self._turn.prepare(engine.info)
        if isinstance(prepared, Reply):
            self._say(prepared.text)
            return
        await self._answered(engine, prepared)
        self._note_engine()
        self._show(*await self._turn.rest())

    async def _answered(self, engine: Engine, prepared: Prepared) -> None:
        given = (prepared.conversation, prepared.branch)
        compacting = prepared.conversation.overflow == "compact"
        self._prompt = (
            await fit(engine, *given, prepared.material)
            if compacting
            else build(*given, material=prepared.material)
        )
        try:
            await self._stream(engine, self._prompt)
        except ContextExceeded as error:
            if not compacting or self._chunks or engine.info.context_length:
                raise
            self._prompt = await fit(engine, *given, prepared.material, error.context_length)
            await self._stream(engine, self._prompt)

    def _say(self, reply: str) -> None:
        """Answer without the model."""
        self._first = time.monotonic()
        self._finish_reason = "stop"
        self._written.append(reply)
        self._show("", reply)

    async def _stream(self, engine: Engine, prompt: Prompt) -> None:
        self._began = time.monotonic()
        request = replace(prompt.request, user=self._user)
        limit = self._allowance.max_tokens if self._allowance else None
        if limit is not None:
            least = min(limit, request.sampling.max_tokens or limit)
            request = replace(request, sampling=replace(request.sampling, max_tokens=least))
        async with aclosing(self._turn.answer(engine, request)) as events:
            async for event in events:
                if not await self._take(event):
                    self._finish_reason = "content_filter" if self._turn.ended else "length"
                    return

    def _note_engine(self) -> None:
        """Let the turn note what the engine did, once."""
        if self._began is not None and not self._noted:
            self._noted = True
            seconds = time.monotonic() - self._began
            self._turn.engine(self._finished, seconds=seconds, written=self._chunks)

    @property
    def _user(self) -> str:
        """Who takes turns with others: the key; where there are none, the conversation."""
        answer = self._answer
        return answer.conversation_id if answer.owner == LOCAL_OWNER else answer.owner

    async def _take(self, event: LoopEvent) -> bool:
        """Use one event; False when no more may come."""
        match event:
            case Waiting() | PromptProgress():
                self._answer.tell(event)
            case Finished():
                self._finished = event
            case ToolEnded():
                self._turn.call(event)
            case ToolStarted():
                pass
            case Chunk():
                self._finish_reason = event.finish_reason or self._finish_reason
                return await self._add(event) if event.text or event.reasoning else True
        return True

    async def _add(self, chunk: Chunk) -> bool:
        self._first = self._first or time.monotonic()
        self._chunks += max(1, len(chunk.logprobs))
        self._characters += len(chunk.text) + len(chunk.reasoning)
        self._tokens.extend(compact(token) for token in chunk.logprobs if chunk.text)
        self._written.append(chunk.text)
        self._show(*self._turn.hear(chunk.reasoning, chunk.text))
        if self._turn.ended:
            return False
        spent = self._allowance is None or await self._allowance.spend(max(1, len(chunk.logprobs)))
        return spent and self._characters < MAX_CHARACTERS

    def _show(self, reasoning: str, text: str) -> None:
        """Hand to readers what they may see."""
        if not reasoning and not text:
            return
        self._shown = self._shown or time.monotonic()
        self._content.append(text)
        self._answer.gather(reasoning, text)
        self._touch(self._answer)

    def _broken(self) -> Status:
        return "interrupted" if self._chunks else "failed"

    def _count(self) -> TokenUsage | None:
        """Tokens as the engine counted them, else as they were seen to go by."""
        if self._finished is not None:
            usage = self._finished.usage
            return TokenUsage(
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                cached_tokens=usage.cached_tokens,
            )
        told = self._answer.progress
        progress = told if isinstance(told, PromptProgress) else None
        if progress is None and not self._chunks:
            return None
        return TokenUsage(
            prompt_tokens=progress.total if progress else 0,
            completion_tokens=self._chunks,
            cached_tokens=progress.cached if progress else 0,
        )

    def _timings(self, usage: TokenUsage | None) -> AnswerTimings | None:
        """None if no text was shown; the speed is that of the engine."""
        if self._first is None or self._shown is None:
            return None
        end = time.monotonic()
        written = usage["completion_tokens"] if usage else 0
        speed = self._finished.timings.tokens_per_second(written) if self._finished else 0.0
        if not speed and end > self._first and written > 1:
            speed = (written - 1) / (end - self._first)
        return AnswerTimings(
            first_token_ms=round((self._shown - self._answer.asked) * 1000, 1),
            total_ms=round((end - self._answer.asked) * 1000, 1),
            tokens_per_second=round(speed, 2),
        )
