"""What compiling needs: a compiler, CMake and Ninja."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zaohua.errors import UnavailableError
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.sources.base import Meter
from zaohua.store.sources.packages import PIP_OPTIONS, run_client
from zaohua.store.sources.wheel import pip_command

OLDEST_CMAKE: Final = (3, 19)
WHEELS: Final = ("cmake==4.4.4", "ninja==1.13.2")
"""CMake (BSD) and Ninja (Apache-2.0) as wheels, for where they are not installed."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Programs to compile with; ``told`` is the compiler's own first line on itself."""

    c: str
    cxx: str
    told: str
    cmake: str
    ninja: str


def toolchain(settings: Settings, folder: Path, progress: Progress) -> Toolchain:
    """Those on the PATH; CMake and Ninja else from wheels, kept in ``folder``.

    Raises:
        UnavailableError: there is no compiler, or the wheels cannot be had.
    """
    c, cxx = _compiler(os.environ)
    cmake, ninja = shutil.which("cmake"), shutil.which("ninja")
    if cmake is None or ninja is None or _version(cmake) < OLDEST_CMAKE:
        cmake, ninja = _from_wheels(settings, folder, progress)
    return Toolchain(c, cxx, _first_line(cxx), cmake, ninja)


def _compiler(environment: Mapping[str, str]) -> tuple[str, str]:
    """The compilers for C and C++: those of ``CC`` and ``CXX``, GCC's or Clang's."""
    named = (environment.get("CC", ""), environment.get("CXX", ""))
    for c, cxx in (named, ("cc", "c++"), ("gcc", "g++"), ("clang", "clang++")):
        found = (shutil.which(c), shutil.which(cxx))
        if found[0] and found[1]:
            return found[0], found[1]
    raise UnavailableError(
        "there is no C++ compiler, and the llama.cpp of the wheel goes on answering",
        mend="install one: apt-get install g++",
    )


def _from_wheels(settings: Settings, folder: Path, progress: Progress) -> tuple[str, str]:
    cmake, ninja = folder / "cmake/data/bin/cmake", _ninja(folder)
    if not (cmake.is_file() and ninja.is_file()):
        if settings.offline:
            raise UnavailableError(
                "CMake and Ninja are not here, and the network may not be used",
                mend="install them, or run the same once without ZAOHUA_OFFLINE",
            )
        _install(folder, progress)
    return str(cmake), str(_ninja(folder))


def _ninja(folder: Path) -> Path:
    """Wheels put it beside the package or into it."""
    places = ("ninja/data/bin/ninja", "bin/ninja")
    return next((folder / place for place in places if (folder / place).is_file()), folder / "-")


def _install(folder: Path, progress: Progress) -> None:
    """Unpack the wheels into ``folder``, all or nothing."""
    options = [option for option in PIP_OPTIONS if option != "--no-cache-dir"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        work, target = Path(scratch), Path(scratch) / "tools"
        command = [*pip_command(), "install", *options, "--only-binary=:all:",
                   f"--target={target}", *WHEELS]  # fmt: skip
        meter = Meter(progress, "cmake and ninja", None)
        meter.start(0)
        try:
            run_client(command, {}, work, meter, "pip")
        finally:
            progress.finish()
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)


def _version(program: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", _first_line(program))
    return tuple(map(int, found.groups())) if found else (0,)


def _first_line(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.partition("\n")[0].strip()
