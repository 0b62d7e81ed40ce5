"""The environment and the log of a worker, and what is made of its last words."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from zaohua.generate import worker_environment as module
from zaohua.generate.failures import EngineFailed
from zaohua.generate.llamacpp_worker import WorkerConfig
from zaohua.generate.worker_environment import (
    LIBGOMP,
    WorkerLog,
    bundled_libgomp,
    worker_environment,
)
from zaohua.generate.worker_process import Launch, start_failure


def test_a_bundled_libgomp_is_linked(tmp_path):
    bundled = tmp_path / "libgomp-a34b.so.1.0.0"
    bundled.write_bytes(b"x")
    for _ in range(2):
        made = worker_environment(tmp_path / "home", {"A": "1", "LD_LIBRARY_PATH": "/x"}, bundled)
    link = tmp_path / "home" / "lib" / LIBGOMP
    assert link.resolve() == bundled
    assert made == {"A": "1", "LD_LIBRARY_PATH": f"{link.parent}:/x"}
    other = tmp_path / "libgomp-b.so"
    other.write_bytes(b"y")
    assert worker_environment(tmp_path / "home", {}, other)["LD_LIBRARY_PATH"] == str(link.parent)
    assert link.resolve() == other


def test_no_libgomp_anywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "bundled_libgomp", lambda: None)
    with pytest.raises(EngineFailed, match="libgomp1"):
        worker_environment(tmp_path, {})


def test_the_embedder_brings_one():
    found = bundled_libgomp()
    assert found is not None
    assert found.name.startswith("libgomp-")


def test_log_rotates_and_hides_the_key(tmp_path):
    log = WorkerLog(tmp_path / "logs" / "w.log", "s3cret", max_bytes=200)
    for i in range(30):
        log.write(f"line {i} with s3cret {'x' * 2000 if i == 3 else ''}\n")
    whole = (tmp_path / "logs" / "w.log").read_text()
    older = (tmp_path / "logs" / "w.log.1").read_text()
    assert "s3cret" not in whole + older
    assert "line 29" in whole
    assert len(whole) < 1000
    assert len(log.tail()) == 20


def test_config_hides_its_key():
    config = WorkerConfig("/m.gguf", "s3cret", 512, 1, 1, 8)
    launch = Launch("llamacpp", "a.module", "/m.gguf", "s3cret", asdict(config))
    assert "s3cret" not in repr(config) + repr(launch)


@pytest.mark.parametrize(
    ("code", "lines", "says"),
    [
        (1, ["0.00 E gguf: invalid magic characters: 'hell'"], "not a GGUF"),
        (1, ["error: unknown model architecture: 'xyz'"], "architecture"),
        (1, ["ggml: failed to allocate buffer of size 99"], "not enough memory"),
        (1, ["ImportError: libgomp.so.1: cannot open shared object file"], "libgomp1"),
        (1, ["ModuleNotFoundError: No module named 'xllamacpp'"], "pip install xllamacpp"),
        (-9, [], "want of memory"),
        (3, ["0.00.1 E srv   something odd", ""], "something odd"),
        (3, [], "exit code 3"),
    ],
)
def test_reasons_for_not_starting(code, lines, says):
    failure = start_failure("/m.gguf", code, lines)
    assert says in failure.line()
    assert "/m.gguf" in failure.line()
