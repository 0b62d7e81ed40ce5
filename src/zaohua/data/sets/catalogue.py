"""The data sets known by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from zaohua.data.sets.registry import READERS
from zaohua.errors import NotFoundError
from zaohua.store.sources.packages import Archive

OWN: Final = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True)
class SetEntry:
    """A data set that can be read.

    Attributes:
        kind: what its records are.
        version: of the package, and of how it is read.
        archive: the package's archive, pinned by its hash.
        options: what can be chosen, by name, with what it means.
    """

    name: str
    title: str
    kind: str
    licence: str
    homepage: str
    version: str
    languages: tuple[str, ...]
    archive: Archive
    note: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The hash of the archive."""
        return self.archive.sha256

    @property
    def size(self) -> int:
        """The bytes of the archive."""
        return self.archive.size


def names() -> list[str]:
    """The data sets there are, sorted."""
    return sorted(_tables())


def describe(name: str) -> SetEntry:
    """What is known of a data set.

    Raises:
        NotFoundError: there is none of that name; gives the nearest.
    """
    tables = _tables()
    if name not in tables:
        nearest = get_close_matches(name, tables, 1)
        mend = f"did you mean '{nearest[0]}'?" if nearest else f"there are {', '.join(tables)}"
        raise NotFoundError(f"there is no data set '{name}'", mend=mend)
    entry = _entry(name, tables[name])
    return replace(entry, options=_options(name))


def _tables() -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(OWN.read_text("utf-8"))["sets"]
    return tables


def _entry(name: str, table: dict[str, Any]) -> SetEntry:
    plain = dict(table)
    archive, languages = Archive(**plain.pop("archive")), tuple(plain.pop("languages"))
    version = f"{plain.pop('version')}+{plain.pop('reading')}"
    return SetEntry(name, version=version, archive=archive, languages=languages, **plain)


def _options(name: str) -> dict[str, str]:
    fields = READERS[name].options.model_fields
    return {
        key: " ".join(
            filter(
                None,
                (field.description, f"(default: {field.get_default(call_default_factory=True)!r})"),
            )
        )
        for key, field in fields.items()
    }
