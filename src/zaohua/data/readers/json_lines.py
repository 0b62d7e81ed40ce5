"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from zaohua.data.readers.encoding import as_utf8
from zaohua.data.readers.entries import Entry, Fault, Row
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import lines


def read_jsonl(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One row a line; blank lines are nothing, a bad line is one fault."""
    utf8 = as_utf8(stream, options.encoding)
    for number, line in enumerate(lines(utf8, options.max_document_bytes), start=1):
        if line is None:
            yield Fault(f"line {number}: longer than {options.max_document_bytes >> 20} MB")
        elif line.strip():
            yield _parsed(number, line)


def _parsed(number: int, line: bytes) -> Entry:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Fault(f"line {number}: {error.msg} at column {error.colno}")
    if isinstance(value, dict):
        return Row(value)
    if isinstance(value, str):
        return Row({"text": value})
    return Fault(f"line {number}: not a JSON object")
