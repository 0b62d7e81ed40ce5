"""The models of this machine: pull, find, list, import, remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaohua.errors import UnavailableError
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings

if TYPE_CHECKING:
    from zaohua.store.catalogue import CatalogueEntry


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose file is on this machine.

    ``metadata`` comes from the GGUF header, read once at install: ``architecture``, ``block_count``,
    ``embedding_length``, ``head_count``, ``head_count_kv``, ``key_length``, ``value_length``, ``parameter_count``,
    ``vocab_size``, ``has_chat_template``, ``file_type`` and so on. Sizes are bytes, ``context_length``
    tokens of the model's training context, prices per million tokens.
    """

    name: str
    path: Path
    size: int
    sha256: str
    title: str
    licence: str
    languages: tuple[str, ...]
    source: str
    installed: datetime
    context_length: int
    metadata: Mapping[str, Any]
    kind: str = "gguf"
    version: str = ""
    price_prompt: float = 0.0
    price_completion: float = 0.0
    currency: str = ""


def pull(settings: Settings, name: str, *, progress: Progress = Silent()) -> InstalledModel:  # noqa: B008
    """Fetch a model, or return at once when it is installed."""
    raise UnavailableError("pulling is being built", where=name)


def find(settings: Settings, name: str, *, verify: bool = False) -> InstalledModel:
    """The installed model of that name, or the one in the file at that path."""
    raise UnavailableError("finding is being built", where=name)


def installed(settings: Settings) -> list[InstalledModel]:
    """All installed models, by name."""
    return []


def available(settings: Settings) -> list[CatalogueEntry]:
    """All models of the catalogue, the user's own first."""
    return []


def import_file(
    settings: Settings,
    path: Path,
    *,
    name: str | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> InstalledModel:
    """Copy a model file into the store."""
    raise UnavailableError("importing is being built", where=str(path))


def remove(settings: Settings, name: str) -> int:
    """Forget a model; returns the bytes freed."""
    raise UnavailableError("removing is being built", where=name)
