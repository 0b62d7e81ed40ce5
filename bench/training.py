"""Training beside others: the same machine, data, tokenizer, size and seeds, in one run.

    python -m bench.training --out FILE.json [--peers FOLDER] [--sizes micro small] [--quick]

Contestants: zaohua, HF ``Trainer``, TRL ``SFTTrainer``, nanoGPT, minimind, nanochat, each in its
default and in the settings that may be its best here. Part ``speed``: they step in turn, and are
compared within rounds; turns in which other processes took more than 15 % of a core are left out.
Part ``quality``: validation bits per byte after equal time of training, learning rates swept for
each, several seeds. Every measurement is kept in FILE.json; the same command goes on from there.
``--peers`` names a folder with clones (nanoGPT, nanochat, minimind), else they are cloned.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bench.peers import materials, quality, repositories, speed, table
from bench.peers.contestants import Contestant, chosen, contestants
from bench.peers.results import Budget, Results, machine
from bench.peers.setting import Setting
from zaohua.cli.bars import RichProgress
from zaohua.data.prepare import SourceSpec
from zaohua.model.shapes import shape
from zaohua.model.spec import ModelSpec
from zaohua.train import machine as probe

SIZES = {"nano": 2048, "micro": 4096, "mini": 8192, "small": 8192}
"""Positions a step of each size, as the first measurements of these sizes had."""

QUICK_DOCUMENTS = 20_000
POEMS_HELD_OUT = 0.003
"""Some 900 of all poems: enough to tell contestants apart, soon read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the options come to."""

    sizes: Sequence[str]
    quality_sizes: Sequence[str]
    seeds: int
    seconds: float
    sweep_seconds: float
    rounds: int
    factors: Sequence[float]
    documents: int
    validation: float


def plan(options: argparse.Namespace) -> Plan:
    """Options left out are filled in; ``--quick`` fills in less."""
    small = options.quick
    sizes = options.sizes or (["nano"] if small else ["micro", "small"])
    seconds = options.seconds or (20.0 if small else 180.0)
    return Plan(
        sizes=sizes,
        quality_sizes=options.quality_sizes or sizes[:1],
        seeds=options.seeds or (1 if small else 3),
        seconds=seconds,
        sweep_seconds=options.sweep_seconds or seconds / 3,
        rounds=options.rounds or (2 if small else 7),
        factors=(1.0,) if small else quality.FIRST,
        documents=options.documents or (QUICK_DOCUMENTS if small else 0),
        validation=0.01 if options.text or options.documents or small else POEMS_HELD_OUT,
    )


def main() -> None:
    """Measure what is left and print the tables."""
    options = _parser().parse_args()
    wanted = plan(options)
    cache: Path = options.cache
    cache.mkdir(parents=True, exist_ok=True)
    results, budget = Results(options.out), Budget(options.minutes)
    bf16 = probe.choose("auto", torch.device("cpu")) == "bf16"
    clones = _clones(options.peers, cache)
    found = [c for c in contestants(bf16) if not c.repository or c.repository in clones]
    found = chosen(found, options.only)
    python = repositories.environment(cache)
    results.about |= _about(options.threads, bf16, clones, python)
    try:
        for size in wanted.sizes:
            setting = _setting(size, options, wanted, clones, python)
            _measure(setting, found, options.parts, wanted, results, budget, options.ring)
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
    if budget.spent:
        print("the minutes are spent; the same command goes on", file=sys.stderr)
    print("\n".join(table.lines(results)))


def _measure(
    setting: Setting,
    found: Sequence[Contestant],
    parts: Sequence[str],
    wanted: Plan,
    results: Results,
    budget: Budget,
    ring: int,
) -> None:
    if "speed" in parts:
        speed.measure(setting, found, results, budget, rounds=wanted.rounds, ring=ring)
    if "quality" in parts and setting.size in wanted.quality_sizes:
        quality.measure(
            setting,
            found,
            results,
            budget,
            seconds=wanted.seconds,
            sweep_seconds=wanted.sweep_seconds,
            seeds=wanted.seeds,
            factors=wanted.factors,
        )


def _setting(
    size: Any,
    options: argparse.Namespace,
    wanted: Plan,
    clones: dict[str, Path],
    python: Path,
) -> Setting:
    spec = ModelSpec(size=size, context=options.length)
    length = shape(spec, options.vocab).context
    source = SourceSpec(path=str(options.text)) if options.text else SourceSpec(set="poetry")
    source = source.model_copy(update={"limit": wanted.documents})
    kind = options.text.name if options.text else "poetry"
    folder = options.cache / f"{kind}-{wanted.documents}-{options.vocab}-{length}"
    folder.mkdir(parents=True, exist_ok=True)
    with RichProgress() as progress:
        made = materials.make(
            folder,
            options.cache / "home",
            source,
            length=length,
            vocab=options.vocab,
            validation=wanted.validation,
            progress=progress,
        )
    positions = options.batch_tokens or SIZES[size]
    return Setting(
        size=size,
        shape=shape(spec, made.vocab),
        made=made,
        materials=folder,
        work=options.cache.absolute(),
        python=python.absolute(),
        repositories={name: path.absolute() for name, path in clones.items()},
        rows=max(1, positions // length),
        length=length,
        threads=options.threads,
    )


def _clones(peers: Path | None, cache: Path) -> dict[str, Path]:
    clones = {}
    for name, url in repositories.URLS.items():
        if path := repositories.clone(name, peers, cache):
            clones[name] = path
        else:
            print(f"{name} cannot be had ({peers or url}): left out", file=sys.stderr)
    return clones


def _about(threads: int, bf16: bool, clones: dict[str, Path], python: Path) -> dict[str, Any]:
    faster = "faster" if bf16 else "not faster (emulated)"
    peaks = [
        probe.matmul_peak(torch.device("cpu"), dtype) / 1e9
        for dtype in (torch.bfloat16, torch.float32)
    ]
    commits = {name: repositories.commit(path) for name, path in clones.items()}
    return {
        "machine": machine(threads),
        "bf16": f"{faster}: {peaks[0]:,.1f} against {peaks[1]:,.1f} GFLOP/s",
        "peers": {**commits, **repositories.versions(python)},
        "command": shlex.join(["python", "-m", "bench.training", *sys.argv[1:]]),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    cores = torch.get_num_threads()
    add = parser.add_argument
    add("--out", type=Path, required=True, help="JSON file of all measurements")
    add("--peers", type=Path, help="folder with clones of nanoGPT, nanochat, minimind")
    add("--cache", type=Path, default=Path.home() / ".cache" / "zaohua-bench" / "training")
    add("--text", type=Path, help="folder of text to train on; the poems when left out")
    add("--sizes", nargs="+", choices=SIZES)
    add("--quality-sizes", nargs="+", choices=SIZES, help="the first of the sizes when left out")
    add("--parts", nargs="+", choices=("speed", "quality"), default=["speed", "quality"])
    add("--only", nargs="+", default=[], help="contestants or peers")
    add("--seeds", type=int, default=0)
    add("--seconds", type=float, default=0, help="of training in a quality run")
    add("--sweep-seconds", type=float, default=0, help="of a run of the sweep; a third of it")
    add("--rounds", type=int, default=0, help="turns of each contestant that must count")
    add("--ring", type=int, default=4, help="contestants alive at once, memory permitting")
    add("--length", type=int, default=0, help="positions of a row; the size's own when left out")
    add("--batch-tokens", type=int, default=0, help="positions of a step")
    add("--vocab", type=int, default=6400)
    add("--documents", type=int, default=0, help="at most so many; all when left out")
    add("--threads", type=int, default=cores)
    add("--minutes", type=float, default=0, help="after which nothing new is begun")
    add("--quick", action="store_true", help="a few minutes: nano, one seed, no sweep")
    return parser


if __name__ == "__main__":
    main()
