"""CSV and TSV with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from zaohua.data.readers.encoding import as_utf8
from zaohua.data.readers.entries import Entry, Fault, ReadFailure, Row
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import head


def read_csv(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One row a record; the delimiter (comma, semicolon, tab or bar) is taken from the header line.

    Raises:
        ReadFailure: the header repeats a name, or a quote is never closed.
    """
    return _read(stream, options, options.delimiter)


def read_tsv(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """As :func:`read_csv`, with tabs."""
    return _read(stream, options, options.delimiter or "\t")


def _read(stream: BinaryIO, options: ReadOptions, delimiter: str | None) -> Iterator[Entry]:
    first, utf8 = head(as_utf8(stream, options.encoding))
    delimiter = delimiter or _delimiter(first)
    # The limit belongs to the whole process; its default refuses any field over 128 KiB.
    csv.field_size_limit(max(csv.field_size_limit(), options.max_document_bytes))
    # Bytes that are not UTF-8 become lone surrogates, so that only their own rows are refused.
    text = io.TextIOWrapper(utf8, "utf-8", errors="surrogateescape", newline="")
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = next(rows, [])
        if len(set(header)) < len(header):
            raise ReadFailure("the header names a column twice")
        for values in rows:
            if values:
                yield _row(header, values, rows.line_num)
    except csv.Error as error:
        raise ReadFailure(f"line {rows.line_num}: {error}") from error
    finally:
        text.detach()


def _row(header: list[str], values: list[str], line: int) -> Entry:
    if len(values) != len(header):
        return Fault(f"line {line}: {len(values)} fields where the header has {len(header)}")
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return Fault(f"line {line}: bytes that are not UTF-8")
    return Row(dict(zip(header, values, strict=True)))


def _delimiter(first: bytes) -> str:
    header = first.split(b"\n", 1)[0].decode("utf-8", errors="replace")
    outside = "".join(header.split('"')[::2])
    return max(",;\t|", key=lambda mark: (outside.count(mark), mark == ","))
