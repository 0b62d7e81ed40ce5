"""YAML read strictly: no key twice, the words of YAML 1.2, errors with their line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zaohua.errors import NotFoundError, UsageError

MOST_BYTES = 1 << 20
_DEEPEST = 12
_BOOL = "tag:yaml.org,2002:bool"
_EXACT = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int")}

Place = tuple[str | int, ...]
"""The keys and places in lists that lead to a value."""


class YamlError(UsageError):
    """A text is no table of YAML; ``number`` is of the line, from 1, 0 if it is not known."""

    def __init__(self, what: str, where: str, line: int = 0, mend: str = "") -> None:
        super().__init__(what, where=f"{where}:{line}" if line else where, mend=mend)
        self.number = line


@dataclass(frozen=True, slots=True)
class Table:
    """What a text of YAML holds, and the line (from 1) of each key and item in it."""

    values: dict[str, Any]
    lines: Mapping[Place, int]

    def line(self, path: Sequence[str | int]) -> int:
        """The line of what is at ``path``, or of the nearest thing above it; 1 for the top."""
        for length in range(len(path), 0, -1):
            if (found := self.lines.get(tuple(path[:length]))) is not None:
                return found
        return 1


def read_table(
    path: Path, what: str, mend: str = "", *, most: int = MOST_BYTES, exact: bool = False
) -> Table:
    """The top-level table of a file; see `read_text` and `parse_table`."""
    return parse_table(read_text(path, what, most), str(path), what, mend, exact=exact)


def read_text(path: Path, what: str, most: int = MOST_BYTES) -> str:
    """The text of a file that a person wrote: UTF-8, with or without a byte order mark.

    Args:
        path: of the file.
        what: it is to be (``a recipe``), for errors.
        most: bytes.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is larger than ``most``, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        name = what.partition(" ")[2]
        raise NotFoundError(
            f"the {name} cannot be read: {error.strerror}", where=str(path)
        ) from None
    if len(data) > most:
        raise UsageError(f"the file is too large to be {what}", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is UTF-8 text, and this is not", where=str(path)) from None


def parse_table(text: str, where: str, what: str, mend: str = "", *, exact: bool = False) -> Table:
    """The top-level table of a text.

    Args:
        text: YAML.
        where: the file, for errors.
        what: it is to be (``a recipe``), for errors.
        mend: what a table begins like, for errors.
        exact: dates and fractions stay texts as they are written; no anchors, and no more than
            twelve tables in one another.

    Raises:
        YamlError: it is not YAML, a key stands twice, or its top is no table; with the line.
    """
    import yaml

    try:
        loader = _loader(exact)(text)
        node = loader.get_single_node()
        lines = {} if node is None else dict(_lines(node, (), set(), exact))
        values = None if node is None else loader.construct_document(node)
    except _Refused as error:
        raise YamlError(str(error), where, error.line) from None
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {_told(error)}", where, _line(error)) from None
    except (ValueError, RecursionError) as error:
        raise YamlError(f"this is not YAML: {error}", where) from None
    if not isinstance(values, dict):
        raise YamlError(f"{what} is a table of keys and values", where, mend=mend)
    return Table(values, lines)


def parse_value(text: str) -> Any:
    """One value as YAML writes it; the text itself if it is none."""
    import yaml

    try:
        return _loader()(text).get_single_data()
    except yaml.YAMLError:
        return text


def written(values: Mapping[str, Any]) -> str:
    """A table as YAML, its keys in their order."""
    import yaml

    return str(yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=100))


def _loader(exact: bool = False) -> Any:
    """PyYAML's safe loader with the words of YAML 1.2 for yes and no: ``off`` is a word."""
    import yaml

    def wanted(tag: str, first: str) -> bool:
        return (tag != _BOOL or first in "tTfF") and (tag in _EXACT or not exact)

    resolvers = {
        first: [one for one in found if wanted(one[0], first)]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})


class _Refused(Exception):
    def __init__(self, what: str, node: Any) -> None:
        super().__init__(what)
        self.line = node.start_mark.line + 1


def _lines(node: Any, path: Place, walked: set[int], exact: bool) -> Iterator[tuple[Place, int]]:
    """The line of each key and item below ``node``; an alias is walked once.

    Raises:
        _Refused: a key stands twice in one table; what is not ``exact``.
    """
    if exact and id(node) in walked:
        raise _Refused("anchors and aliases are not for such a file", node)
    if exact and len(path) > _DEEPEST:
        raise _Refused("tables stand too deep in one another", node)
    if id(node) in walked:
        return
    walked.add(id(node))
    names = set()
    parts = [] if isinstance(node.value, str) else node.value
    for number, part in enumerate(parts):
        key, below = part if isinstance(part, tuple) else (None, part)
        name = number if key is None else str(key.value)
        if name in names:
            raise _Refused(f"the key '{name}' stands twice in one table", key)
        names.add(name)
        yield (*path, name), (below if key is None else key).start_mark.line + 1
        yield from _lines(below, (*path, name), walked, exact)


def _told(error: Any) -> str:
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    return f"{problem} ({context})" if context else str(problem)


def _line(error: Any) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 0
