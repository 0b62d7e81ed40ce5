"""Tests in two processes: those marked ``alone`` overlap with none, files stay together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFTEST = "from tests.abreast import pytest_runtest_protocol, pytest_xdist_make_scheduler\n"
TESTS = """
import os, time, pytest

@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("kind", ["beside", pytest.param("alone", marks=pytest.mark.alone)])
def test_it(number, kind):
    begun = time.monotonic()
    time.sleep(0.03)
    with open("told.txt", "a") as file:
        file.write(f"{kind} {__name__} {os.getpid()} {begun} {time.monotonic()}\\n")
"""


def test_alone_means_alone(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = alone\n")
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--rootdir={tmp_path}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = os.pathsep.join([str(ROOT), kept.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert "24 passed" in done.stdout, done.stdout + done.stderr
    told = [line.split() for line in (tmp_path / "told.txt").read_text().splitlines()]
    assert len({(name, process) for _, name, process, _, _ in told}) == 2
    spans = [(kind, float(begun), float(ended)) for kind, _, _, begun, ended in told]
    for number, (kind, begun, ended) in enumerate(spans):
        others = spans[:number] + spans[number + 1 :]
        if kind == "alone":
            assert all(end <= begun or ended <= start for _, start, end in others)
    assert any(a[1] < b[2] and b[1] < a[2] for a in spans for b in spans if a is not b), (
        "others run at the same time"
    )
