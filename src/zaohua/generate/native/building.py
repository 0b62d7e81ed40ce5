"""``zaohua engine build``: from a source to a program or library that has proved itself."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from zaohua.errors import UnavailableError, ZaohuaError
from zaohua.generate.fit import plan
from zaohua.generate.formats import in_format
from zaohua.generate.native.builds import Build, builds, engines, keep, recipe_of, tools
from zaohua.generate.native.compiling import LOG, compile_product
from zaohua.generate.native.instructions import usable
from zaohua.generate.native.products import LLAMACPP, Product
from zaohua.generate.native.source import unpack
from zaohua.generate.native.toolchain import Toolchain, toolchain
from zaohua.generate.native.trial import disagreement
from zaohua.generate.pipeline.engine import reads
from zaohua.hardware import hardware, processor
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.files import locked, require_space
from zaohua.store.models import InstalledModel, installed

NEEDED: Final = 600 * 10**6
"""Bytes of disk: source, objects, program."""


def build(
    settings: Settings,
    product: Product = LLAMACPP,
    *,
    progress: Progress = Silent(),  # noqa: B008
) -> Build:
    """Compile ``product`` for this processor, try it, and keep it; what is there is not made again.

    When it is interrupted, what was compiled stays, and the next call goes on from there.

    Raises:
        UnavailableError: there is no compiler, no model to try it with, or not enough room; it
            does not compile, or does not say what llama.cpp of the wheel says. What there was goes
            on answering.
    """
    lock = settings.home / "locks" / "engine-build.lock"
    with locked(lock, progress, f"compiling {product.name}"):
        chain = toolchain(settings, tools(settings.home), progress)
        job = _Job(product, settings, chain, usable(processor().flags), progress)
        there = next((one for one in builds(settings.home) if one.key == job.key), None)
        return there or job.run()


@dataclass(frozen=True, slots=True)
class _Job:
    product: Product
    settings: Settings
    tools: Toolchain
    instructions: Sequence[str]
    progress: Progress

    @property
    def key(self) -> str:
        """Of all that the program depends on."""
        recipe = self.product.recipe(self.instructions)
        parts = [self.product.source.sha256, recipe, self.tools.told]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def run(self) -> Build:
        """Compile, try, keep."""
        model = self._in_its_weights(_smallest(self.product, self.settings))
        folder = engines(self.settings.home)
        work, done = folder / f"{self.key}.part", folder / self.key
        work.mkdir(parents=True, exist_ok=True)
        require_space(work, NEEDED)
        begun = time.monotonic()
        program = self._compiled(work)
        self._tried(program, model)
        shutil.rmtree(done, ignore_errors=True)
        done.mkdir()
        shutil.copy2(program, done / self.product.file)
        shutil.copy2(work / LOG, done)
        source, seconds = self.product.source, round(time.monotonic() - begun, 1)
        made = Build(done, self.key, self.product.version, source.sha256, tuple(self.instructions),
                     self.tools.told, seconds, self.product.name,
                     recipe_of(self.product, self.instructions))  # fmt: skip
        keep(made)
        shutil.rmtree(work)
        return made

    def _in_its_weights(self, model: InstalledModel) -> InstalledModel:
        path = in_format(model, self.product.weights, self.settings.home, self.progress)
        return replace(model, path=path, size=path.stat().st_size)

    def _compiled(self, work: Path) -> Path:
        source = unpack(self.product, self.settings, work / "source", self.progress)
        try:
            options = self.product.arguments(self.instructions)
            return compile_product(self.product, source, work, options, self.tools, self.progress)
        except KeyboardInterrupt:
            self.progress.note("stopped: what is compiled is kept, the same command goes on")
            raise
        finally:
            self.progress.finish()

    def _tried(self, program: Path, model: InstalledModel) -> None:
        self.progress.start(f"trying it with {model.name}", None, "answers")
        planned = plan(model, hardware(), self.settings)
        try:
            trial = disagreement(self.product, model, planned, self.settings.home, program)
            wrong = asyncio.run(trial)
        except ZaohuaError as error:
            wrong = error.line()
        finally:
            self.progress.finish()
        if wrong:
            raise UnavailableError(
                f"the compiled {self.product.name} fails its test ({wrong}), and what there is "
                "goes on answering"
            )


def _smallest(product: Product, settings: Settings) -> InstalledModel:
    """The installed model of the smallest file, of those that the product reads."""
    models = [model for model in installed(settings) if product.any_model or reads(model)]
    if not models:
        raise UnavailableError(
            f"there is no model to try {product.name} with",
            mend=f"zaohua models pull {settings.model}",
        )
    return min(models, key=lambda model: model.size)
