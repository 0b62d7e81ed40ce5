"""Databases for tests that run twice: on an SQLite file and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import postgres_server
from zaohua.store.database import Database, sqlalchemy_url

TABLES = (
    "conversations",
    "api_keys",
    "stored_responses",
    "knowledge_collections",
    "graph_entities",
    "tickets",
    "memories",
    "memory_switches",
    "team_runs",
)
"""All others belong to one of these."""

_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server whose database ``ready`` has the schema, with ``{name}`` to fill in."""
    with postgres_server() as url:
        _create(url, "CREATE DATABASE ready")
        database = Database(url.format(name="ready"))
        database.migrate()
        database.close()
        yield url


def _create(url: str, statement: str) -> None:
    engine = create_engine(
        sqlalchemy_url(url.format(name="postgres")), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def empty_postgres_url(postgres: str) -> str:
    """URL of an empty database of its own."""
    name = f"t{next(_numbers)}"
    _create(postgres, f"CREATE DATABASE {name}")
    return postgres.format(name=name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    if kind == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'zaohua.db'}")
        opened.migrate()
    else:
        opened = Database(request.getfixturevalue("postgres").format(name="ready"))
        with opened.session() as session:
            session.execute(text(f"TRUNCATE {', '.join(TABLES)} CASCADE"))
    yield opened
    opened.close()


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))
