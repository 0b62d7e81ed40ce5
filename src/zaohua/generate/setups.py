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
from zaohua.generate.llamacpp import start_with_lookup
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.builds import built
from zaohua.generate.openvino.engine import start_openvino
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.upstream_body import WorkerKind
from zaohua.progress import Progress, Silent
from zaohua.store.models import InstalledModel

Program = Literal["llamacpp", "llamacpp-native", "openvino"]
"""``llamacpp-native``: compiled on this machine, by ``zaohua engine build``."""

Precision = Literal["f32", "mixed"]
"""Of OpenVINO's arithmetic: bf16 reads prompts faster where a processor has matrix units, f32
writes faster and is closer to other engines; ``mixed`` does each in its own.
"""

NAMES: Final[Mapping[str, str]] = {
    "llamacpp": "llama.cpp",
    "llamacpp-native": "llama.cpp compiled here",
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
        return "openvino" if self.program == "openvino" else "llamacpp"

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
    return await start_with_lookup(ready, plan, home, server=server_of(setup, home))


def server_of(setup: Setup, home: Path) -> Path | None:
    """The program compiled here, if that is wanted.

    Raises:
        UnavailableError: there is none for this processor.
    """
    if setup.program != "llamacpp-native":
        return None
    build = built(home)
    if build is None:
        raise UnavailableError(
            "no llama.cpp is compiled for this processor", mend="zaohua engine build"
        )
    return build.server
