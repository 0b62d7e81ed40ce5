"""YAML read strictly: no key twice, the words of YAML 1.2, errors with their line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zaohua.errors import UsageError

_BOOL = "tag:yaml.org,2002:bool"

Path = tuple[str | int, ...]
"""The keys and places in lists that lead to a value."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a text of YAML holds, and the line (from 1) of each key and item in it."""

    values: dict[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Sequence[str | int]) -> int:
        """The line of what is at ``path``, or of the nearest thing above it; 1 for the top."""
        for length in range(len(path), 0, -1):
            if (found := self.lines.get(tuple(path[:length]))) is not None:
                return found
        return 1


def parse_table(text: str, where: str, what: str, mend: str = "") -> Table:
    """The top-level table of a text.

    Args:
        text: YAML.
        where: the file, for errors.
        what: it is to be (``a recipe``), for errors.
        mend: what a table begins like, for errors.

    Raises:
        UsageError: it is not YAML, a key stands twice, or its top is no table; with the line.
    """
    import yaml

    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        lines: dict[Path, int] = {}
        twice = next(_twice(node, (), lines, set()), None)
        values = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise UsageError(f"this is not YAML: {_told(error)}", where=_place(error, where)) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not YAML: {error}", where=where) from None
    if twice:
        key, line = twice
        raise UsageError(f"the key '{key}' stands twice in one table", where=f"{where}:{line}")
    if not isinstance(values, dict):
        raise UsageError(f"{what} is a table of keys and values", where=where, mend=mend)
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


def _loader() -> Any:
    """PyYAML's safe loader with the words of YAML 1.2 for yes and no: ``off`` is a word."""
    import yaml

    resolvers = {
        first: [one for one in found if one[0] != _BOOL or first in "tTfF"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})


def _twice(
    node: Any, path: Path, lines: dict[Path, int], walked: set[int]
) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one table, with the line of the second; an alias is walked once.

    Notes the lines on its way.
    """
    if node is None or isinstance(node.value, str) or id(node) in walked:
        return
    walked.add(id(node))
    seen = set()
    for number, part in enumerate(node.value):
        key, below = part if isinstance(part, tuple) else (None, part)
        here = (*path, number if key is None else str(key.value))
        lines[here] = (below if key is None else key).start_mark.line + 1
        if key is not None:
            if here[-1] in seen:
                yield str(here[-1]), lines[here]
            seen.add(here[-1])
        yield from _twice(below, here, lines, walked)


def _told(error: Any) -> str:
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    return f"{problem} ({context})" if context else str(problem)


def _place(error: Any, where: str) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{where}:{mark.line + 1}" if mark else where
