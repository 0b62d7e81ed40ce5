"""llama.cpp's source: it lies whole in the source distribution of ``llama-cpp-python`` (MIT)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Final

from zaohua.errors import IntegrityError
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.archives import fetch, members
from zaohua.store.sources.packages import Archive

SOURCE: Final = Archive(
    "sdist",
    "llama-cpp-python==0.3.36",
    76_589_250,
    "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e",
)
VERSION: Final = SOURCE.package.partition("==")[2]

_INSIDE: Final = ("vendor", "llama.cpp")
_UNUSED: Final = frozenset(
    {"benches", "conversion", "docs", "examples", "gguf-py", "media", "models", "tests"}
)


def unpack(settings: Settings, folder: Path, progress: Progress) -> Path:
    """Fetch the source if it is not here, and put what is compiled of it into ``folder``.

    Raises:
        UnavailableError: it is not here, and may not or cannot be fetched.
        IntegrityError: it does not hold what it should.
    """
    archive = fetch("llama.cpp", SOURCE, settings=settings, progress=progress, what="the source of")
    mark = folder.with_name(f"{folder.name}.whole")
    if mark.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    _write(archive, folder)
    if not (folder / "CMakeLists.txt").is_file():
        raise IntegrityError("there is no llama.cpp in the archive", where=SOURCE.label)
    mark.touch()
    return folder


def _write(archive: Path, folder: Path) -> None:
    """Write the files; what an earlier compiler run made of them stays right by their times."""
    for name, content in members(archive, SOURCE.form, lambda name: _place(name) is not None):
        place = _place(name)
        assert place is not None  # noqa: S101
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (0, 0))


def _place(name: str) -> Path | None:
    """Where a file of the archive belongs; ``None`` if nothing is compiled of it."""
    parts = PurePosixPath(name).parts[1:]
    inner = parts[len(_INSIDE) :]
    if parts[: len(_INSIDE)] != _INSIDE or ".." in parts or not inner or inner[0] in _UNUSED:
        return None
    return Path(*inner)
