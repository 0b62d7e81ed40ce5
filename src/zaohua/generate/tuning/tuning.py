"""Measures every way of running a model that this machine has, and keeps the best of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Final

import psutil

from zaohua.errors import ZaohuaError, installing
from zaohua.generate.fit import plan
from zaohua.generate.formats import BITS, Format
from zaohua.generate.native.builds import usable_builds
from zaohua.generate.native.products import IK, LLAMACPP
from zaohua.generate.openvino.quality import bits_of_graph
from zaohua.generate.pipeline.engine import reads
from zaohua.generate.setups import Precision, Setup, prepared, start
from zaohua.generate.tuning import kept
from zaohua.generate.tuning.figures import WORKLOADS, Figures, Workload
from zaohua.generate.tuning.kept import Row, Tuned
from zaohua.generate.tuning.measuring import measure
from zaohua.generate.tuning.quality import TEXTS, bits_per_byte
from zaohua.hardware import Hardware, hardware, processor
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

BF16_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16"})
BUSY: Final = 20.0
"""Percent of the processor that others may take before a person is told."""

BUSY_SECONDS: Final = 0.5
WORSE: Final = 1.03
"""Bits per byte of rewritten weights over those of the file, at most, to be chosen."""


async def tune(
    model: InstalledModel,
    settings: Settings,
    *,
    progress: Progress = Silent(),  # noqa: B008
) -> Tuned:
    """Measure, choose and keep. What does not run is noted, and no reason to stop.

    Raises:
        EngineFailed: the model does not fit into memory.
    """
    bench = _Bench(model, settings, hardware(), progress)
    openvino = find_spec("openvino_genai") is not None
    bf16 = bool(BF16_FLAGS & processor().flags)
    busy = await asyncio.to_thread(psutil.cpu_percent, BUSY_SECONDS)
    for remark in remarks(openvino=openvino, busy=busy):
        progress.note(remark)
    made = frozenset(build.name for build in usable_builds(settings.home))
    ways = candidates(model, openvino=openvino, bf16=bf16, compiled=made)
    rows = await bench.measured(list(ways))
    rows = await bench.weighed(rows)
    best = {workload: fastest(rows, workload) for workload in WORKLOADS}
    tuned = Tuned(model.name, kept.machine(settings.home), tuple(rows), best)
    kept.save(tuned, model, settings.home)
    return tuned


def candidates(
    model: InstalledModel, *, openvino: bool, bf16: bool, compiled: Collection[str]
) -> Iterator[Setup]:
    """The ways worth a try, the likely best first; the last is the usual one.

    ``openvino`` says whether it is installed, ``bf16`` whether the processor computes in it,
    ``compiled`` names the products that are compiled for it.
    """
    own = model.metadata.get("quantisation") == "Q4_0"
    formats: tuple[Format, ...] = ("as is",) if own else ("q4_0", "as is")
    if openvino and reads(model):
        precisions: tuple[Precision, ...] = ("mixed", "f32") if bf16 else ("f32",)
        yield from (Setup("openvino", weights, one) for weights in BITS for one in precisions)
    if IK.name in compiled and reads(model):
        yield Setup("ik", formats[0])
    if LLAMACPP.name in compiled:
        for weights in formats:
            yield Setup("llamacpp-native", weights)
    for weights in formats:
        yield Setup("llamacpp", weights)


def remarks(*, openvino: bool, busy: float) -> Iterator[str]:
    """What a person should know before; ``busy`` is what others take of the processor, percent."""
    if not openvino:
        yield f"OpenVINO is not installed and not tried: {installing('openvino')}"
    if busy > BUSY:
        yield f"other programs take {busy:.0f} % of the processor: what is measured is too low"


def fastest(rows: Sequence[Row], workload: Workload) -> Setup:
    """The fastest that knows language nearly as well as the usual; the usual if none ran."""
    own = next((row.bits for row in rows if row.setup == Setup()), 0.0)
    ran = [
        (row.figures.seconds(workload), number)
        for number, row in enumerate(rows)
        if row.figures is not None and not (own and row.bits > own * WORSE)
    ]
    return rows[min(ran)[1]].setup if ran else Setup()


def weighed_as(setup: Setup) -> Setup:
    """Whose bits are its own: llama.cpp's do not depend on how it was compiled, nor OpenVINO's on
    its precision; ik_llama.cpp rounds some weights' activations otherwise than llama.cpp."""
    return Setup("llamacpp" if setup.kind == "llamacpp" else setup.program, setup.weights)


def told(row: Row) -> str:
    """A row on a line, for people."""
    figures = row.figures
    if figures is None:
        return f"{row.setup.label}: does not run ({row.failure})"
    many = f", {figures.eight:,.0f} for eight" if figures.eight else ""
    return (
        f"{row.setup.label}: reads {figures.short_prompt:,.0f} tokens/s, "
        f"writes {figures.one:,.0f} for one{many}"
    )


@dataclass(frozen=True, slots=True)
class _Bench:
    """Runs one model in one setup after the other."""

    model: InstalledModel
    settings: Settings
    machine: Hardware
    progress: Progress

    async def measured(self, setups: Sequence[Setup]) -> list[Row]:
        """A row of each."""
        rows: list[Row] = []
        for setup in setups:
            rows.append(await self._row(setup, _best_so_far(rows)))
            self.progress.note(f"{len(rows)} of {len(setups)}: {told(rows[-1])}")
        return rows

    async def weighed(self, rows: Sequence[Row]) -> list[Row]:
        """The rows with the bits of what would be chosen for its speed; where they are too many, of
        what comes next."""
        bits: dict[Setup, float] = {}
        while missing := {weighed_as(fastest(rows, work)) for work in WORKLOADS} - bits.keys():
            if not bits and missing == {Setup()}:
                break
            for setup in {Setup(), *missing} - bits.keys():
                bits[setup] = await self._bits(setup)
            rows = [replace(row, bits=bits.get(weighed_as(row.setup), 0.0)) for row in rows]
        return list(rows)

    async def _row(self, setup: Setup, beats: Figures | None) -> Row:
        try:
            ready = await prepared(self.model, setup, self.settings.home, self.progress)
            planned = plan(ready, self.machine, self.settings)
            engine = await start(self.model, planned, self.settings.home, setup)
            try:
                return Row(setup, await measure(engine, beats=beats))
            finally:
                await engine.aclose()
        except ZaohuaError as error:
            return Row(setup, None, error.line())

    async def _bits(self, setup: Setup) -> float:
        ready = await prepared(self.model, setup, self.settings.home)
        if setup.weights in BITS:
            return await asyncio.to_thread(bits_of_graph, ready.path, TEXTS, self.machine.cores)
        planned = plan(ready, self.machine, self.settings)
        engine = await start(self.model, planned, self.settings.home, setup)
        try:
            return await bits_per_byte(engine, self.progress)
        finally:
            await engine.aclose()


def _best_so_far(rows: Sequence[Row]) -> Figures | None:
    figures = [row.figures for row in rows if row.figures is not None]
    return min(figures, key=lambda f: f.seconds("chat"), default=None)
