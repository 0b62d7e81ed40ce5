"""A model run by OpenVINO; what that cannot do goes to llama.cpp, request by request."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from zaohua.errors import MissingExtraError
from zaohua.generate.fit import Plan, kv_values_per_token
from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.pipeline.engine import FASTER, ends_of, start_ours
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.worker_process import Launch
from zaohua.store.models import InstalledModel

_BYTES_PER_VALUE = 2


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
    return await start_ours(model, plan, home, launch)


def need_openvino() -> None:
    """Refuse to go on without it.

    Raises:
        MissingExtraError: it is not installed.
    """
    if find_spec("openvino_genai") is None:
        raise MissingExtraError("openvino", "the engine 'openvino'")


def _config(
    model: InstalledModel, plan: Plan, folder: Path, key: str, precision: str
) -> OpenVinoConfig:
    a_token = kv_values_per_token(model.metadata) * _BYTES_PER_VALUE
    return OpenVinoConfig(
        folder=str(folder),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=FASTER * plan.batch,
        cached=plan.prefix_cache // a_token,
        ends=ends_of(model),
        precision=precision,
    )
