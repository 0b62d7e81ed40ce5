"""Ways to run a local model: which program, on which weights, how precisely; starting one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from zaohua.errors import UnavailableError
from zaohua.generate.fit import Plan
from zaohua.generate.formats import BITS, Format, in_format
from zaohua.generate.ik.engine import start_ik
from zaohua.generate.llamacpp import start_with_lookup
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.builds import built
from zaohua.generate.native.products import IK, LLAMACPP, Product
from zaohua.generate.openvino.engine import start_openvino
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.upstream_body import WorkerKind
from zaohua.progress import Progress, Silent
from zaohua.store.models import InstalledModel

Program = Literal["llamacpp", "llamacpp-native", "ik", "openvino"]
"""``llamacpp-native`` and ``ik``: compiled on this machine, by ``zaohua engine build``."""

Precision = Literal["f32", "mixed"]
"""Of OpenVINO's arithmetic: bf16 reads prompts faster where a processor has matrix units, f32
writes faster and is closer to other engines; ``mixed`` does each in its own.
"""

NAMES: Final[Mapping[str, str]] = {
    "llamacpp": "llama.cpp",
    "llamacpp-native": "llama.cpp compiled here",
    "ik": "ik_llama.cpp compiled here",
    "openvino": "OpenVINO",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """One way to run a model.

    Raises:
        ValueError: OpenVINO on weights that are none of `BITS`, which are all that it runs.
    """

    program: Program = "llamacpp"
    weights: Format = "as is"
    precision: Precision = "f32"

    def __post_init__(self) -> None:
        if self.program == "openvino" and self.weights not in BITS:
            raise ValueError(f"OpenVINO does not run weights {self.weights}")

    @property
    def kind(self) -> WorkerKind:
        """The engine that it is, however it was compiled."""
        return "llamacpp" if self.program == "llamacpp-native" else self.program

    @property
    def label(self) -> str:
        """For people."""
        program = NAMES[self.program]
        precise = f" {self.precision}" if self.program == "openvino" else ""
        weights = "" if self.weights == "as is" else f", {self.weights.upper()}"
        return f"{program}{precise}{weights}"


async def prepared(
    model: InstalledModel,
    setup: Setup,
    home: Path,
    progress: Progress = Silent(),  # noqa: B008
) -> InstalledModel:
    """As `with_weights`, in a thread."""
    return await asyncio.to_thread(with_weights, model, setup, home, progress)


def with_weights(
    model: InstalledModel,
    setup: Setup,
    home: Path,
    progress: Progress = Silent(),  # noqa: B008
) -> InstalledModel:
    """The model with the weights that ``setup`` wants, which are written if they are not there.

    Raises:
        MissingExtraError: they are OpenVINO's, which is not installed.
        UnavailableError: they cannot be written.
    """
    try:
        path = in_format(model, setup.weights, home, progress)
    except (OSError, RuntimeError) as error:
        raise UnavailableError(
            f"the weights cannot be written as {setup.weights}: {_why(error)}",
            where=model.name,
            mend="run it with --engine llamacpp" if setup.program == "openvino" else "",
        ) from error
    return replace(model, path=path, size=_size(path))


def _why(error: Exception) -> str:
    """On one line; OpenVINO's messages have the place in its source in front."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return getattr(error, "strerror", None) or (lines[-1] if lines else type(error).__name__)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(one.stat().st_size for one in ([path] if path.is_file() else path.iterdir()))


async def start(
    model: InstalledModel, plan: Plan, home: Path, setup: Setup
) -> LocalEngine | RoutedEngine:
    """Load ``model`` in this way.

    Raises:
        MissingExtraError: the program is not installed.
        UnavailableError: its weights cannot be written, or it was never compiled.
        EngineFailed: it did not load; says why in one line.
    """
    ready = await prepared(model, setup, home)
    if setup.program == "openvino":
        return await start_openvino(model, plan, home, ready.path, precision=setup.precision)
    if setup.program == "ik":
        return await start_ik(ready, plan, home, library=compiled(IK, home))
    server = compiled(LLAMACPP, home) if setup.program == "llamacpp-native" else None
    return await start_with_lookup(ready, plan, home, server=server)


def compiled(product: Product, home: Path) -> Path:
    """The program or library compiled here.

    Raises:
        UnavailableError: there is none for this processor.
    """
    build = built(home, product)
    if build is None:
        raise UnavailableError(
            f"no {product.name} is compiled for this processor", mend="zaohua engine build"
        )
    return build.file
