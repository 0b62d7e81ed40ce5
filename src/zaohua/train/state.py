"""Checkpoints of a run: written whole or not at all, verified when read, the oldest removed.

``FOLDER/checkpoints/step-00000120/`` holds ``model.safetensors`` (trainable parameters and
buffers; frozen ones are the start's), ``optimiser.safetensors`` and ``state.json`` with the sha256
of both. Chance needs no state: every step seeds it anew (`zaohua.train.chance`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from zaohua.errors import IntegrityError
from zaohua.progress import Progress
from zaohua.store.files import sha256_of, sync_folder, write_atomic
from zaohua.train.optimisers import Optimiser
from zaohua.train.stopping import DivergedError

FOLDER = "checkpoints"
MODEL, OPTIMISER, STATE = "model.safetensors", "optimiser.safetensors", "state.json"

Entry = dict[str, Any]
"""One line of history: ``kind`` (``step`` or ``validation``), ``step`` and figures."""


@dataclass(slots=True)
class State:
    """How far a run is.

    Attributes:
        step: steps done.
        skipped: of these, without a target.
        tokens: positions computed, padding included.
        targets: positions learned from.
        seconds: of the whole run, also before it was resumed.
        history: what was recorded.
    """

    step: int = 0
    skipped: int = 0
    tokens: int = 0
    targets: int = 0
    seconds: float = 0.0
    history: list[Entry] = field(default_factory=list)


def save(folder: Path, state: State, model: nn.Module, optimiser: Optimiser, keep: int) -> Path:
    """Write a checkpoint; all but the newest ``keep`` are removed.

    Raises:
        DivergedError: a parameter is not finite; nothing is written.
        OSError: the disk is full or gone; the checkpoints before are as they were.
    """
    tensors = _tensors(model)
    _require_finite(tensors, state.step)
    home = folder / FOLDER
    target = home / f"step-{state.step:08d}"
    part = home / f".{target.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _write(part, state, tensors, optimiser.tensors())
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(home)
    for old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def restore(
    folder: Path, model: nn.Module, optimiser: Optimiser, progress: Progress
) -> State | None:
    """Put model and optimiser back to the newest checkpoint that is whole; ``None``: there is none.

    Raises:
        IntegrityError: the checkpoint is of another model or optimiser.
    """
    for path in reversed(checkpoints(folder)):
        try:
            state, tensors, gathered = _read(path)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError, IntegrityError) as error:
            progress.note(f"checkpoint {path.name} is damaged ({error}); trying the one before")
            continue
        _put_back(path, model, tensors, optimiser, gathered)
        return state
    return None


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted((folder / FOLDER).glob("step-*"))


def clear(folder: Path) -> None:
    """Remove all checkpoints of a run that is finished."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _write(
    part: Path, state: State, tensors: Mapping[str, Tensor], gathered: Mapping[str, Tensor]
) -> None:
    for name, values in ((MODEL, tensors), (OPTIMISER, gathered)):
        save_file({key: value.contiguous() for key, value in values.items()}, part / name)
        _sync(part / name)
    digests = {name: sha256_of(part / name) for name in (MODEL, OPTIMISER)}
    content = {"state": asdict(state), "sha256": digests}
    write_atomic(part / STATE, json.dumps(content).encode())


def _read(path: Path) -> tuple[State, dict[str, Tensor], dict[str, Tensor]]:
    content = json.loads((path / STATE).read_bytes())
    for name, digest in content["sha256"].items():
        if sha256_of(path / name) != digest:
            raise IntegrityError("its content is not what was written", where=name)
    return State(**content["state"]), load_file(path / MODEL), load_file(path / OPTIMISER)


def _put_back(
    path: Path,
    model: nn.Module,
    tensors: Mapping[str, Tensor],
    optimiser: Optimiser,
    gathered: Mapping[str, Tensor],
) -> None:
    mine = _tensors(model)
    alike = mine.keys() == tensors.keys() and all(
        mine[name].shape == tensors[name].shape for name in mine
    )
    if not alike:
        mend = "remove the folder to train from the beginning"
        raise IntegrityError("the checkpoint is of another model", where=str(path), mend=mend)
    with torch.no_grad():
        for name, value in mine.items():
            value.copy_(tensors[name])
    optimiser.restore(gathered)


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    """What a step can change: trainable parameters, tied ones once, and buffers that are saved."""
    kept = model.state_dict().keys()
    parameters = {n: p.detach() for n, p in model.named_parameters() if p.requires_grad}
    return parameters | {name: b for name, b in model.named_buffers() if name in kept}


def _require_finite(tensors: Mapping[str, Tensor], step: int) -> None:
    for name, value in tensors.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise DivergedError(f"parameter {name} is not finite after step {step}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
