"""The sources of a data set as one stream of tasks, which can be taken up again in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from zaohua.data.cleaning.steps import characters
from zaohua.data.prepare.identity import identities
from zaohua.data.prepare.spec import DataSpec, SourceSpec
from zaohua.data.readers import ReadOptions, read
from zaohua.data.readers.paths import expand, files
from zaohua.data.records import Record, Unreadable
from zaohua.errors import UsageError
from zaohua.progress import Progress
from zaohua.settings import Settings

Item = Record | Unreadable
TASK_CHARACTERS = 1 << 18
TASK_ITEMS = 4096
_IN_WORKERS = {".pdf", ".html", ".htm", ".xhtml", ".docx", ".epub"}
_SMALL_FILE = 8 << 20


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the sources have been read.

    Attributes:
        source, file: the one to go on with.
        items: how many items of that file have passed.
        records: how many records of that source have passed.
    """

    source: int = 0
    file: int = 0
    items: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Some items of one source, in order, and where the next task begins.

    A path among the items is a small file that whoever does the task is to read.
    """

    number: int
    source: int
    items: tuple[Item | Path, ...]
    after: Cursor


class Source(Protocol):
    """One source, opened."""

    label: str
    licence: str
    options: ReadOptions
    format: str | None

    def identities(self) -> list[str]:
        """What stands for it in the lineage."""

    def parts(self) -> int:
        """How many files it has."""

    def items(self, part: int) -> Iterator[Item | Path]:
        """The items of one file, from its start."""


class PathSource:
    """Files, folders and globs."""

    def __init__(self, spec: SourceSpec, where: str) -> None:
        paths = [spec.path] if isinstance(spec.path, str) else spec.path
        self.label = ", ".join(paths)
        self.licence = ""
        self.format = spec.format or None
        self.options = _read_options(spec.options, where)
        self._alone = spec.limit == 0 and spec.format == ""
        read([], format=self.format)
        self._files = list(files(expand(paths)))

    def identities(self) -> list[str]:
        """One for each file."""
        return identities(self.label, self._files)

    def parts(self) -> int:
        """How many files it has."""
        return len(self._files)

    def items(self, part: int) -> Iterator[Item | Path]:
        """The records of one file, or the file itself where a worker had better read it."""
        file = self._files[part]
        if isinstance(file, Unreadable) or (self._alone and _is_small_document(file)):
            yield file
        else:
            yield from read([file], format=self.format, options=self.options)


class SetSource:
    """A data set of the catalogue, or of a hub."""

    def __init__(self, spec: SourceSpec, settings: Settings, progress: Progress) -> None:
        from zaohua.data import sets

        self._sets = sets
        self.format: str | None = None
        self.options = ReadOptions()
        self._spec, self._settings, self._progress = spec, settings, progress
        self.label = spec.set or spec.hub
        self.licence, self._version = "", ""
        if spec.set:
            described = self._sets.describe(spec.set)
            self.licence, self._version = described.licence, described.version

    def identities(self) -> list[str]:
        """Its name and version."""
        kind = "set" if self._spec.set else "hub"
        return [f"{kind}:{self.label}" + (f"#{self._version}" if self._version else "")]

    def parts(self) -> int:
        """It is read as one."""
        return 1

    def items(self, part: int) -> Iterator[Item | Path]:
        """All its records."""
        read_one = self._sets.records if self._spec.set else self._sets.hub_records
        yield from read_one(
            self.label, self._spec.options, settings=self._settings, progress=self._progress
        )


def open_sources(spec: DataSpec, settings: Settings, progress: Progress) -> list[Source]:
    """The sources of ``spec``.

    Raises:
        UsageError: a source that names not exactly one of path, set and hub, or wrong options.
        NotFoundError: a path, set or hub name that is not there.
    """
    return [
        _open(source, f"sources[{number}]", settings, progress)
        for number, source in enumerate(spec.sources)
    ]


def tasks(spec: DataSpec, sources: list[Source], start: Cursor, number: int) -> Iterator[Task]:
    """All tasks from ``start`` on, the first with ``number``. Their bounds depend on the items
    alone: they are the same wherever a broken run is taken up.
    """
    for index in range(start.source, len(sources)):
        cursor = start if index == start.source else Cursor(index)
        held: list[Item | Path] = []
        size = 0
        for item, after in _limited(sources[index], cursor, spec.sources[index].limit):
            held.append(item)
            size += _weight(item)
            if size >= TASK_CHARACTERS or len(held) >= TASK_ITEMS:
                yield Task(number, index, tuple(held), after)
                number, held, size = number + 1, [], 0
        if held:
            yield Task(number, index, tuple(held), Cursor(index + 1))
            number += 1


def _limited(source: Source, cursor: Cursor, limit: int) -> Iterator[tuple[Item | Path, Cursor]]:
    if limit and cursor.records >= limit:
        return
    for item, after in _from(source, cursor):
        yield item, after
        if limit and after.records == limit:
            return


def _from(source: Source, cursor: Cursor) -> Iterator[tuple[Item | Path, Cursor]]:
    for part in range(cursor.file, source.parts()):
        passed = cursor.items if part == cursor.file else 0
        for number, item in enumerate(source.items(part)):
            if number < passed:
                continue
            records = cursor.records + isinstance(item, Record)
            cursor = replace(cursor, file=part, items=number + 1, records=records)
            yield item, cursor


def _weight(item: Item | Path) -> int:
    if isinstance(item, Record):
        return characters(item)
    return item.stat().st_size if isinstance(item, Path) and item.exists() else 0


def _is_small_document(file: Path) -> bool:
    if file.suffix.lower() not in _IN_WORKERS:
        return False
    try:
        return file.stat().st_size <= _SMALL_FILE
    except OSError:
        return False


def _open(spec: SourceSpec, where: str, settings: Settings, progress: Progress) -> Source:
    if sum(map(bool, (spec.path, spec.set, spec.hub))) != 1:
        raise UsageError("a source needs exactly one of 'path', 'set' and 'hub'", where=where)
    if spec.path:
        return PathSource(spec, where)
    return SetSource(spec, settings, progress)


def _read_options(options: dict[str, Any], where: str) -> ReadOptions:
    known = list(ReadOptions.__dataclass_fields__)
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise UsageError(
                f"reading has no option '{name}'",
                where=f"{where}.options",
                mend=f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}",
            )
    try:
        return TypeAdapter(ReadOptions).validate_python(options)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {first['msg']}", where=f"{where}.options") from None
