"""YAML with the line of every key: strict, without anchors, numbers left as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zaohua.errors import NotFoundError, UsageError

MOST_BYTES = 1 << 20
_DEEPEST = 12
_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"}

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A table and the lines (from 1) on which its keys and items stand."""

    path: str
    table: dict[str, Any]
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of ``place``, or of the nearest thing that it stands in."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Yes and no are words; dates and fractions stay texts, so that they stay exact."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            one for one in found if one[0] in _KEPT and (one[0][-4:] != "bool" or first in "tTfF")
        ]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(path: Path) -> YamlFile:
    """The table in ``path``.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is no table in YAML, too large, has a key twice or anchors.
    """
    text = _text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines = dict(_lines(node, (), set())) if node else {}
        table = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"this is not YAML: {error.problem}", where=f"{path}{line}") from None
    except _Refused as error:
        raise UsageError(str(error), where=f"{path}:{error.line}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"this is not YAML: {error}", where=str(path)) from None
    if not isinstance(table, dict):
        raise UsageError("a rule file is a table of keys and values", where=str(path))
    return YamlFile(str(path), table, lines)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFoundError(
            f"the rule file cannot be read: {(error.strerror or '').lower()}", where=str(path)
        ) from None
    if len(data) > MOST_BYTES:
        raise UsageError("the file is too large to be one of rules", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("a rule file is UTF-8 text, and this is not", where=str(path)) from None


class _Refused(Exception):
    def __init__(self, what: str, node: Any) -> None:
        super().__init__(what)
        self.line = node.start_mark.line + 1


def _lines(node: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, int]]:
    if id(node) in seen:
        raise _Refused("anchors and aliases are not for rule files", node)
    if len(place) > _DEEPEST:
        raise _Refused("tables stand too deep in one another", node)
    seen.add(id(node))
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, (*place, number), seen)
    elif isinstance(node, yaml.MappingNode):
        yield from _keys(node, place, seen)


def _keys(node: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, int]]:
    names = set()
    for key, value in node.value:
        name = str(key.value)
        if name in names:
            raise _Refused(f"the key '{name}' stands twice in one table", key)
        names.add(name)
        yield from _lines(value, (*place, name), seen)
        yield (*place, name), key.start_mark.line + 1
