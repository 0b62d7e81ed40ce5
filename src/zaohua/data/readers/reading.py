"""From paths to records: files are found, unpacked, recognised, read; failures are told."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from zaohua.data.readers.archives import tar_members, zip_members
from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.paths import expand, files
from zaohua.data.readers.registry import FORMATS, find_format, format_reader
from zaohua.data.readers.rows import fields_as_text, parts
from zaohua.data.readers.streams import HEAD, decompressed, head
from zaohua.data.readers.turns import RowError
from zaohua.data.records import Record, Unreadable
from zaohua.errors import UsageError, ZaohuaError

Item = Record | Unreadable
_REASON = 300  # characters
_LAYERS = 3  # compressions around one another


def read(
    paths: Sequence[str | Path],
    *,
    format: str | None = None,  # noqa: A002 - the word users know
    options: ReadOptions | None = None,
) -> Iterator[Item]:
    """Records of all files, in order, one at a time; ``Unreadable`` for what cannot be read.

    Args:
        paths: files, folders (read in depth, names sorted), globs. Compressed files and
            archives are unpacked on the way.
        format: one of ``FORMATS`` for every file, in place of finding it out.
        options: field names, units, limits.

    Raises:
        NotFoundError: a path does not exist or a glob matches nothing (at once).
        UsageError: ``format`` is not known (at once).
        MissingExtraError: a library for a format is not installed (when its first file is met).
    """
    if format is not None and format not in FORMATS:
        raise UsageError(
            "no such format", where=format, mend=f"known formats are {', '.join(FORMATS)}"
        )
    found = expand(paths)
    return _read_all(found, format, options or ReadOptions())


def _read_all(paths: list[Path], format_: str | None, options: ReadOptions) -> Iterator[Item]:
    for path in files(paths):
        if isinstance(path, Unreadable):
            yield path
            continue
        try:
            stream = path.open("rb")
        except OSError as error:
            yield Unreadable(str(path), (error.strerror or type(error).__name__).lower())
            continue
        with stream:
            yield from _read_stream(str(path), path.name, stream, format_, options)


def _read_stream(
    source: str, name: str, stream: BinaryIO, format_: str | None, options: ReadOptions
) -> Iterator[Item]:
    """Everything in one stream; a failure is one ``Unreadable`` where it happened."""
    position = 0
    try:
        first, unpacked = _unpack(stream, options)
        if not first:
            raise ReadFailure("empty file")
        archive = (
            find_format(name, first, options.encoding) if _may_be_archive(first, format_) else None
        )
        if archive in {"zip", "tar"}:
            yield from _read_archive(source, archive, unpacked, format_, options)
            return
        chosen = format_ or archive or find_format(name, first, options.encoding)
        for entry in format_reader(chosen)(unpacked, options):
            yield _item(source, position, entry, options)
            position += 1
        if position == 0:
            yield Unreadable(source, "no records in it")
    except ZaohuaError:
        raise
    except ReadFailure as failure:
        yield Unreadable(source, _line(str(failure)), position or None)
    except Exception as error:
        yield Unreadable(source, _line(f"{type(error).__name__}: {error}"), position or None)


def _unpack(stream: BinaryIO, options: ReadOptions) -> tuple[bytes, BinaryIO]:
    first, stream = head(stream)
    for _ in range(_LAYERS):
        inner = decompressed(first, stream, options.max_expansion)
        if inner is None:
            return first, stream
        first, stream = head(inner)
    raise ReadFailure(f"compressed more than {_LAYERS - 1} times over")


def _may_be_archive(first: bytes, format_: str | None) -> bool:
    return format_ not in {"docx", "epub"} and (
        first.startswith((b"PK\x03\x04", b"PK\x05\x06")) or first[257:262] == b"ustar"
    )


def _read_archive(
    source: str, kind: str, stream: BinaryIO, format_: str | None, options: ReadOptions
) -> Iterator[Item]:
    if options.max_depth < 1:
        yield Unreadable(source, "archives too deep inside each other")
        return
    inside = replace(options, max_depth=options.max_depth - 1)
    names: Counter[str] = Counter()
    members = zip_members if kind == "zip" else tar_members
    for name, member in members(stream, options):
        names[name] += 1
        again = f"#{names[name]}" if names[name] > 1 else ""
        full = f"{source}!{name}{again}"
        if isinstance(member, Fault):
            yield Unreadable(full, _line(member.reason))
        else:
            buffered = cast(BinaryIO, io.BufferedReader(_Forward(member), HEAD))
            yield from _read_stream(full, name, buffered, format_, inside)
    if not names:
        yield Unreadable(source, "an archive without files")


class _Forward(io.RawIOBase):
    """A member of an archive as a stream that is only read forward."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _line(reason: str) -> str:
    """A reason on one line that a table can show, whatever a library said."""
    line = " ".join(reason.split())
    return line if len(line) <= _REASON else f"{line[: _REASON - 1]}…"


def _item(source: str, position: int, entry: Entry, options: ReadOptions) -> Item:
    if isinstance(entry, Fault):
        return Unreadable(source, _line(entry.reason), position)
    if isinstance(entry, Document):
        if not entry.text.strip():
            return Unreadable(source, "no text in it", position)
        return Record(source, position, text=entry.text, meta=entry.meta)
    try:
        return _row(source, position, entry.values, options)
    except RowError as error:
        return Unreadable(source, _line(str(error)), position)
    except RecursionError:
        return Unreadable(source, "nested too deep", position)


def _row(source: str, position: int, values: Mapping[str, Any], options: ReadOptions) -> Record:
    text = fields_as_text(values) if options.structure else ""
    if text:
        return Record(source, position, text=text, meta={"row": position})
    return Record(source, position, **parts(values, options.fields))
