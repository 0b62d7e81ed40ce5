"""The database: SQLite in WAL mode, or PostgreSQL by URL; brought up to date by Alembic.

SQLite keeps committed data through a crash of any process (``synchronous=NORMAL``); only a power
cut can take the last transactions, never the file's integrity. Its writers take turns (a lock in
this process, ``BEGIN IMMEDIATE`` between processes); its readers never wait and never see "database
is locked".
"""

from __future__ import annotations

import getpass
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from zaohua.errors import MissingExtraError, UnavailableError, UsageError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30.0
"""How long a writer waits for its turn."""
_PATIENCE = f"busy_timeout={BUSY_SECONDS * 1000:.0f}"


class Database:
    """A connection pool with sessions. Blocking: call it from worker threads.

    Raises:
        UsageError: the URL cannot be read.
        MissingExtraError: the driver for the URL is not installed.
        UnavailableError: the folder of an SQLite file cannot be made.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _create(url)
        self._writers = sessionmaker(self._engine, expire_on_commit=False)
        self._readers = sessionmaker(
            self._engine.execution_options(reading=True), expire_on_commit=False
        )
        self._turn = threading.Lock()

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write: commits at the end, or rolls back on an exception.

        Never open one inside another: on SQLite the inner one waits for the outer.

        Raises:
            UnavailableError: other writers held the database for too long, the disk is full, the
                server is gone.
        """
        with _failures(), self._my_turn(), self._writers() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, from one snapshot on SQLite; never waits for writers."""
        with _failures(), self._readers() as session, session.begin():
            yield session

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self.kind != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError("the database is busy", mend="try again in a moment")
        try:
            yield
        finally:
            self._turn.release()

    def migrate(self) -> None:
        """Create the schema or bring it to this version's; safe with several processes at once.

        Raises:
            UnavailableError: the database cannot be reached or written, or a newer zaohua made it.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        fail = partial(UnavailableError, where=self.address)
        try:
            with self._engine.begin() as connection:
                _lock(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except SQLAlchemyError as error:
            raise fail(
                f"the database cannot be used: {_cause(error)}",
                mend="check ZAOHUA_DATABASE_URL, the server and the disk",
            ) from error
        except CommandError as error:
            raise fail(
                "the database was made by a newer zaohua", mend="update zaohua or use another home"
            ) from error

    def scrub(self) -> None:
        """Leave nothing of what was deleted in SQLite's journal, unless readers hold it longer.

        PostgreSQL clears up by itself.
        """
        if self.kind != "sqlite":
            return
        with _failures(), self._my_turn(), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            for pragma in ("busy_timeout=500", "wal_checkpoint(TRUNCATE)", _PATIENCE):
                cursor.execute(f"PRAGMA {pragma}").fetchall()

    @property
    def address(self) -> str:
        """The URL without its password."""
        return make_url(self.url).render_as_string(hide_password=True)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def sqlalchemy_url(url: str) -> URL:
    """The URL for SQLAlchemy: with our driver, a socket folder given as ``host`` understood.

    Raises:
        UsageError: it cannot be read or names another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unreadable() from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise _unreadable()
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    if parsed.username is None:
        parsed = parsed.set(username=getpass.getuser())  # as psql does; the driver wants one
    host = parsed.query.get("host")
    if isinstance(host, str) and host.startswith("/"):
        socket = f"{host}/.s.PGSQL.{parsed.port or 5432}"
        parsed = parsed.difference_update_query(["host"]).update_query_dict({"unix_sock": socket})
    return parsed.set(drivername="postgresql+pg8000")


def _unreadable() -> UsageError:
    return UsageError(
        "the database URL cannot be read", mend="use sqlite:///FILE or postgresql://HOST/NAME"
    )


def _create(url: str) -> Engine:
    parsed = sqlalchemy_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _create_sqlite(parsed)
    try:
        return create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=24, **_COMMON)
    except ModuleNotFoundError:
        raise MissingExtraError("postgres", "a PostgreSQL database") from None


def _create_sqlite(url: URL) -> Engine:
    in_file = bool(url.database) and url.database != ":memory:"
    if in_file:
        _make_private_file(Path(str(url.database)))
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        **_COMMON,
        **({"pool_size": 8, "max_overflow": 56} if in_file else {}),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private_file(path: Path) -> None:
    """Conversations are private: only the owner of the process may read the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UnavailableError(
            f"the database file cannot be made: {error.strerror}",
            where=str(path),
            mend="choose another ZAOHUA_HOME or mend its permissions",
        ) from None


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_COMMON: dict[str, Any] = {"json_serializer": _to_json, "hide_parameters": True}
"""What people wrote must not get into logs through the text of an error."""


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-16384",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20161)"))


@contextmanager
def _failures() -> Iterator[None]:
    """What the database cannot help (a full disk, a lost server) as one clear line."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise UnavailableError(
            f"the database cannot be used: {_cause(error)}",
            mend="check the disk and the database's server",
        ) from error
    except OverflowError as error:
        raise UsageError("a number is larger than the database can hold") from error


def _cause(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    told = cause.args[0] if cause.args else ""
    said = told.get("M") if isinstance(told, dict) else str(cause)  # pg8000 tells in a dict
    return str(said or error).splitlines()[0]
