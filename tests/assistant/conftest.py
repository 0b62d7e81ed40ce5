"""What the tests of conversations and answers share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.generate.fake import FakeModels
from zaohua.store.database import Database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'zaohua.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Conversations:
    return Conversations(database)


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


@pytest.fixture
async def answers(database: Database, models: FakeModels) -> AsyncIterator[Answers]:
    running = Answers(database, models)
    yield running
    await running.aclose()
