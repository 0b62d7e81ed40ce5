"""Formats that a model's weights can be had in, and where what is made of a model belongs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from zaohua.progress import Progress, Silent
from zaohua.store.blobs import Blobs
from zaohua.store.files import locked
from zaohua.store.models import InstalledModel

Format = Literal["as is", "q4_0", "q8_0", "int4", "int8"]
"""``as is``: those of the file. ``int4``, ``int8``: a graph of OpenVINO's, see `BITS`."""

Bits = Literal[4, 8]
"""That a value takes."""

BITS: Final[Mapping[Format, Bits]] = {"int4": 4, "int8": 8}
"""Of a value, in the formats that are graphs with larger groups than those of GGUF files."""


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
    """The model's file, or the one with all its matrices in ``weights``, written if need be; of
    `BITS` a folder.

    Raises:
        MissingExtraError: OpenVINO is not installed, and the weights are of `BITS`.
        OSError: the new file cannot be written.
        RuntimeError: OpenVINO cannot read the model.
    """
    if weights == "as is":
        return model.path
    out = derived(model, home, weights if weights in BITS else f"all-{weights}.gguf")
    with locked(home / "locks" / f"{out.name}.lock", progress, f"'{model.name}' in {weights}"):
        if not out.exists():
            _write(model, weights, home, out, progress)
    return out


def _write(
    model: InstalledModel, weights: Format, home: Path, out: Path, progress: Progress
) -> None:
    if weights in BITS:
        from zaohua.generate.openvino.engine import need_openvino
        from zaohua.generate.openvino.readable import readable
        from zaohua.generate.openvino.weights import write_graph

        need_openvino()
        source = readable(model.path, derived(model, home, "q8_0.gguf"))
        write_graph(source, out, BITS[weights], progress)
    else:
        from zaohua.generate.weights import rewrite_all

        rewrite_all(model.path, out, weights, progress)
