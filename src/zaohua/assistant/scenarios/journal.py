"""The answers of a trial in a file, so that a stopped one goes on; gone when it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zaohua.assistant.scenarios.judging import Said
from zaohua.assistant.scenarios.pack import Pack
from zaohua.knowledge.reading import digest_of


class Journal:
    """Answers by a key. A line that was not written whole counts for nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, tuple[Said, ...]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                self._read(line)

    def get(self, key: str) -> tuple[Said, ...] | None:
        """The answers that are there."""
        return self._known.get(key)

    def put(self, key: str, said: Iterable[Said]) -> None:
        """Keep answers."""
        self._known[key] = tuple(said)
        line = json.dumps([key, [asdict(one) for one in self._known[key]]], ensure_ascii=False)
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(line + "\n")

    def remove(self) -> None:
        """The trial is done."""
        self._path.unlink(missing_ok=True)

    def _read(self, line: str) -> None:
        try:
            key, said = json.loads(line)
            self._known[key] = tuple(Said(**_plain(one)) for one in said)
        except (ValueError, TypeError):
            return


def journal_of(folder: Path, pack: Pack, model: str) -> Journal:
    """That of a pack as it is now, and a model."""
    digest = hashlib.sha256(model.encode())
    for path, _, _ in pack.stamp():
        digest.update(path.encode() + b"\0" + digest_of(Path(path)).encode())
    return Journal(folder / f"{pack.name}-{digest.hexdigest()[:16]}.jsonl")


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(one) if isinstance(one, list) else one for key, one in said.items()}
