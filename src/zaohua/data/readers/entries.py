"""What a format reader yields before positions are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from zaohua.data.readers.options import ReadOptions


@dataclass(frozen=True, slots=True)
class Document:
    """A text and what is known about it."""

    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a table or JSON file, not yet understood."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that cannot be read; the next ones can."""

    reason: str


class ReadFailure(Exception):
    """The rest of a file cannot be read; the message is the reason."""


Entry = Document | Row | Fault
FormatReader = Callable[[BinaryIO, ReadOptions], Iterator[Entry]]
