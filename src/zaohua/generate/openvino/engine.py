"""A model run by OpenVINO; what that cannot do goes to llama.cpp, request by request."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from zaohua.errors import MissingExtraError
from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Event, TokenLogprob
from zaohua.generate.fit import Plan, kv_values_per_token
from zaohua.generate.formats import derived
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.turnstile import Turnstile
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
"""Those that OpenVINO reads from GGUF files."""

FASTER = 4
"""Prompt tokens a batch, times those of llama.cpp's wheel: about as long a wait for a stop."""

_BYTES_PER_VALUE = 2


def reads(model: InstalledModel) -> bool:
    """Whether OpenVINO knows the model's architecture, and the model says how it is talked to."""
    return model.metadata.get("architecture") in ARCHITECTURES and bool(
        model.metadata.get("has_chat_template")
    )


async def start_openvino(
    model: InstalledModel, plan: Plan, home: Path, *, precision: str = "f32"
) -> RoutedEngine:
    """Load ``model`` as ``plan`` says, to be computed in ``precision`` (``f32`` or ``bf16``).

    Raises:
        MissingExtraError: OpenVINO is not installed.
        EngineFailed: it did not load; says why in one line.
    """
    if find_spec("openvino_genai") is None:
        raise MissingExtraError("openvino", "the engine 'openvino'")
    key = secrets.token_urlsafe(32)
    config = _config(model, plan, home, key, precision)
    launch = Launch(
        "openvino", "zaohua.generate.openvino.worker", str(model.path), key, asdict(config)
    )
    fast = await LocalEngine.start(model, plan, home, launch)
    return RoutedEngine(fast, lambda: start_llamacpp(model, plan, home, turnstile=fast.turnstile))


def lack(request: ChatRequest | CompletionRequest) -> str:
    """What of a request OpenVINO cannot do; empty if it can do it all."""
    sampling = request.sampling
    more = _of_chat(request) if isinstance(request, ChatRequest) else {"a suffix": request.suffix}
    asked = {
        "a seed": sampling.seed is not None and sampling.temperature != 0,
        "logit_bias": sampling.logit_bias,
        "top_logprobs": sampling.logprobs and sampling.top_logprobs,
        "a grammar": request.grammar,
        **more,
    }
    return next((what for what, wanted in asked.items() if wanted), "")


def _of_chat(request: ChatRequest) -> dict[str, object]:
    choice, last = request.tool_choice, request.messages[-1:]
    return {
        "a call that must happen": request.tools and (choice.mode == "required" or choice.name),
        "going on with an answer": last and last[0].role == "assistant",
    }


class RoutedEngine:
    """An `Engine` of two: ``fast`` for what it can do, the other, loaded when first needed.

    Args:
        fast: the OpenVINO engine.
        start_other: loads the other one.
    """

    def __init__(
        self, fast: LocalEngine, start_other: Callable[[], Awaitable[LocalEngine]]
    ) -> None:
        self._fast = fast
        self._start_other = start_other
        self._other: LocalEngine | None = None
        self._starting = asyncio.Lock()

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""
        return self._fast.info

    @property
    def turnstile(self) -> Turnstile:
        """The queue before both."""
        return self._fast.turnstile

    @property
    def pid(self) -> int:
        """Process id of the fast worker; 0 while there is none."""
        return self._fast.pid

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation."""
        engine = await self._for(lack(request))
        async with aclosing(engine.chat(request)) as events:
            async for event in events:
                yield event

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text."""
        engine = await self._for(lack(request))
        async with aclosing(engine.complete(request)) as events:
            async for event in events:
                yield event

    async def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncGenerator[TokenLogprob]:
        """The model's probability of each token of ``answer``."""
        engine = await self._for("scoring")
        async with aclosing(engine.score(request, answer, top)) as tokens:
            async for token in tokens:
                yield token

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text``."""
        return await self._fast.tokenize(text, special=special)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``."""
        return await self._fast.detokenize(tokens)

    async def count_tokens(self, request: ChatRequest) -> int:
        """Length in tokens of the rendered prompt."""
        return await self._fast.count_tokens(request)

    async def alive(self) -> bool:
        """Whether the worker runs and answers."""
        return await self._fast.alive()

    async def aclose(self) -> None:
        """End both workers."""
        async with self._starting:
            other, self._other = self._other, None
        await self._fast.aclose()
        if other is not None:
            await other.aclose()

    async def _for(self, lacking: str) -> LocalEngine:
        if not lacking:
            return self._fast
        async with self._starting:
            _log.info("%s asks for %s: llama.cpp answers", self.info.model, lacking)
            if self._other is None:
                self._other = await self._start_other()
            return self._other


def _config(
    model: InstalledModel, plan: Plan, home: Path, key: str, precision: str
) -> OpenVinoConfig:
    a_token = kv_values_per_token(model.metadata) * _BYTES_PER_VALUE
    ends = [model.metadata.get("eos_token_id"), model.metadata.get("eot_token_id")]
    return OpenVinoConfig(
        path=str(model.path),
        rewritten=str(derived(model, home, "q8_0.gguf")),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=FASTER * plan.batch,
        cached=plan.prefix_cache // a_token,
        ends=tuple(int(end) for end in ends if end is not None),
        precision=precision,
    )
