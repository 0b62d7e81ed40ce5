"""A pack: a folder, and where everything in it lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from zaohua.assistant.scenarios.form import ScenarioSpec

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
HEAD: Final = "scenario.yaml"
PARTS: Final = (
    HEAD,
    "card.md",
    "card.zh-CN.md",
    "knowledge",
    "tables",
    "rules",
    "flows.yaml",
    "templates",
    "guard.yaml",
    "cases",
)
"""What may lie in a pack."""
EVERY: Final = "all"
"""Stands for all packs, and is the name of none."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def is_name(name: str) -> bool:
    """Whether a pack can be called so."""
    return name != EVERY and _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Pack:
    """A scenario.

    Attributes:
        name: of its folder.
        folder: it is in.
        yours: whether it is the user's and not one that comes with zaohua.
        spec: its ``scenario.yaml``.
    """

    name: str
    folder: Path
    yours: bool
    spec: ScenarioSpec

    @property
    def guard(self) -> Path:
        """The policy, which need not be there."""
        return self.folder / "guard.yaml"

    @property
    def flows(self) -> Path:
        """The dialogues led by code, which need not be there."""
        return self.folder / "flows.yaml"

    @property
    def tables(self) -> Path:
        """The folder of records, which need not be there."""
        return self.folder / "tables"

    @property
    def templates(self) -> Path:
        """The folder of its own prompt templates, which need not be there."""
        return self.folder / "templates"

    @property
    def rules(self) -> list[Path]:
        """Its rule files by name."""
        return sorted((self.folder / "rules").glob("*.yaml"))

    def knowledge(self, language: Language) -> Path:
        """The folder of documents in ``language``, which need not be there."""
        return self.folder / "knowledge" / language

    def documents(self, language: Language) -> list[Path]:
        """The files in it."""
        return sorted(_files(self.knowledge(language)))

    def collection(self, language: Language) -> str:
        """What the collection of its documents is called."""
        return f"{self.name}-{language}"

    def cases(self, language: Language) -> Path:
        """The evaluation set, which need not be there."""
        return self.folder / "cases" / f"{language}.jsonl"

    def card(self, language: Language) -> Path:
        """What it is for and how it was measured, which need not be there."""
        return self.folder / ("card.md" if language == "en" else "card.zh-CN.md")

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file of it does: paths, times, sizes."""
        found = []
        for path in sorted(_files(self.folder)):
            about = path.stat()
            found.append((str(path), about.st_mtime_ns, about.st_size))
        return tuple(found)


def _files(folder: Path) -> Iterator[Path]:
    """All below a folder but what is hidden."""
    for path in folder.rglob("*"):
        below = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in below):
            yield path
