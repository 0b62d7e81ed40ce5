"""Which encoding a text is in: what its first bytes say, UTF-8 if it fits, else a guess."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, cast

from zaohua.data.readers.entries import ReadFailure
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.streams import HEAD, head

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ["gb18030", "big5", "shift_jis", "euc_jp", "cp949", "cp1251", "cp1252"]
_SHORT = 128
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b\x1a")


def detect(sample: bytes, *, complete: bool) -> str:
    """Name of the encoding of ``sample``; ``complete`` if it is not cut off in the middle.

    Raises:
        ReadFailure: it is not text.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if b"\0" in sample:
        return _utf16(sample)
    if sum(byte in _CONTROL for byte in sample) > len(sample) / 100:
        raise ReadFailure("not text: it has control characters")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=complete)
    except UnicodeDecodeError:
        return "utf-8" if _nearly_utf8(sample) else _guess(sample)
    return "utf-8"


def decode(data: bytes, encoding: str | None = None) -> str:
    r"""The text of ``data``, without byte order mark, with ``\n`` line ends.

    A few damaged bytes in what is plainly UTF-8 come out as U+FFFD.

    Raises:
        ReadFailure: it is not text, or not in ``encoding``.
    """
    name = encoding or detect(data, complete=True)
    try:
        text = data.decode(name, errors="strict" if encoding else "replace")
    except UnicodeDecodeError as error:
        raise ReadFailure(f"not {name} at byte {error.start}") from error
    except LookupError as error:
        raise ReadFailure(f"there is no encoding {name}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def as_utf8(stream: BinaryIO, encoding: str | None = None) -> BinaryIO:
    """The stream in UTF-8 without byte order mark, whatever it was in.

    Bytes that do not fit the encoding come out as U+FFFD, except in a UTF-8 stream, which is not
    touched.

    Raises:
        ReadFailure: it is not text.
    """
    first, stream = head(stream)
    name = encoding or detect(first, complete=len(first) < HEAD)
    if name == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        return stream
    if codecs.lookup(name).name == "utf-8":
        return stream
    return cast(BinaryIO, io.BufferedReader(_Recoded(stream, name), HEAD))


class _Recoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            data = self._stream.read(HEAD)
            self._ready = self._decoder.decode(data, final=not data).encode()
            if not data:
                break
        piece, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _nearly_utf8(sample: bytes) -> bool:
    """UTF-8 with a few damaged bytes: whole sequences hardly ever come about by chance."""
    text = sample.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    return sum(c > "\x7f" for c in text) - damaged > 4 * damaged


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark has its zero bytes on one side: Latin letters, spaces, line ends."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high > 4 * low:
            text = sample[: len(sample) & ~1].decode(name, errors="replace")
            if (
                text.count("\ufffd") <= 1
                and sum(c < " " and c not in "\t\n\r\f" for c in text) == 0
            ):
                return name
    raise ReadFailure("not text: it has zero bytes")


def _guess(sample: bytes) -> str:
    if len(sample) < _SHORT and (name := _short_chinese(sample)):
        return name
    normalizer = format_library("charset_normalizer", "text that is not UTF-8")
    best = normalizer.from_bytes(sample, cp_isolation=_CANDIDATES).best()
    if best is None:
        raise ReadFailure("not text, or in an encoding that was not found out: give encoding=")
    return str(best.encoding)


def _short_chinese(sample: bytes) -> str | None:
    """A few words are too little for statistics.

    The frequent characters have their own rows in GB2312 and in Big5.
    """
    for name, rows in (("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7))):
        try:
            characters = [c for c in sample.decode(name) if c > "\x7f"]
        except UnicodeDecodeError:
            continue
        frequent = sum(c.encode(name)[0] in rows for c in characters)
        if frequent > 0.7 * len(characters):
            return "gb18030" if name == "gb2312" else name
    return None
