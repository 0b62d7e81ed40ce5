"""A PostgreSQL server of the tests' own: in a temporary folder, on a private socket, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


def _as_server_user(command: list[str | Path]) -> None:
    """PostgreSQL does not run as root; its package brings a user."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a running server, with ``{name}`` in the place of the database's name."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    user = ["--username=zaohua", "--auth=trust"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
    try:
        _as_server_user([binaries / "initdb", "--no-sync", "-E", "UTF8", *user, "-D", data])
        _as_server_user([binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"])
        try:
            yield f"postgresql://zaohua@/{{name}}?host={folder}"
        finally:
            _as_server_user([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
