"""JSON files: an array of objects, one object, or several, read without holding the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from zaohua.data.readers.encoding import as_utf8
from zaohua.data.readers.entries import Entry, Fault, ReadFailure, Row
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import head


def read_json(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One row an object of the array (the outermost one, or that at ``options.json_records``).

    Raises:
        ReadFailure: the JSON is wrong from some point on.
    """
    ijson = format_library("ijson", "JSON files")
    first, utf8 = head(as_utf8(stream, options.encoding))
    if options.json_records:
        prefix = f"{options.json_records}.item"
    else:
        prefix = "item" if first.lstrip().startswith(b"[") else ""
    found = ijson.items(utf8, prefix, use_float=True, multiple_values=True)
    try:
        for value in found:
            yield Row(value) if isinstance(value, dict) else _loose(value)
    except ijson.JSONError as error:
        raise ReadFailure(f"wrong JSON: {str(error).splitlines()[0]}") from error


def _loose(value: object) -> Entry:
    if isinstance(value, str):
        return Row({"text": value})
    return Fault("not a JSON object")
