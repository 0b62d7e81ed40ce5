"""Preparing data beside datatrove on one core, and memory from 10 MB to 1 GB of input.

    python -m bench.data [--bytes N] [--pairs N] [--largest N] [--only speed|memory] [--json FILE]

Speed: the same generated documents, the same steps (quality and repetition rules of Gopher, MinHash
near-duplicates, tokenising with the same tokenizer), each in a process of its own bound to one
core, in turn. Figures are megabytes of text per second of CPU time, which other work on the machine
disturbs less than the clock; the first time includes loading dictionaries, as it does for a user.
datatrove is installed into an environment of its own below the cache folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.corpus import Language, write_corpus
from bench.pairs import Paired, alternate
from zaohua.data.prepare import DataSpec, SourceSpec, prepare
from zaohua.data.tokens import train_tokenizer
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.settings import Settings

PEER = ("datatrove==0.10.1", "xxhash<4", "nltk", "spacy", "jieba", "tokenizers", "orjson", "regex")
_ROOT = Path(__file__).parents[1]
_VOCABULARY, _SAMPLE = 6400, 3_000_000
_SKETCHES, _HASHES = 16 << 20, 2_000
_PAUSE = 0.05  # seconds between two looks at the memory
_PROGRAM = """
import sys
from pathlib import Path
from zaohua.data.prepare import DataSpec, prepare
from zaohua.settings import Settings
prepare("x", DataSpec.model_validate_json(sys.argv[1]), settings=Settings(home=Path(sys.argv[2])))
"""


def cache() -> Path:
    """Where the environment of the peer is kept between runs."""
    return Path(os.environ.get("ZAOHUA_BENCH_HOME", Path.home() / ".cache" / "zaohua-bench"))


def peer() -> Path:
    """The Python of an environment with datatrove, made when it is not there."""
    folder = cache() / "datatrove"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    found = subprocess.run([str(python), "-c", "import datatrove, jieba, spacy"], check=False)
    if found.returncode:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEER], check=True)
    return python


def tokenizer(folder: Path) -> Path:
    """A tokenizer of both languages for both contestants."""
    sources = []
    for language in ("zh", "en"):
        path = folder / f"sample-{language}.jsonl"
        write_corpus(path, language, _SAMPLE, seed=1)
        sources.append(SourceSpec(path=str(path)))
    settings = Settings(home=folder / "home")
    prepare("sample", DataSpec(sources=sources, preset="none", validation=0), settings=settings)
    wanted = TokenizerSpec(data=["sample"], vocab_size=_VOCABULARY)
    return train_tokenizer("sample", wanted, settings=settings).path


def _run(command: Sequence[str], core: int) -> dict[str, Any]:
    """The JSON that a program prints last, bound to one core."""
    done = subprocess.run(
        command,
        cwd=_ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    return told


async def speed(language: Language, size: int, pairs: int, folder: Path) -> dict[str, Any]:
    """One row: megabytes of text a second of CPU, and what either kept."""
    source, words, python = folder / language, tokenizer(folder), peer()
    source.mkdir()
    planted = write_corpus(source / "a.jsonl", language, size)
    text = (source / "a.jsonl").stat().st_size
    core = max(os.sched_getaffinity(0))
    told: dict[str, dict[str, Any]] = {}

    def ours(home: Path) -> list[str]:
        return [sys.executable, "-m", "bench.data_run", str(source), str(home), str(words)]

    def theirs(home: Path) -> list[str]:
        script, words_file = (
            str(_ROOT / "bench" / "datatrove_run.py"),
            str(words / "tokenizer.json"),
        )
        return [str(python), script, str(source), str(home), language, words_file]

    def measured(name: str, command: Callable[[Path], list[str]]) -> Callable[[int], Any]:
        async def measure(_: int) -> float:
            with tempfile.TemporaryDirectory(dir=folder) as home:
                told[name] = await asyncio.to_thread(_run, command(Path(home)), core)
            return text / 1e6 / float(told[name]["cpu"])

        return measure

    paired = await alternate(measured("zaohua", ours), measured("datatrove", theirs), pairs)
    row = _row(f"cleaning, near-duplicates, tokenising, {language}", paired)
    return row | {"planted": str(planted), "last": told}


def _row(what: str, paired: Paired) -> dict[str, Any]:
    return {
        "what": what,
        "unit": "MB/s of CPU",
        "zaohua": sorted(paired.ours)[len(paired.ours) // 2],
        "datatrove": sorted(paired.theirs)[len(paired.theirs) // 2],
        "ratio": paired.ratio,
        "interval": paired.interval(paired.ratios),
        "ratios": paired.ratios,
    }


def memory(sizes: Sequence[int], folder: Path) -> list[dict[str, Any]]:
    """Peak memory of the parent and of its largest worker, for inputs of growing size.

    What is bounded by an option (sketches, hashes of documents and lines) is given so little that
    the smallest input fills it: what grows besides would be seen.
    """
    rows = []
    for size in sizes:
        source = folder / f"memory-{size}.jsonl"
        write_corpus(source, "zh", size)
        rows.append({"input": size, **_watched(source, folder / f"home-{size}")})
        source.unlink()
        shutil.rmtree(folder / f"home-{size}")
    return rows


def _watched(source: Path, home: Path) -> dict[str, Any]:
    spec = DataSpec(
        sources=[SourceSpec(path=str(source))],
        preset="web",
        clean={
            "near_duplicates": {"memory": _SKETCHES},
            "duplicates": {"capacity": _HASHES},
            "duplicate_lines": {"capacity": _HASHES},
        },
        workers=2,
    )
    start = time.perf_counter()
    command = [sys.executable, "-c", _PROGRAM, spec.model_dump_json(), str(home)]
    with subprocess.Popen(command) as process:
        peaks = {"parent": 0, "worker": 0}
        while process.poll() is None:
            _look(psutil.Process(process.pid), peaks)
            time.sleep(_PAUSE)
    if process.returncode:
        raise RuntimeError("preparing failed")
    return {"seconds": time.perf_counter() - start, **peaks}


def _look(parent: psutil.Process, peaks: dict[str, int]) -> None:
    try:
        peaks["parent"] = max(peaks["parent"], parent.memory_info().rss)
        for child in parent.children():
            peaks["worker"] = max(peaks["worker"], child.memory_info().rss)
    except psutil.NoSuchProcess:
        return


def _print(rows: list[dict[str, Any]], sizes: list[dict[str, Any]]) -> None:
    if rows:
        print("| what | unit | zaohua | datatrove | ratio | 90 % interval |")
        print("|---|---|---:|---:|---:|---|")
    for row in rows:
        figures = f"{row['zaohua']:.2f} | {row['datatrove']:.3f} | {row['ratio']:.1f}"
        print(f"| {row['what']} | {row['unit']} | {figures} | {row['interval']} |")
        print(f"  {row['planted']}; last runs: {row['last']}", file=sys.stderr)
    if sizes:
        print("\n| input, MB | parent, MB | largest worker, MB | s |\n|---:|---:|---:|---:|")
    for row in sizes:
        mega = [f"{row[key] / 1e6:.0f}" for key in ("input", "parent", "worker")]
        print(f"| {' | '.join(mega)} | {row['seconds']:.0f} |")


def main() -> None:
    """Measure and print, as Markdown tables and on request as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bytes", type=int, default=8_000_000, help="of input, each language")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--largest", type=int, default=1_000_000_000, help="of the memory runs")
    parser.add_argument("--only", choices=("speed", "memory"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    sizes: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for language in ("zh", "en") if options.only != "memory" else ():
            inside = Path(folder) / f"speed-{language}"
            inside.mkdir()
            rows.append(asyncio.run(speed(language, options.bytes, options.pairs, inside)))
        if options.only != "speed":
            steps = [10**7, 10**8, 10**9]
            wanted = sorted({size for size in steps if size < options.largest} | {options.largest})
            sizes = memory(wanted, Path(folder))
    _print(rows, sizes)
    if options.json:
        options.json.write_text(json.dumps({"speed": rows, "memory": sizes}, indent=1))


if __name__ == "__main__":
    main()
