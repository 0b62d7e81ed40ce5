"""How a model is run by llama.cpp."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict
from pathlib import Path

from zaohua.generate.fit import MIB, Plan
from zaohua.generate.llamacpp_worker import F16, Q8_0, WorkerConfig
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.turnstile import Turnstile
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

DEFAULT_TEMPLATE = "chatml"
"""The chat template of models that bring none: ``<|im_start|>role\\ncontent<|im_end|>``."""


async def start_llamacpp(
    model: InstalledModel,
    plan: Plan,
    home: Path,
    *,
    server: Path | None = None,
    slots_endpoint: bool = False,
    turnstile: Turnstile | None = None,
) -> LocalEngine:
    """Load ``model`` as ``plan`` says, behind a queue of its own or ``turnstile``.

    It is the llama.cpp of the wheel, or ``server``, one compiled here.

    Raises:
        EngineFailed: it did not load; says why in one line.
    """
    if not model.metadata.get("has_chat_template", True):
        _log.warning("model %s has no chat template: %s is used", model.name, DEFAULT_TEMPLATE)
    key = secrets.token_urlsafe(32)
    config = asdict(_config(model, plan, key, slots_endpoint=slots_endpoint))
    module = "zaohua.generate.llamacpp_worker"
    if server is not None:
        module, config = "zaohua.generate.native.worker", {**config, "server": str(server)}
    launch = Launch("llamacpp", module, str(model.path), key, config)
    return await LocalEngine.start(model, plan, home, launch, turnstile)


def _config(model: InstalledModel, plan: Plan, key: str, *, slots_endpoint: bool) -> WorkerConfig:
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
    )
