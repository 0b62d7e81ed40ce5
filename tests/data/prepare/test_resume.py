"""Killed at any point, preparation goes on, and the files are those of an unbroken run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.data.prepare.making import content, corpus
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefacts

_PROGRAM = """
import os, signal, sys
from pathlib import Path
from zaohua.data.prepare import DataSpec, prepare, sources
from zaohua.settings import Settings

sources.TASK_CHARACTERS = 4000
home, workers, die_at, *paths = sys.argv[1:]
events = 0

def watch(event, arguments):
    global events
    writes = event == "open" and str(arguments[0]).startswith(home) and arguments[2] & 3
    if writes or event in ("os.rename", "os.remove", "os.rmdir"):
        events += 1
        if events == int(die_at):
            os.kill(os.getpid(), signal.SIGKILL)

spec = DataSpec(
    sources=[{"path": path, "weight": 1 + i} for i, path in enumerate(paths)], mix="all",
    preset="web", keep_rejects=True, shard_bytes=10_000, validation=0.1, workers=int(workers),
)
sys.addaudithook(watch)
prepare("x", spec, settings=Settings(home=Path(home)))
print(events)
"""


def _start(home: Path, workers: int, die_at: int, paths: list[Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, str(home), str(workers), str(die_at)]
    return subprocess.Popen([*command, *map(str, paths)], stdout=subprocess.PIPE)


def _run(home: Path, workers: int, die_at: int, paths: list[Path]) -> tuple[int, bytes]:
    with _start(home, workers, die_at, paths) as process:
        said, _ = process.communicate(timeout=100)
        return process.returncode, said


def _result(home: Path) -> dict[str, bytes]:
    return content(Artefacts(Settings(home=home).home).require("dataset", "x"))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "b").mkdir()
    corpus(folder / "b" / "one.jsonl.gz", 2, 40)
    (folder / "b" / "two.html").write_text("<html><body><p>" + "Some words of a page. " * 30)
    corpus(folder / "b" / "zzz.jsonl", 4, 40)
    return [corpus(folder / "a.jsonl", 1, 120), folder / "b"]


@pytest.fixture(scope="module")
def unbroken(
    paths: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], int]:
    home = tmp_path_factory.mktemp("unbroken")
    code, said = _run(home, 1, 0, paths)
    assert code == 0
    found = _result(home)
    assert len(found) > 10
    return found, int(said)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_writes_it_goes_on_to_the_same_bytes(seed, paths, unbroken, tmp_path):
    """Every write, rename and removal of the work may be the last thing done before the kill."""
    expected, events = unbroken
    rng = random.Random(seed)
    for _ in range(4):
        code, _ = _run(tmp_path, 1, rng.randint(1, max(2, events // 2)), paths)
        assert code in (0, -signal.SIGKILL)
    code, _ = _run(tmp_path, rng.choice((1, 2)), 0, paths)
    assert code == 0 and _result(tmp_path) == expected


@pytest.mark.parametrize("before_end", [1, 2, 3, 6])
def test_killed_near_the_end_it_goes_on_to_the_same_bytes(before_end, paths, unbroken, tmp_path):
    """Between the last shards, the report, the removal of the work and the manifest."""
    expected, events = unbroken
    code, _ = _run(tmp_path, 1, events - before_end, paths)
    assert code == -signal.SIGKILL
    code, _ = _run(tmp_path, 1, 0, paths)
    assert code == 0 and _result(tmp_path) == expected


def test_killed_while_workers_work_they_die_too_and_it_goes_on(paths, unbroken, tmp_path):
    expected, _ = unbroken
    rng = random.Random(8)
    for workers in (2, 3):
        process = _start(tmp_path, workers, 0, paths)
        children = _children_of(process)
        time.sleep(rng.uniform(0.1, 0.8))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert len(children) == workers
        assert _all_end(children)
    code, _ = _run(tmp_path, 2, 0, paths)
    assert code == 0 and _result(tmp_path) == expected


def _all_end(processes: list[psutil.Process]) -> bool:
    """Whether all go, or are zombies that nobody has buried yet; one may be starting still."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        alive = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return True
        time.sleep(0.05)
    return False


def _children_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = psutil.Process(process.pid).children()
        if found:
            time.sleep(0.1)
            return psutil.Process(process.pid).children()
        time.sleep(0.02)
    raise AssertionError("no workers came up")


def test_a_damaged_intermediate_file_is_made_again(paths, unbroken, tmp_path):
    expected, events = unbroken
    _run(tmp_path, 1, events // 2, paths)
    segments = sorted(tmp_path.glob("artefacts/dataset/x/.*.work/segments.tmp/*.npz"))
    assert len(segments) > 3
    whole = segments[1].read_bytes()
    segments[1].write_bytes(whole[: len(whole) // 2])
    code, _ = _run(tmp_path, 1, 0, paths)
    assert code == 0 and _result(tmp_path) == expected
