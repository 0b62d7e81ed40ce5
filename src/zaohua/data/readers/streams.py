"""Byte streams: first bytes, decompression with a limit, lines with a limit, a seekable copy."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from zaohua.data.readers.entries import ReadFailure
from zaohua.data.readers.libraries import format_library

HEAD = 1 << 16
_FREE = 16 << 20  # what may come out of any stream before its ratio is looked at


class Rewound(io.RawIOBase):
    """A stream whose first bytes were read already and are given once more."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` from the first bytes, then from the rest."""
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


class Guarded(io.RawIOBase):
    """Decompressed bytes, until they are too many for what went in.

    Raises:
        ReadFailure: more than ``limit`` bytes came out for each byte that went in, or the data is
            damaged.
    """

    def __init__(self, stream: BinaryIO, taken: Callable[[], int], limit: int) -> None:
        self._stream = stream
        self._taken = taken
        self._limit = limit
        self._given = 0

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer``, checking the ratio."""
        try:
            data = self._stream.read(len(buffer))
        except ReadFailure:
            raise
        except Exception as error:
            raise ReadFailure(f"damaged or cut off: {error}") from error
        self._given += len(data)
        if self._given > _FREE and self._given > self._limit * max(self._taken(), 1):
            raise ReadFailure(f"grows more than {self._limit} times when unpacked: not read on")
        buffer[: len(data)] = data
        return len(data)


def head(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """Up to 64 KiB from the start, and a stream that still begins there."""
    if stream.seekable():
        first = stream.read(HEAD)
        stream.seek(0)
        return first, stream
    first = b""
    while len(first) < HEAD and (more := stream.read(HEAD - len(first))):
        first += more
    return first, cast(BinaryIO, io.BufferedReader(Rewound(first, stream), HEAD))


def decompressed(first: bytes, stream: BinaryIO, limit: int) -> BinaryIO | None:
    """The stream unpacked, if its first bytes are those of gzip, bzip2, xz or zstandard."""
    counted = _Counted(stream)
    source = cast(BinaryIO, counted)
    inner: object
    if first.startswith(b"\x1f\x8b"):
        inner = gzip.GzipFile(fileobj=source)
    elif first.startswith(b"BZh") and first[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}:
        inner = bz2.BZ2File(source)
    elif first.startswith(b"\xfd7zXZ\x00"):
        inner = lzma.LZMAFile(source)  # noqa: SIM115 - closed with the outermost stream
    elif first.startswith(b"\x28\xb5\x2f\xfd"):
        inner = _Zstandard(source)
    else:
        return None
    guarded = Guarded(cast(BinaryIO, inner), counted.taken, limit)
    return cast(BinaryIO, io.BufferedReader(guarded, HEAD))


class _Counted(io.RawIOBase):
    """Counts the bytes that a decompressor takes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._count = 0

    def taken(self) -> int:
        return self._count

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._count += len(data)
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Zstandard:
    """Frames one after the other; unlike the library's own reader it notices a cut."""

    _STEP = 1024  # one block of a few bytes can unpack to 128 KiB: small steps keep memory low

    def __init__(self, stream: BinaryIO) -> None:
        zstandard = format_library("zstandard", ".zst files")
        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._stream = stream
        self._frame = self._new()
        self._begun = False
        self._left = b""
        self._ready = b""

    def read(self, size: int) -> bytes:
        while not self._ready and self._feed():
            pass
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece

    def _feed(self) -> bool:
        data = self._left or self._stream.read(self._STEP)
        if not data:
            if self._begun:
                raise EOFError("the last frame is not complete")
            return False
        self._ready = self._frame.decompress(data)
        self._begun, self._left = not self._frame.eof, b""
        if self._frame.eof:
            self._left = self._frame.unused_data
            self._frame = self._new()
        return True


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    r"""Lines without their ``\n`` or ``\r\n``; None in place of one longer than ``limit`` bytes."""
    while line := stream.readline(limit + 2):
        if len(line) > limit and not line.endswith(b"\n"):
            while (rest := stream.readline(HEAD)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line.removesuffix(b"\n").removesuffix(b"\r")


def whole(stream: BinaryIO, limit: int, mend: str = "") -> bytes:
    """All bytes.

    Raises:
        ReadFailure: they are more than ``limit``.
    """
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise ReadFailure(f"larger than {limit >> 20} MB{': ' + mend if mend else ''}")
    return data


@contextmanager
def seekable(stream: BinaryIO, limit: int) -> Iterator[BinaryIO]:
    """The stream itself, or a temporary copy on disk that can be sought in.

    Raises:
        ReadFailure: the copy would be larger than ``limit`` bytes.
    """
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        while data := stream.read(HEAD):
            if copy.tell() + len(data) > limit:
                raise ReadFailure(f"larger than {limit >> 20} MB unpacked: unpack it yourself")
            copy.write(data)
        copy.seek(0)
        yield cast(BinaryIO, copy)
