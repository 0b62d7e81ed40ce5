"""From a catalogue entry to the members of its archive, which is fetched once and kept."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from zaohua.errors import IntegrityError, UnavailableError
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.blobs import Blobs
from zaohua.store.download import Wanted, obtain
from zaohua.store.sources.packages import Archive

Members = Iterator[tuple[str, bytes]]
Opened = Callable[[], Members]


def fetch(
    name: str,
    archive: Archive,
    *,
    settings: Settings,
    progress: Progress,
    what: str = "the data set",
) -> Path:
    """The archive on this machine, under its hash in the home's cache; fetched if it is not there.

    ``what`` says in messages what ``name`` is a name of.

    Raises:
        UnavailableError: it is not there, and may not or cannot be fetched.
    """
    blobs = Blobs(settings.home / "cache")
    if settings.offline and not blobs.path(archive.sha256).exists():
        raise UnavailableError(
            f"{what} '{name}' is not on this machine, and the network may not be used",
            mend="run the same once without ZAOHUA_OFFLINE",
        )
    wanted = Wanted(name, (archive,), archive.sha256, archive.size)
    return obtain(blobs, wanted, progress).path


def members(path: Path, form: str, wanted: Callable[[str], bool]) -> Members:
    """Name and content of the wanted files of an archive, in its order, one at a time in memory.

    Raises:
        IntegrityError: the archive is damaged.
    """
    try:
        yield from (_zipped if form == "wheel" else _tarred)(path, wanted)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise IntegrityError("the archive is damaged", where=str(path)) from error


def _tarred(path: Path, wanted: Callable[[str], bool]) -> Members:
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            if member.isfile() and wanted(member.name):
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name, content.read()


def _zipped(path: Path, wanted: Callable[[str], bool]) -> Members:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir() and wanted(member.filename):
                yield member.filename, archive.read(member)
