"""What a run records: JSON lines and TensorBoard always, Weights & Biases when asked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from zaohua.errors import MissingExtraError
from zaohua.store.files import write_atomic
from zaohua.train.state import Entry

HISTORY = "history.jsonl"
TENSORBOARD = "tensorboard"


class Log:
    """Writes the entries of a run's history; as a context manager it closes its files.

    Args:
        folder: of the run.
        history: what stays of an earlier part of the run; entries after it are removed, so that
            a resumed run has none twice.
        wandb: project; empty: none. Offline as Weights & Biases' own variables say.
        config: of the run, for Weights & Biases.

    Raises:
        MissingExtraError: Weights & Biases was asked for and is not installed.
    """

    def __init__(
        self, folder: Path, history: Iterable[Entry], wandb: str = "", config: Entry | None = None
    ) -> None:
        self._wandb = _wandb(folder, wandb, config or {}) if wandb else None
        from torch.utils.tensorboard import SummaryWriter

        kept = list(history)
        write_atomic(folder / HISTORY, b"".join(_line(entry) for entry in kept))
        self._lines: IO[bytes] = (folder / HISTORY).open("ab")
        after = kept[-1]["step"] + 1 if kept else 0
        self._board: Any = SummaryWriter(str(folder / TENSORBOARD), purge_step=after)

    def __enter__(self) -> Self:
        """Ready to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all that was opened."""
        self._lines.close()
        self._board.close()
        if self._wandb is not None:
            self._wandb.finish()

    def write(self, entry: Entry) -> None:
        """Record one entry."""
        self._lines.write(_line(entry))
        self._lines.flush()
        figures = {f"{entry['kind']}/{name}": value for name, value in _figures(entry).items()}
        for name, value in figures.items():
            self._board.add_scalar(name, value, entry["step"])
        if self._wandb is not None:
            self._wandb.log(figures, step=entry["step"])


def _figures(entry: Entry) -> dict[str, float]:
    return {k: v for k, v in entry.items() if k not in ("kind", "step") and math.isfinite(v)}


def _line(entry: Entry) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _wandb(folder: Path, project: str, config: Entry) -> Any:
    try:
        wandb = import_module("wandb")
    except ImportError as error:
        raise MissingExtraError("wandb", "logging to Weights & Biases") from error
    identity = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
    return wandb.init(project=project, dir=folder, id=identity, resume="allow", config=config)
