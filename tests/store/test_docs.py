"""What docs/models.md says of catalogues is what the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zaohua.settings import Settings
from zaohua.store import catalogue
from zaohua.store.sources import KINDS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["models.md", "models.zh-CN.md"])
def test_example_entry_is_read(settings: Settings, name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    settings.home.mkdir(parents=True)
    digits = re.sub(r'sha256 = ".*?"', f'sha256 = "{"0" * 64}"', example)
    (settings.home / "catalogue.toml").write_text(digits, "utf-8")
    entry = catalogue.load(settings.home)["team-chat"]
    assert {mirror.kind for mirror in entry.mirrors} == set(KINDS)
    assert (entry.price_completion, entry.currency) == (1.5, "CNY")


@pytest.mark.parametrize("name", ["models.md", "models.zh-CN.md"])
def test_every_key_and_kind_is_described(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    for word in [*catalogue.TYPES, *KINDS]:
        assert f"`{word}`" in text or f"{word} = " in text
