"""The tiny recipe with its data, in a folder of its own."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.store.conftest import Remembered

LINES = (
    "床前明月光",
    "疑是地上霜",
    "举头望明月",
    "低头思故乡",
    "白日依山尽",
    "黄河入海流",
    "the moon is bright tonight",
    "a river runs to the sea",
)


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(text + "\n", "utf-8")


def texts(count: int = 200) -> list[dict[str, Any]]:
    draw = random.Random(1)
    return [{"text": f"{n} " + "，".join(draw.choices(LINES, k=6))} for n in range(count)]


def talk(count: int = 120) -> list[dict[str, Any]]:
    draw = random.Random(2)
    pairs = [draw.sample(LINES, 2) for _ in range(count)]
    return [
        {
            "messages": [
                {"role": "user", "content": f"{number} {asked}?"},
                {"role": "assistant", "content": answer},
            ]
        }
        for number, (asked, answer) in enumerate(pairs)
    ]


@pytest.fixture
def told() -> Remembered:
    return Remembered()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny recipe and its files, which is the working directory."""
    place = tmp_path / "work"
    place.mkdir()
    shutil.copy(Path(__file__).with_name("tiny.yaml"), place)
    write_lines(place / "texts.jsonl", texts())
    write_lines(place / "talk.jsonl", talk())
    monkeypatch.chdir(place)
    return place
