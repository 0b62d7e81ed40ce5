"""Tables of records: CSV files whose rows flows look up. They are never put into the index."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from zaohua.assistant.flows.conditions import dotted
from zaohua.assistant.flows.form import ColumnSpec, TableSpec
from zaohua.assistant.flows.phrases import plain
from zaohua.assistant.flows.values import LANGUAGES, Language, Record
from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import ReadFailure
from zaohua.errors import UsageError
from zaohua.knowledge.rules.facts import Fact, checked, shown, unit_of
from zaohua.knowledge.rules.form import in_language
from zaohua.knowledge.rules.values import Unknown, Value

MOST_ROWS = 100_000
MOST_BYTES = 32 << 20

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_RELATIVE = re.compile(r"today(?:\s*([+-])\s*(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that flows know; ``heads`` are those of the file, by language."""

    fact: Fact
    hidden: bool
    heads: Mapping[Language, str]

    def value(self, cells: Mapping[str, str], language: Language, today: date) -> Value | None:
        """What a row holds here; None for an empty cell.

        Raises:
            UsageError: it is no value of this column.
        """
        written = cells[self.heads[language]].strip()
        if not written:
            return None
        if self.fact.spec.type == "date" and (day := day_of(written, today)):
            return day
        return checked(self.fact, written)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was found, its values in one language on one day."""

    values: Mapping[str, Value | Unknown]
    shown: SimpleNamespace
    record: Record


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by their keys.

    Attributes:
        name: in expressions and templates.
        source: the name of its file.
        spec: as it was written.
        columns: that are known, by name.
        rows: cells by the heads of the file, by key in lower case.
    """

    name: str
    source: str
    spec: TableSpec
    columns: Mapping[str, Column]
    rows: Mapping[str, Mapping[str, str]]

    def find(
        self, key: Value, language: Language, today: date, show: tuple[str, ...] = ()
    ) -> Row | None:
        """The row of that key; its record has the columns to ``show``, else all not hidden."""
        cells = self.rows.get(plain(str(key)))
        if cells is None:
            return None
        found = {
            name: column.value(cells, language, today) for name, column in self.columns.items()
        }
        told = {
            name: "" if value is None else shown(value, language, self.columns[name].fact)
            for name, value in found.items()
            if not self.columns[name].hidden
        }
        return Row(self._known(found), SimpleNamespace(**told), self._record(told, language, show))

    def nothing(self) -> dict[str, Value | Unknown]:
        """The values of a row that was not found."""
        return self._known(dict.fromkeys(self.columns))

    def blank(self) -> SimpleNamespace:
        """What templates have of a row that was not found."""
        return SimpleNamespace(**{n: "" for n, column in self.columns.items() if not column.hidden})

    def _known(self, found: Mapping[str, Value | None]) -> dict[str, Value | Unknown]:
        names = {name: dotted(self.name, name) for name in found}
        return {
            names[name]: Unknown(frozenset([names[name]])) if value is None else value
            for name, value in found.items()
        }

    def _record(self, told: Mapping[str, str], language: Language, show: tuple[str, ...]) -> Record:
        mark = "：" if language == "zh" else ": "
        lines = [
            f"{self.columns[name].fact.title(language)}{mark}{text}"
            for name, text in told.items()
            if text and (not show or name in show)
        ]
        title = in_language(self.spec.title, language) or self.name
        return Record(self.source, title, "\n".join(lines))


def day_of(written: str, today: date) -> date | None:
    """A day as spreadsheets write it (``2026/1/5``), or by today: ``today``, ``today-9``."""
    if day := _DAY.fullmatch(written):
        with suppress(ValueError):
            return date(*map(int, day.groups()))
    found = _RELATIVE.fullmatch(written)
    if found is None:
        return None
    days = int(found[2] or 0)
    return today + timedelta(-days if found[1] == "-" else days)


class TableFaults(Exception):
    """All that is wrong with a table: keys of its part of the file of flows, and what."""

    def __init__(self, faults: list[tuple[tuple[str, ...], str]]) -> None:
        super().__init__(faults)
        self.faults = faults


def read_table(name: str, spec: TableSpec, folder: Path) -> Table:
    """The table that ``spec`` describes.

    Raises:
        TableFaults: all that is wrong.
    """
    heads, rows = _cells(folder / spec.file)
    columns: dict[str, Column] = {}
    faults: list[tuple[tuple[str, ...], str]] = []
    for column, form in spec.columns.items():
        try:
            columns[column] = _column(column, form, heads)
        except ValueError as error:
            faults.append((("columns", column), str(error)))
    if spec.key not in heads:
        faults.append((("key",), f"{spec.file} has no column '{spec.key}'"))
    if faults:
        raise TableFaults(faults)
    faults = [(("file",), what) for what in _wrong(spec, columns, rows)]
    if faults:
        raise TableFaults(faults[:5])
    by_key = {plain(cells[spec.key]): cells for cells in rows}
    return Table(name, spec.file, spec, columns, by_key)


def _cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableFaults([(("file",), f"{path.name} is too large for a table of flows")])
        text = decode(path.read_bytes())
        reader = csv.DictReader(StringIO(text, ""), restkey="", restval="", strict=True)
        rows = list(reader)
        heads = list(reader.fieldnames or ())
    except OSError as error:
        told = (error.strerror or "").lower()
        raise TableFaults([(("file",), f"{path.name} cannot be read: {told}")]) from None
    except (ReadFailure, csv.Error) as error:
        raise TableFaults([(("file",), f"{path.name} is no CSV: {error}")]) from None
    if len(rows) > MOST_ROWS:
        raise TableFaults([(("file",), f"{path.name} has over {MOST_ROWS:,} rows")])
    return heads, rows


def _column(name: str, spec: ColumnSpec, heads: list[str]) -> Column:
    if not name.isidentifier() or name.startswith("_"):
        raise ValueError("no name for a column: letters, digits and '_'")
    found: dict[Language, str] = {
        language: head
        for language in LANGUAGES
        if (head := name if name in heads else f"{name}_{language}") in heads
    }
    if len(found) < len(LANGUAGES):
        raise ValueError(f"the table has no column '{name}', there are {', '.join(heads)}")
    try:
        unit = unit_of(spec, name)
    except ValueError as error:
        raise ValueError(f"there is no unit '{error}' of {spec.type}") from None
    return Column(Fact(name, spec, unit, ()), spec.hidden, found)


def _wrong(
    spec: TableSpec, columns: Mapping[str, Column], rows: list[dict[str, str]]
) -> Iterator[str]:
    seen: set[str] = set()
    for line, cells in enumerate(rows, start=2):
        key = plain(cells[spec.key])
        if not key or key in seen:
            told = "stands twice" if key else "is empty"
            yield f"{spec.file}, row {line}: the key '{cells[spec.key]}' {told}"
        if "" in cells:
            yield f"{spec.file}, row {line}: more cells than the first row has"
        seen.add(key)
        for name, column in columns.items():
            if told := _unfit(column, cells):
                yield f"{spec.file}, row {line}, {name}: {told}"


def _unfit(column: Column, cells: Mapping[str, str]) -> str:
    """What is wrong with a cell, empty if nothing is."""
    try:
        for language in column.heads:
            column.value(cells, language, date(2000, 1, 1))
    except UsageError as error:
        return error.what
    return ""
