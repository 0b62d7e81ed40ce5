"""Turtle and N-Triples: labels are names, types are kinds, the rest are relations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from zaohua.errors import MissingExtraError, UsageError
from zaohua.knowledge.graph.names import cleaned
from zaohua.knowledge.graph.values import Mention, Statement

FORMATS = {".ttl": "turtle", ".nt": "nt"}

_NAMES = ("label", "prefLabel", "name")
_OTHER_NAMES = ("altLabel", "alternateName")


def read_rdf(path: Path) -> Iterator[Mention | Statement]:
    """The names and relations of a file; nothing is fetched from anywhere.

    Raises:
        UsageError: it is not what its ending says.
        MissingExtraError: rdflib is not installed.
    """
    try:
        import rdflib
    except ImportError:
        raise MissingExtraError("rdf", "reading RDF") from None
    graph = rdflib.Graph()
    try:
        graph.parse(path, format=FORMATS[path.suffix.lower()])
    except Exception as error:  # rdflib's parsers raise what their parts raise
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"this is not {FORMATS[path.suffix.lower()]}: {told}", where=str(path)
        ) from None
    yield from _Named(rdflib, graph).all()


class _Named:
    """A graph whose nodes go by their labels."""

    def __init__(self, rdflib: Any, graph: Any) -> None:
        self._rdflib = rdflib
        self._graph = graph
        self._names: dict[Any, list[str]] = defaultdict(list)
        self._others: dict[Any, list[str]] = defaultdict(list)
        for subject, predicate, thing in sorted(graph):
            if isinstance(thing, rdflib.Literal):
                self._names[subject] += [str(thing)] if _local(predicate) in _NAMES else []
                self._others[subject] += [str(thing)] if _local(predicate) in _OTHER_NAMES else []

    def all(self) -> Iterator[Mention | Statement]:
        for node, names in self._names.items():
            others = [*names[1:], *self._others.get(node, ())]
            yield from (
                Mention(cleaned(one), of=cleaned(names[0])) for one in others if one != names[0]
            )
        for subject, predicate, thing in sorted(self._graph):
            local = _local(predicate)
            if local in _NAMES or local in _OTHER_NAMES:
                continue
            if predicate == self._rdflib.RDF.type:
                yield Mention(self._name(subject), self._name(thing))
                continue
            yield Statement(
                self._name(subject), self._name(predicate), self._name(thing), way="import"
            )

    def _name(self, node: Any) -> str:
        names = self._names.get(node)
        return cleaned(names[0] if names else _local(node))


def _local(node: Any) -> str:
    """The last part of an address; a literal or a nameless node as it is."""
    return unquote(re.split(r"[#/]", str(node).rstrip("#/"))[-1]).replace("_", " ").strip() or str(
        node
    )
