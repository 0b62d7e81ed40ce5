"""Parquet, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from zaohua.data.readers.entries import Entry, ReadFailure, Row
from zaohua.data.readers.libraries import library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import seekable

_ROWS = 256


def read_parquet(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One row a row.

    Raises:
        ReadFailure: the file is damaged.
    """
    pyarrow = library("pyarrow", "reading Parquet files", "parquet")
    parquet = library("pyarrow.parquet", "reading Parquet files", "parquet")
    with seekable(stream, options.max_copy_bytes) as file:
        try:
            yield from _rows(parquet.ParquetFile(file, pre_buffer=False))
        except (pyarrow.ArrowException, OSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ReadFailure(f"damaged Parquet: {reason}") from error


def _rows(table: Any) -> Iterator[Entry]:
    for batch in table.iter_batches(batch_size=_ROWS, use_threads=False):
        for values in batch.to_pylist():
            yield Row(values)
