"""A graph over a library, and files to read."""

from __future__ import annotations

import pytest

from zaohua.knowledge.graph import Graph
from zaohua.store.database import Database


@pytest.fixture
def graph(database: Database) -> Graph:
    return Graph(database)
