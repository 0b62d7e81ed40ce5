"""A model run by ik_llama.cpp, compiled here; what that cannot do goes to llama.cpp."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from zaohua.generate.fit import Plan, kv_values_per_token
from zaohua.generate.huge_pages import LARGE_PAGES
from zaohua.generate.ik.config import IkConfig
from zaohua.generate.pipeline.engine import FASTER, ends_of, start_ours
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

WAITING_AWAKE: Final = {"GOMP_SPINCOUNT": "20000"}
"""How often a thread looks whether the next step begins before it sleeps: some tenths of a
millisecond, as within a step (`shares.cpp`). Who shares the cores is seen by `crew`."""


async def start_ik(model: InstalledModel, plan: Plan, home: Path, *, library: Path) -> RoutedEngine:
    """Load ``model`` as ``plan`` says into ``library``, what was compiled here.

    Raises:
        EngineFailed: it did not load; says why in one line.
    """
    plan, key = in_f16(plan, model), secrets.token_urlsafe(32)
    config = IkConfig(
        path=str(model.path),
        library=str(library),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=max(FASTER * plan.batch, plan.slots),
        kept=plan.prefix_cache,
        ends=ends_of(model),
    )
    module = "zaohua.generate.ik.worker"
    environment = {**LARGE_PAGES, **WAITING_AWAKE}
    launch = Launch("ik", module, str(model.path), key, asdict(config), environment)
    return await start_ours(model, plan, home, launch)


def in_f16(plan: Plan, model: InstalledModel) -> Plan:
    """``plan`` with a cache in f16, which is all that there is without flash attention: where it
    counted on eight bits, for fewer tokens in the same memory."""
    if plan.cache_type == "f16":
        return plan
    tokens = plan.kv // (2 * kv_values_per_token(model.metadata))
    return replace(plan, context_length=max(tokens // 256 * 256, 256), cache_type="f16")
