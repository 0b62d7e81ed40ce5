"""Starts a worker of our pipeline; what that cannot do goes to llama.cpp, request by request."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

from zaohua.generate.fit import Plan
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.builds import built
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
"""Those that OpenVINO reads from GGUF files, and that were tried with ik_llama.cpp."""

BYTE_LEVEL = "gpt2"
"""What GGUF calls tokens that are pieces of bytes."""

FASTER = 4
"""Prompt tokens a batch, times those of llama.cpp's wheel: about as long a wait for a stop."""


def reads(model: InstalledModel) -> bool:
    """Whether the model's architecture is known and its tokens are bytes, as the pipeline takes
    them, and the model says how it is talked to."""
    told = model.metadata
    return bool(
        told.get("architecture") in ARCHITECTURES
        and told.get("tokenizer", BYTE_LEVEL) == BYTE_LEVEL
        and told.get("has_chat_template")
    )


def ends_of(model: InstalledModel) -> tuple[int, ...]:
    """The tokens that end an answer."""
    ends = (model.metadata.get("eos_token_id"), model.metadata.get("eot_token_id"))
    return tuple(int(end) for end in ends if end is not None)


def lack(request: ChatRequest | CompletionRequest) -> str:
    """What of a request our pipeline cannot do; empty if it can do it all."""
    if request.grammar is not None and request.grammar.kind == "gbnf":
        return "a gbnf"
    return "a suffix" if isinstance(request, CompletionRequest) and request.suffix else ""


async def start_ours(model: InstalledModel, plan: Plan, home: Path, launch: Launch) -> RoutedEngine:
    """Load ``model`` as ``plan`` says into the worker that ``launch`` tells of.

    Raises:
        EngineFailed: it did not load; says why in one line.
    """
    fast = await LocalEngine.start(model, plan, home, launch)
    build = built(home)
    server = build.file if build is not None else None

    def start_other() -> Awaitable[LocalEngine]:
        return start_llamacpp(model, plan, home, server=server, turnstile=fast.turnstile)

    return RoutedEngine(fast, start_other, lack, needed=True, name="llama.cpp")
