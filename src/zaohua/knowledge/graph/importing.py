"""Files of relations, or of names with their kinds, into a collection."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import delete

from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import ReadFailure
from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge.graph.names import cleaned, is_name, key_of
from zaohua.knowledge.graph.rdf import FORMATS, read_rdf
from zaohua.knowledge.graph.values import Extract, Imported, Mention, Statement
from zaohua.knowledge.graph.writing import Place, write
from zaohua.knowledge.keeping import made_collection
from zaohua.store.database import Database
from zaohua.store.tables import GraphSourceRow

MOST_BYTES = 200 << 20
_AT_ONCE = 2000
_PROBLEMS = 20

# What a column may be called, in either language.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "subject": ("subject", "主体", "主语", "头实体"),
    "relation": ("relation", "predicate", "关系", "谓语"),
    "object": ("object", "客体", "宾语", "尾实体"),
    "valid_from": ("valid_from", "from", "起", "生效", "开始"),
    "valid_to": ("valid_to", "to", "until", "止", "失效", "结束"),
    "confidence": ("confidence", "置信度"),
    "name": ("name", "名称", "名字"),
    "kind": ("kind", "type", "类型", "类别"),
    "aliases": ("aliases", "alias", "别名"),
}
_BETWEEN_ALIASES = "|"


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table of things is read whose columns are none of the known ones.

    Attributes:
        subject: the column that names what each row is about.
        kind: what all of them are.
        relations: columns and how the relation to them is called; all others if empty.
    """

    subject: str = ""
    kind: str = ""
    relations: Mapping[str, str] = field(default_factory=dict)


def import_file(database: Database, path: Path, collection: str, columns: Columns) -> Imported:
    """Take in a file in the place of what it gave before.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is neither RDF nor a table with columns that are understood.
        MissingExtraError: it is RDF and the library for that is not installed.
    """
    path = path.expanduser().absolute()
    data = _bytes(path)
    report = _Report()
    found = (
        read_rdf(path) if path.suffix.lower() in FORMATS else _table(path, data, columns, report)
    )
    items = [one for one in found if report.takes(one)]
    digest = hashlib.sha256(data).hexdigest()
    with database.session() as session:
        number = made_collection(session, collection).id
        at = (GraphSourceRow.collection_id == number, GraphSourceRow.path == str(path))
        session.execute(delete(GraphSourceRow).where(*at))
        row = GraphSourceRow(collection_id=number, path=str(path), digest=digest)
        session.add(row)
        session.flush()
        place = Place(source=row.id)
        rest = iter(items)
        while some := list(islice(rest, _AT_ONCE)):
            write(session, number, [(place, _extract(some))])
    relations = sum(isinstance(one, Statement) for one in items)
    names = {one.name for one in items if isinstance(one, Mention)}
    names |= {
        name for one in items if isinstance(one, Statement) for name in (one.subject, one.object)
    }
    return Imported(str(path), relations, len(names), report.faults, tuple(report.problems))


@dataclass(slots=True)
class _Report:
    """What could not be taken."""

    faults: int = 0
    problems: list[str] = field(default_factory=list)

    def takes(self, one: Mention | Statement) -> bool:
        if isinstance(one, Mention):
            good = is_name(one.name)
            told = one.name
        else:
            good = is_name(one.subject) and bool(key_of(one.object)) and bool(one.relation)
            told = f"{one.subject}, {one.relation}, {one.object}"
        if not good:
            self.fault(f"not a relation of things with names: {told[:60]}")
        return good

    def fault(self, told: str) -> None:
        self.faults += 1
        if len(self.problems) < _PROBLEMS:
            self.problems.append(told)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"the file is over {MOST_BYTES >> 20} MB: divide it", where=str(path))
        return path.read_bytes()
    except OSError as error:
        told = (error.strerror or "unreadable").lower()
        raise NotFoundError(f"the file cannot be read: {told}", where=str(path)) from None


def _extract(items: Iterable[Mention | Statement]) -> Extract:
    listed = list(items)
    return Extract(
        tuple(one for one in listed if isinstance(one, Mention)),
        tuple(one for one in listed if isinstance(one, Statement)),
    )


def _table(
    path: Path, data: bytes, columns: Columns, report: _Report
) -> Iterator[Mention | Statement]:
    try:
        text = decode(data)
    except ReadFailure as failure:
        raise UsageError(f"the file cannot be read: {failure}", where=str(path)) from None
    head = text.split("\n", 1)[0]
    mark = max("\t,;|" if path.suffix != ".tsv" else "\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=mark)
    names = [(name or "").strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    known = {
        what: name for name in names for what, same in _COLUMNS.items() if name.lower() in same
    }
    read = _reader(path, names, known, columns)
    try:
        for row in rows:
            if None in row or None in row.values():
                report.fault(f"line {rows.line_num}: not as many fields as the head has")
                continue
            yield from read({name: cleaned(str(value)) for name, value in row.items()})
    except csv.Error as error:
        raise UsageError(f"line {rows.line_num}: {error}", where=str(path)) from None


def _reader(path: Path, names: Sequence[str], known: Mapping[str, str], columns: Columns) -> _Read:
    if columns.subject:
        for name in (columns.subject, *columns.relations):
            if name not in names:
                raise UsageError(
                    f"there is no column '{name}', there are {', '.join(names)}", where=str(path)
                )
        return _Read(known, columns, "things")
    if {"subject", "relation", "object"} <= set(known):
        return _Read(known, columns, "relations")
    if "name" in known:
        return _Read(known, columns, "names")
    raise UsageError(
        "no columns subject, relation, object, and none called name",
        where=str(path),
        mend=f"say what a row is about: --subject '{names[0] if names else ''}'",
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """How a row becomes names and relations."""

    known: Mapping[str, str]
    columns: Columns
    form: str

    def __call__(self, row: Mapping[str, str]) -> Iterator[Mention | Statement]:
        return {"relations": self._relation, "names": self._name, "things": self._thing}[self.form](
            row
        )

    def _relation(self, row: Mapping[str, str]) -> Iterator[Mention | Statement]:
        def cell(what: str) -> str:
            return row[self.known[what]] if what in self.known else ""

        sure = cell("confidence")
        yield Statement(
            cell("subject"),
            cell("relation"),
            cell("object"),
            valid_from=cell("valid_from"),
            valid_to=cell("valid_to"),
            confidence=_share(sure),
            way="import",
        )

    def _name(self, row: Mapping[str, str]) -> Iterator[Mention | Statement]:
        name = row[self.known["name"]]
        kind = row[self.known["kind"]] if "kind" in self.known else ""
        yield Mention(name, kind)
        others = row[self.known["aliases"]] if "aliases" in self.known else ""
        for other in others.split(_BETWEEN_ALIASES):
            if cleaned(other) and name:
                yield Mention(cleaned(other), kind, name)

    def _thing(self, row: Mapping[str, str]) -> Iterator[Mention | Statement]:
        subject = row[self.columns.subject]
        if self.columns.kind:
            yield Mention(subject, self.columns.kind)
        wanted = self.columns.relations or {n: n for n in row if n and n != self.columns.subject}
        for column, relation in wanted.items():
            if row[column]:
                yield Statement(subject, relation, row[column], way="import")


def _share(written: str) -> float:
    try:
        return min(1.0, max(0.0, float(written)))
    except ValueError:
        return 1.0
