"""The page's own checks: types of every component, and its unit tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.page.conftest import ROOT, load_build_hook


@pytest.mark.npm
@pytest.mark.slow
def test_types_and_units(tmp_path: Path) -> None:
    web = tmp_path / "web"
    shutil.copytree(ROOT / "web", web, ignore=shutil.ignore_patterns("node_modules"))
    node, npm = load_build_hook().find_node()
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    for arguments in (["ci", "--no-audit"], ["run", "check"], ["test"]):
        done = subprocess.run(
            [node, npm, *arguments],
            cwd=web,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
