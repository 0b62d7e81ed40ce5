"""How a model is run by llama.cpp."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable
from dataclasses import asdict, replace
from pathlib import Path

from zaohua.generate.fit import MIB, Plan
from zaohua.generate.llamacpp_worker import F16, Q8_0, WorkerConfig
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.turnstile import Turnstile
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

DEFAULT_TEMPLATE = "chatml"
"""The chat template of models that bring none: ``<|im_start|>role\\ncontent<|im_end|>``."""

IDLE_BYTES = 64 * MIB
"""Kept by a worker that looks up, of texts that nobody goes on with. Without it they stay among the
keys, where every token of others' answers passes them by, which takes time."""


async def start_llamacpp(
    model: InstalledModel,
    plan: Plan,
    home: Path,
    *,
    server: Path | None = None,
    lookup: bool = False,
    slots_endpoint: bool = False,
    turnstile: Turnstile | None = None,
) -> LocalEngine:
    """Load ``model`` as ``plan`` says, behind a queue of its own or ``turnstile``.

    It is the llama.cpp of the wheel, or ``server``, one compiled here. With ``lookup`` it guesses
    what follows from what followed the same words before: a guess stays only where the model
    writes the same. Probabilities of tokens are not told.

    Raises:
        EngineFailed: it did not load; says why in one line.
    """
    if not model.metadata.get("has_chat_template", True):
        _log.warning("model %s has no chat template: %s is used", model.name, DEFAULT_TEMPLATE)
    key = secrets.token_urlsafe(32)
    config = asdict(_config(model, plan, key, lookup=lookup, slots_endpoint=slots_endpoint))
    module = "zaohua.generate.llamacpp_worker"
    if server is not None:
        module, config = "zaohua.generate.native.worker", {**config, "server": str(server)}
    launch = Launch("llamacpp", module, str(model.path), key, config)
    return await LocalEngine.start(model, plan, home, launch, turnstile)


def wants_lookup(request: ChatRequest | CompletionRequest) -> str:
    """Whether a request asks for looking up, and can be served so: in a word or not at all."""
    wanted = request.prompt_lookup and not request.sampling.logprobs
    return "prompt lookup" if wanted else ""


async def start_with_lookup(
    model: InstalledModel, plan: Plan, home: Path, *, server: Path | None = None
) -> RoutedEngine:
    """As `start_llamacpp`; what asks for prompt lookup gets a second worker, loaded when needed.

    llama.cpp looks up for a whole server or not at all, and then tells no probabilities.

    Raises:
        EngineFailed: it did not load; says why in one line.
    """
    usual = await start_llamacpp(model, plan, home, server=server)
    lean = replace(plan, prefix_cache=min(plan.prefix_cache, IDLE_BYTES))

    def start_other() -> Awaitable[LocalEngine]:
        return start_llamacpp(
            model, lean, home, server=server, lookup=True, turnstile=usual.turnstile
        )

    return RoutedEngine(
        usual, start_other, wants_lookup, needed=False, name="a llama.cpp that looks up"
    )


def _config(
    model: InstalledModel, plan: Plan, key: str, *, lookup: bool, slots_endpoint: bool
) -> WorkerConfig:
    has_template = model.metadata.get("has_chat_template", True)
    return WorkerConfig(
        path=str(model.path),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=plan.batch,
        cache_type=F16 if plan.cache_type == "f16" else Q8_0,
        cache_ram_mib=plan.prefix_cache // MIB,
        chat_template="" if has_template else DEFAULT_TEMPLATE,
        slots_endpoint=slots_endpoint,
        lookup=lookup,
    )
