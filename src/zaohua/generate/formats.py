"""Formats that a model's weights can be had in, and where what is made of a model belongs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from zaohua.progress import Progress, Silent
from zaohua.store.blobs import Blobs
from zaohua.store.files import locked
from zaohua.store.models import InstalledModel

Format = Literal["as is", "q4_0", "q8_0"]
"""``as is``: those of the file."""


def identity(model: InstalledModel) -> str:
    """The hash of the model's file; of what its folder says of it if it was never hashed."""
    if model.sha256:
        return model.sha256
    entry = model.path.stat()
    text = f"{model.path.resolve()} {entry.st_size} {entry.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()


def derived(model: InstalledModel, home: Path, what: str) -> Path:
    """Where something made from the model's file belongs; it goes when the model goes."""
    return Blobs(home).derived(identity(model), what)


def in_format(
    model: InstalledModel,
    weights: Format,
    home: Path,
    progress: Progress = Silent(),  # noqa: B008
) -> Path:
    """The model's file, or the one with all its matrices in ``weights``, written if need be.

    Raises:
        OSError: the new file cannot be written.
    """
    if weights == "as is":
        return model.path
    out = derived(model, home, f"all-{weights}.gguf")
    with locked(home / "locks" / f"{out.name}.lock", progress, f"'{model.name}' in {weights}"):
        if not out.exists():
            from zaohua.generate.weights import rewrite_all

            rewrite_all(model.path, out, weights, progress)
    return out
