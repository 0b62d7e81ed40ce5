"""A memory on both databases, and conversations to learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.knowledge.conftest import TermEmbedder
from zaohua.assistant.ids import new_id
from zaohua.assistant.memory import Memory
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow, MessageRow

ANN, BEN = "ann", "ben"
Said = Callable[..., str]


class Embedder(TermEmbedder):
    """Keeps what it was given, questions too."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        self.made += texts
        return await super().embed(texts, query=query)


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def memory(database: Database, embedder: Embedder) -> Memory:
    return Memory(database, embedder)


@pytest.fixture
def said(database: Database) -> Said:
    """``said("text")`` keeps a message of Ann in a conversation of its own; its id."""

    def keep(text: str, owner: str = ANN) -> str:
        talk, message = new_id(), new_id()
        with database.session() as session:
            session.add(ConversationRow(id=talk, owner=owner))
            session.flush()
            session.add(
                MessageRow(id=message, conversation_id=talk, seq=1, role="user", content=text)
            )
        return message

    return keep
