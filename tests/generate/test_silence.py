"""Nothing is told to anybody: libraries that would are kept from it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, zaohua, openvino, openvino_genai, psutil, sys
print(len(psutil.Process().children()), sys.modules["openvino_telemetry"])
"""


def test_importing_openvino_starts_nothing_and_tells_nobody() -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["0", "None"], done.stderr
