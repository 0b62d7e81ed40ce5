"""Members of zip and tar archives, read in place: no file is written under a name of theirs."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from zaohua.data.readers.entries import Fault, ReadFailure
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import Guarded, seekable

_ENCRYPTED = 0x1
_CHAT_EXPORT = re.compile(r"conversations(?:-\d+)?\.json")

Member = tuple[str, BinaryIO | Fault]


def zip_members(stream: BinaryIO, options: ReadOptions) -> Iterator[Member]:
    """Name and stream of each file, in the archive's order.

    Of a ChatGPT export only the conversations.

    Raises:
        ReadFailure: the archive is damaged.
    """
    with seekable(stream, options.max_copy_bytes) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ReadFailure(f"damaged archive: {error}") from error
        with archive:
            for info in _chosen(archive.infolist()):
                if _left_out(info.filename):
                    continue
                if info.is_dir():
                    continue
                if fault := _refused(info.filename):
                    yield info.filename, fault
                else:
                    yield info.filename, _open(archive, info, options)


def tar_members(stream: BinaryIO, options: ReadOptions) -> Iterator[Member]:
    """Name and stream of each file, in the archive's order, without holding the list of members.

    Raises:
        ReadFailure: the archive is damaged.
    """
    del options
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=1) as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]
                if info.isdir() or _left_out(info.name):
                    continue
                if not info.isfile():
                    yield info.name, Fault("a link or device in an archive")
                elif fault := _refused(info.name):
                    yield info.name, fault
                else:
                    member = archive.extractfile(info)
                    yield info.name, cast(BinaryIO, member)
    except tarfile.TarError as error:
        raise ReadFailure(f"damaged archive: {error}") from error


def _open(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, options: ReadOptions
) -> BinaryIO | Fault:
    if info.flag_bits & _ENCRYPTED:
        return Fault("locked with a password")
    try:
        member = archive.open(info)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        return Fault(f"damaged: {error}")
    guarded = Guarded(cast(BinaryIO, member), lambda: info.compress_size, options.max_expansion)
    return cast(BinaryIO, guarded)


def _chosen(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    names = {PurePosixPath(member.filename).name for member in members}
    chats = [m for m in members if _CHAT_EXPORT.fullmatch(PurePosixPath(m.filename).name)]
    is_export = names & {"chat.html", "user.json", "message_feedback.json"}
    return chats if chats and is_export else members


def _left_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(
        part == "__MACOSX" or (part.startswith(".") and part not in {".", ".."}) for part in parts
    )


def _refused(name: str) -> Fault | None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        return Fault("its name leads out of the archive")
    return None
