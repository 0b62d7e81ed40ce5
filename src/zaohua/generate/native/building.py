"""``zaohua engine build``: from llama.cpp's source to a program that has proved itself."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zaohua.errors import UnavailableError, ZaohuaError
from zaohua.generate.fit import plan
from zaohua.generate.native.builds import SERVER, Build, builds, engines, keep, tools
from zaohua.generate.native.compiling import LOG, compile_server, recipe
from zaohua.generate.native.instructions import usable
from zaohua.generate.native.source import SOURCE, VERSION, unpack
from zaohua.generate.native.toolchain import Toolchain, toolchain
from zaohua.generate.native.trial import disagreement
from zaohua.hardware import hardware, processor
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.files import locked, require_space
from zaohua.store.models import InstalledModel, installed

NEEDED: Final = 600 * 10**6
"""Bytes of disk: source, objects, program."""


def build(
    settings: Settings,
    *,
    progress: Progress = Silent(),  # noqa: B008
) -> Build:
    """Compile llama.cpp for this processor, try it, and keep it; what is there is not made again.

    When it is interrupted, what was compiled stays, and the next call goes on from there.

    Raises:
        UnavailableError: there is no compiler, no model to try it with, or not enough room; it
            does not compile, or does not say what the wheel's says. That goes on answering.
    """
    with locked(settings.home / "locks" / "engine-build.lock", progress, "compiling llama.cpp"):
        chain = toolchain(settings, tools(settings.home), progress)
        job = _Job(settings, chain, usable(processor().flags), progress)
        there = next((one for one in builds(settings.home) if one.key == job.key), None)
        return there or job.run()


@dataclass(frozen=True, slots=True)
class _Job:
    settings: Settings
    tools: Toolchain
    instructions: Sequence[str]
    progress: Progress

    @property
    def key(self) -> str:
        """Of all that the program depends on."""
        parts = [SOURCE.sha256, recipe(self.instructions), self.tools.told]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def run(self) -> Build:
        """Compile, try, keep."""
        model = _smallest(self.settings)
        folder = engines(self.settings.home)
        work, done = folder / f"{self.key}.part", folder / self.key
        work.mkdir(parents=True, exist_ok=True)
        require_space(work, NEEDED)
        begun = time.monotonic()
        program = self._compiled(work)
        self._tried(program, model)
        shutil.rmtree(done, ignore_errors=True)
        done.mkdir()
        shutil.copy2(program, done / SERVER)
        shutil.copy2(work / LOG, done)
        made = Build(done, self.key, VERSION, SOURCE.sha256, tuple(self.instructions),
                     self.tools.told, round(time.monotonic() - begun, 1))  # fmt: skip
        keep(made)
        shutil.rmtree(work)
        return made

    def _compiled(self, work: Path) -> Path:
        source = unpack(self.settings, work / "source", self.progress)
        try:
            return compile_server(source, work, self.tools, self.instructions, self.progress)
        except KeyboardInterrupt:
            self.progress.note("stopped: what is compiled is kept, the same command goes on")
            raise
        finally:
            self.progress.finish()

    def _tried(self, program: Path, model: InstalledModel) -> None:
        self.progress.start(f"trying it with {model.name}", None, "answers")
        planned = plan(model, hardware(), self.settings)
        try:
            wrong = asyncio.run(disagreement(model, planned, self.settings.home, program))
        except ZaohuaError as error:
            wrong = error.line()
        finally:
            self.progress.finish()
        if wrong:
            raise UnavailableError(
                f"the compiled llama.cpp fails its test ({wrong}), and that of the wheel goes on "
                "answering"
            )


def _smallest(settings: Settings) -> InstalledModel:
    """The installed model of the smallest file."""
    models = installed(settings)
    if not models:
        raise UnavailableError(
            "there is no model to try it with", mend=f"zaohua models pull {settings.model}"
        )
    return min(models, key=lambda model: model.size)
