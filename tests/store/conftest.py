"""A hub on loopback, a progress that remembers, a catalogue written by the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.hub import Hub
from tests.store.making import gguf
from zaohua.settings import Settings


class Remembered:
    """A `Progress` that keeps what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps: list[tuple[str, int | None]] = []
        self.amounts: list[int] = []
        self.finished = 0

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        self.steps.append((label, total))
        self.amounts = [done] if done else []

    def advance(self, amount: int) -> None:
        self.amounts.append(amount)

    def figures(self, text: str) -> None:
        self.notes.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def finish(self) -> None:
        self.finished += 1

    def said(self, text: str) -> bool:
        return any(text in note for note in self.notes)


@pytest.fixture
def told() -> Remembered:
    return Remembered()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A server that is both hubs; no test reaches the real ones."""
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.url)
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "MODELSCOPE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def tiny() -> bytes:
    """A small GGUF file."""
    return gguf()


@pytest.fixture
def entry(settings: Settings) -> Callable[..., None]:
    """Write an entry into the user's catalogue."""
    lines: list[str] = []

    def write(name: str, *mirrors: dict[str, Any], **facts: Any) -> None:
        lines.append(f'[models."{name}"]')
        lines.extend(f"{key} = {json.dumps(value)}" for key, value in facts.items())
        tables = (
            "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + "}"
            for table in mirrors
        )
        lines.append(f"mirrors = [{', '.join(tables)}]")
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / "catalogue.toml").write_text("\n".join(lines) + "\n", "utf-8")

    return write
