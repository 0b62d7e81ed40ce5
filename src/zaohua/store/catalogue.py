"""The models known by name: the package's own list, and the user's, which wins by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from zaohua.errors import UsageError
from zaohua.problems import nearest
from zaohua.store import sources
from zaohua.store.manifest import check_name
from zaohua.store.sources import Source

OWN: Final = Path(__file__).with_name("catalogue.toml")
FILE_NAME: Final = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that can be pulled.

    ``size`` is bytes, only a guess when ``approx``; an empty ``sha256`` means that the hub's own
    hash is demanded instead. Prices are per million tokens, for the cost shown beside an answer.
    ``sampling`` is how the model's maker advises to draw.
    """

    name: str
    mirrors: tuple[Source, ...]
    title: str = ""
    size: int = 0
    approx: bool = False
    sha256: str = ""
    licence: str = "unknown"
    languages: tuple[str, ...] = ()
    context_length: int = 0
    note: str = ""
    price_prompt: float = 0.0
    price_completion: float = 0.0
    currency: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "zaohua"


TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "title": str,
    "size": int,
    "approx": bool,
    "sha256": str,
    "licence": str,
    "languages": list,
    "context_length": int,
    "note": str,
    "price_prompt": (int, float),
    "price_completion": (int, float),
    "currency": str,
    "sampling": dict,
    "mirrors": list,
}
SAMPLING: Final = {
    "temperature": 100,
    "top_k": 2**31 - 1,
    "top_p": 1,
    "min_p": 1,
    "repeat_penalty": 100,
}
"""What a maker may advise on, and the most it can be."""


def load(home: Path) -> dict[str, CatalogueEntry]:
    """All entries by name; those of ``catalogue.toml`` in ``home`` replace the package's.

    Raises:
        UsageError: a file is not a catalogue; names the file, the entry and the key.
    """
    entries = _read(OWN, "zaohua")
    users = home / FILE_NAME
    return entries | _read(users, "yours") if users.is_file() else entries


def _read(path: Path, origin: str) -> dict[str, CatalogueEntry]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"the catalogue cannot be read: {error}", where=str(path)) from None
    models = table.pop("models", {})
    if table or not isinstance(models, dict):
        raise UsageError(
            "the catalogue holds something else than [models.NAME] tables",
            where=str(path),
            mend="see docs/models.md",
        )
    return {name: _entry(name, entry, origin, path) for name, entry in models.items()}


def _entry(name: str, table: Any, origin: str, path: Path) -> CatalogueEntry:
    where = f"{path}, models.{name}"
    check_name(name)
    if not isinstance(table, dict):
        raise UsageError("an entry is not a table", where=where)
    for key, value in table.items():
        _check(key, value, where)
    if not table.get("mirrors"):
        raise UsageError("an entry needs mirrors", where=where, mend="see docs/models.md")
    mirrors = tuple(sources.make(mirror, where) for mirror in table["mirrors"])
    plain = {k: v for k, v in table.items() if k not in {"mirrors", "languages"}}
    languages = tuple(str(language) for language in table.get("languages", ()))
    plain.setdefault("title", name)
    return CatalogueEntry(name, mirrors, languages=languages, origin=origin, **plain)


def _check(key: str, value: Any, where: str) -> None:
    if key not in TYPES:
        raise UsageError(f"an entry has no key '{key}'", where=where, mend=nearest(key, TYPES))
    if isinstance(value, bool) != (TYPES[key] is bool) or not isinstance(value, TYPES[key]):
        raise UsageError(f"the value of '{key}' has the wrong type", where=where)
    _check_value(key, value, where)


def _check_value(key: str, value: Any, where: str) -> None:
    if key == "sha256" and not re.fullmatch(r"(?:[0-9a-f]{64})?", value):
        raise UsageError("a sha256 is 64 lower-case hexadecimal digits", where=where)
    if key == "mirrors" and not all(isinstance(mirror, dict) for mirror in value):
        raise UsageError("mirrors are tables such as { kind = 'url', url = '…' }", where=where)
    if key == "sampling":
        _check_sampling(value, where)
    if isinstance(value, int | float) and value < 0:
        raise UsageError(f"the value of '{key}' is negative", where=where)


def _check_sampling(table: Mapping[str, Any], where: str) -> None:
    for name, value in table.items():
        if name not in SAMPLING:
            raise UsageError(f"sampling has no '{name}'", where=where, mend=nearest(name, SAMPLING))
        kind = int if name == "top_k" else int | float
        if (
            isinstance(value, bool)
            or not isinstance(value, kind)
            or not 0 <= value <= SAMPLING[name]
        ):
            raise UsageError(f"the value of sampling's '{name}' cannot be used", where=where)
