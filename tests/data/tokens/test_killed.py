"""Encoding that is killed leaves no process behind and goes on with the shards it had done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.data.tokens.corpus import dataset, text_records, texts
from zaohua.data.tokens import encode
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

SCRIPT = """
import sys
from pathlib import Path
from zaohua.data.tokens import encode
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefacts
if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]))
    data = Artefacts(settings.home).require("dataset", "mixed")
    encode(data, Path(sys.argv[2]), "text", settings=settings, workers=2)
"""


def work_files(home: Path) -> list[Path]:
    return [*home.glob("artefacts/tokens/mixed.text/.*.work/train-*.json")]


def test_killed_at_any_point_it_goes_on_and_gives_the_same_bytes(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    records = text_records(texts(900))
    data = dataset(settings, "mixed", records, shard_bytes=8000)
    script = tmp_path / "encode.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(settings.home), str(tokenizer.path)]
    process = subprocess.Popen(command)
    end = time.monotonic() + 120
    while len(work_files(settings.home)) < 3 and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = len(work_files(settings.home))
    assert done >= 3
    _, left = psutil.wait_procs(workers, timeout=20)
    assert left == []
    assert workers
    before = {path: path.stat().st_mtime_ns for path in work_files(settings.home)}
    again = encode(data, tokenizer.path, "text", settings=settings, workers=1)
    kept = {path.name: path.stat().st_mtime_ns for path in again.path.glob("train-*.json")}
    assert all(kept[path.name] == when for path, when in before.items())
    other = Settings(home=tmp_path / "other")
    whole = encode(
        dataset(other, "mixed", records, shard_bytes=8000),
        tokenizer.path,
        "text",
        settings=other,
        workers=1,
    )
    assert again.manifest.files == whole.manifest.files
