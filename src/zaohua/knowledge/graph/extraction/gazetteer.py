"""Names that are known beforehand, found in texts: the longest one at each place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zaohua.knowledge.graph.names import MOST_TERMS, key_of
from zaohua.text.search_terms import search_terms


@dataclass(frozen=True, slots=True)
class Known:
    """A known name and what it is the name of."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Known names by their keys; ``longest`` is the number of terms of the longest."""

    names: Mapping[str, Known]
    longest: int = 1

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that change when a name does."""
        told = "\n".join(f"{key}={known.kind}" for key, known in sorted(self.names.items()))
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    def found(self, text: str) -> list[Known]:
        """The known names in ``text``, each once, in their order."""
        terms = search_terms(text) if self.names else []
        found: dict[str, Known] = {}
        place = 0
        while place < len(terms):
            step = 1
            for length in range(min(self.longest, len(terms) - place), 0, -1):
                key = " ".join(terms[place : place + length])
                if key in self.names:
                    found.setdefault(key, self.names[key])
                    step = length
                    break
            place += step
        return list(found.values())


def gazetteer(names: Iterable[Known]) -> Gazetteer:
    """Of ``names``; names of one Chinese character or more than 20 terms are passed over."""
    by_key = {key_of(one.name): one for one in names}
    kept = {key: one for key, one in by_key.items() if len(key) > 1 and key.count(" ") < MOST_TERMS}
    return Gazetteer(kept, max((key.count(" ") + 1 for key in kept), default=1))
