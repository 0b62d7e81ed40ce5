"""A memory on both databases, with an embedder that costs nothing, and conversations to learn from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.knowledge.conftest import TermEmbedder
from zaohua.assistant.ids import new_id
from zaohua.assistant.memory import Memory
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow, MessageRow

ANN, BEN = "ann", "ben"
Said = Callable[..., str]


@pytest.fixture
def embedder() -> TermEmbedder:
    return TermEmbedder()


@pytest.fixture
def memory(database: Database, embedder: TermEmbedder) -> Memory:
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
