"""A model run by OpenVINO; what that cannot do goes to llama.cpp, request by request."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from zaohua.errors import MissingExtraError
from zaohua.generate.fit import Plan, kv_values_per_token
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.builds import built
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
"""Those that OpenVINO reads from GGUF files."""

BYTE_LEVEL = "gpt2"
"""What GGUF calls tokens that are pieces of bytes."""

FASTER = 4
"""Prompt tokens a batch, times those of llama.cpp's wheel: about as long a wait for a stop."""

_BYTES_PER_VALUE = 2


def reads(model: InstalledModel) -> bool:
    """Whether OpenVINO knows the model's architecture and its tokens are bytes, as the worker
    takes them, and the model says how it is talked to."""
    told = model.metadata
    return bool(
        told.get("architecture") in ARCHITECTURES
        and told.get("tokenizer", BYTE_LEVEL) == BYTE_LEVEL
        and told.get("has_chat_template")
    )


async def start_openvino(
    model: InstalledModel, plan: Plan, home: Path, folder: Path, *, precision: str = "f32"
) -> RoutedEngine:
    """Load ``model``, whose graph is in ``folder``, as ``plan`` says, to be computed in
    ``precision`` (see `OpenVinoConfig`).

    Raises:
        MissingExtraError: OpenVINO is not installed.
        EngineFailed: it did not load; says why in one line.
    """
    need_openvino()
    key = secrets.token_urlsafe(32)
    config = asdict(_config(model, plan, folder, key, precision))
    launch = Launch("openvino", "zaohua.generate.openvino.worker", str(model.path), key, config)
    fast = await LocalEngine.start(model, plan, home, launch)
    build = built(home)
    server = build.server if build is not None else None

    def start_other() -> Awaitable[LocalEngine]:
        return start_llamacpp(model, plan, home, server=server, turnstile=fast.turnstile)

    return RoutedEngine(fast, start_other, lack, needed=True, name="llama.cpp")


def need_openvino() -> None:
    """Refuse to go on without it.

    Raises:
        MissingExtraError: it is not installed.
    """
    if not all(map(find_spec, ("llguidance", "openvino_genai"))):
        raise MissingExtraError("openvino", "the engine 'openvino'")


def lack(request: ChatRequest | CompletionRequest) -> str:
    """What of a request our pipeline cannot do; empty if it can do it all."""
    if request.grammar is not None and request.grammar.kind == "gbnf":
        return "a gbnf"
    return "a suffix" if isinstance(request, CompletionRequest) and request.suffix else ""


def _config(
    model: InstalledModel, plan: Plan, folder: Path, key: str, precision: str
) -> OpenVinoConfig:
    a_token = kv_values_per_token(model.metadata) * _BYTES_PER_VALUE
    ends = [model.metadata.get("eos_token_id"), model.metadata.get("eot_token_id")]
    return OpenVinoConfig(
        folder=str(folder),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=FASTER * plan.batch,
        cached=plan.prefix_cache // a_token,
        ends=tuple(int(end) for end in ends if end is not None),
        precision=precision,
    )
