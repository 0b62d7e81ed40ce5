"""The database: SQLite in WAL mode, or PostgreSQL by URL; brought up to date by Alembic.

SQLite keeps committed data through a crash of any process (``synchronous=NORMAL``); only a power cut can
take the last transactions, never the file's integrity.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from zaohua.errors import MissingExtraError, UnavailableError, UsageError

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A connection pool with sessions. Blocking: call it from worker threads.

    Raises:
        UsageError: the URL cannot be read.
        MissingExtraError: the driver for the URL is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _create(url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back on an exception."""
        with self._sessions() as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Create the schema or bring it to this version's; safe with several processes at once.

        Raises:
            UnavailableError: the database cannot be reached or written.
        """
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            with self._engine.begin() as connection:
                _lock(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except SQLAlchemyError as error:
            raise UnavailableError(
                f"the database cannot be used: {_cause(error)}",
                where=make_url(self.url).render_as_string(hide_password=True),
                mend="check ZAOHUA_DATABASE_URL, the server and the disk",
            ) from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _create(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError(
            "the database URL cannot be read", mend="use sqlite:///FILE or postgresql://HOST/NAME"
        ) from None
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        try:
            return create_engine(parsed, pool_pre_ping=True)
        except ModuleNotFoundError:
            raise MissingExtraError("postgres", "a PostgreSQL database") from None
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16384"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lock(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20161)"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE") if not connection.in_transaction() else None


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
