"""A prepared data set on disk: shards of records, one file format for all who read or write it.

``train-00000.jsonl.zst``, ``validation-00000.jsonl.zst`` …: one record a line, in the project's
training data format (``text``; ``messages``; …), with ``source``, ``position`` and ``meta``.

A shard is a row of zstandard frames of about a megabyte of lines, each with a checksum. The same
records give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import orjson

from zaohua.data.readers.entries import ReadFailure
from zaohua.data.readers.libraries import library
from zaohua.data.readers.streams import decompressed, head, lines
from zaohua.data.records import Record, Turn
from zaohua.errors import IntegrityError, NotFoundError
from zaohua.store.files import sync_folder

Part = Literal["train", "validation"]
PARTS: tuple[Part, Part] = ("train", "validation")

_FRAME = 1 << 20  # bytes of lines in one frame
_LEVEL = 3
_ANY_RATIO = 1 << 40  # our own shards need no guard against bombs
_LONGEST_LINE = 1 << 31
_MOST_INTEGER = 1 << 63


def records(folder: Path, part: Part) -> Iterator[Record]:
    """The records of one part, in order, read one shard after the other in constant memory.

    Raises:
        NotFoundError: there is no shard of any part in ``folder`` (at once).
        IntegrityError: a shard is damaged; says which.
    """
    found = shards(folder, part)
    if not found and not any(shards(folder, other) for other in PARTS):
        raise NotFoundError(
            "no prepared data set here", where=str(folder), mend="make one: zaohua data prepare"
        )
    return (from_line(line) for shard in found for line in shard_lines(shard))


def shards(folder: Path, part: Part) -> list[Path]:
    """The shard files of one part, in order."""
    return sorted(folder.glob(f"{part}-[0-9][0-9][0-9][0-9][0-9]*.jsonl.zst"), key=_number)


def shard_lines(shard: Path) -> Iterator[bytes]:
    """The lines of one shard, without line ends.

    Raises:
        IntegrityError: it is damaged or cut off.
    """
    try:
        with shard.open("rb") as file:
            first, stream = head(file)
            unpacked = decompressed(first, stream, _ANY_RATIO)
            if unpacked is None:
                raise ReadFailure("not a zstandard file")
            for line in lines(unpacked, _LONGEST_LINE):
                yield line or b""
    except (ReadFailure, OSError) as error:
        raise IntegrityError(
            f"the shard is damaged: {error}", where=str(shard), mend="prepare the data set again"
        ) from None


def to_line(record: Record) -> bytes:
    """A record as one JSON line, newline included; `from_line` reads it back equal.

    Lone surrogates, which UTF-8 cannot hold, are written as U+FFFD.
    """
    table: dict[str, Any] = {}
    if record.text or not record.messages:
        table["text"] = record.text
    for name, turns in (
        ("messages", record.messages),
        ("chosen", record.chosen),
        ("rejected", record.rejected),
    ):
        if turns:
            table[name] = [{"role": turn.role, "content": turn.content} for turn in turns]
    if record.label is not None:
        table["label"] = record.label
    table["source"], table["position"] = record.source, record.position
    if record.meta:
        table["meta"] = dict(record.meta)
    try:
        return orjson.dumps(table, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return orjson.dumps(_writable(table), option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> Record:
    """A record from the line that `to_line` made.

    Raises:
        IntegrityError: it is not such a line.
    """
    try:
        table = orjson.loads(line)
        return Record(
            table["source"],
            table["position"],
            text=table.get("text", ""),
            messages=_turns(table.get("messages", ())),
            chosen=_turns(table.get("chosen", ())),
            rejected=_turns(table.get("rejected", ())),
            label=table.get("label"),
            meta=table.get("meta", {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        start = line[:60].decode("utf-8", "replace")
        raise IntegrityError("a line of the data set is no record", where=start) from None


def compressed(data: bytes) -> bytes:
    """``data`` as one zstandard frame with a checksum."""
    compressor = library("zstandard", "writing a data set").ZstdCompressor(
        level=_LEVEL, write_checksum=True
    )
    return bytes(compressor.compress(data))


class LinesFile:
    """Writes lines to one ``.jsonl.zst`` file, which is there when it is complete and not before.

    Used as a context manager; after an error nothing is left behind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(f".{path.name}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("wb")
        self._held: list[bytes] = []
        self._size = 0

    def __enter__(self) -> Self:
        """Ready to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file in its place, or remove what was begun."""
        try:
            if kind is None:
                self._finish()
        finally:
            with suppress(OSError):  # of a full disk, which was told already
                self._file.close()
            self._part.unlink(missing_ok=True)

    def write(self, line: bytes) -> None:
        """Add one line, newline included."""
        self._held.append(line)
        self._size += len(line)
        if self._size >= _FRAME:
            self._flush()

    def _flush(self) -> None:
        self._file.write(compressed(b"".join(self._held)))
        self._held, self._size = [], 0

    def _finish(self) -> None:
        if self._held or not self._file.tell():
            self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self.path)
        sync_folder(self.path.parent)


class ShardWriter:
    """Writes the shards of one part, each of about ``shard_bytes`` of lines.

    A shard that is there already is taken to be complete, as an earlier, broken run wrote it from
    the same lines: it is passed over, not written again. Use it as a context manager.
    """

    def __init__(self, folder: Path, part: Part, shard_bytes: int) -> None:
        self._folder, self._part, self._shard_bytes = folder, part, shard_bytes
        self._number = 0
        self._size = 0
        self._file: LinesFile | None = None

    def __enter__(self) -> Self:
        """Ready to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Complete the last shard, or drop it after an error."""
        if self._file is not None:
            file, self._file = self._file, None
            file.__exit__(kind, error, trace)

    def write(self, line: bytes) -> None:
        """Add one line, newline included."""
        path = self._folder / f"{self._part}-{self._number:05}.jsonl.zst"
        if self._size == 0 and not path.exists():
            self._file = LinesFile(path)
        if self._file is not None:
            self._file.write(line)
        self._size += len(line)
        if self._size >= self._shard_bytes:
            self.__exit__(None, None, None)
            self._number, self._size = self._number + 1, 0


def _number(shard: Path) -> int:
    return int(shard.name.removesuffix(".jsonl.zst").rpartition("-")[2])


def _turns(values: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    return tuple(Turn(value["role"], value["content"]) for value in values)


def _writable(value: Any) -> Any:
    """``value`` as JSON can hold it: no lone surrogates, no integers beyond 64 bits."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case bool() | None | float():
            return value
        case int():
            return value if -_MOST_INTEGER <= value < _MOST_INTEGER else str(value)
        case Mapping():
            return {_writable(str(key)): _writable(item) for key, item in value.items()}
        case list() | tuple():
            return [_writable(item) for item in value]
        case _:
            return str(value)
