from __future__ import annotations

import getpass
import re
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError, StatementError

from zaohua.errors import MissingExtraError, UnavailableError, UsageError
from zaohua.store import database as module
from zaohua.store.database import MIGRATIONS, Database, sqlalchemy_url
from zaohua.store.tables import Base, ConversationRow, MessageRow, SearchEntryRow


def conversation(name: str, **more: object) -> ConversationRow:
    return ConversationRow(id=name, owner="me", **more)


def test_migrations_and_tables_agree(database: Database) -> None:
    options = {
        "compare_type": True,
        "include_name": lambda name, kind, _: (
            kind != "table" or not name.startswith(("search_terms", "knowledge_terms"))
        ),
    }
    with database._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.session() as session:
        session.add(conversation("a"))
    database.migrate()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ConversationRow)) == 1


def test_migrations_can_be_undone(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database._engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database._engine).get_table_names()) == {"alembic_version"}
    database.migrate()
    database.close()


def test_processes_may_migrate_at_the_same_time(empty_url: str) -> None:
    script = (
        f"from zaohua.store.database import Database; d = Database({empty_url!r}); d.migrate();"
        "d.close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    database = Database(empty_url)
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    database.close()


def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=beijing)
    with database.session() as session:
        session.add(conversation("a", created_at=moment))
    with database.reading() as session:
        found = session.get_one(ConversationRow, "a").created_at
    assert found == moment
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)
    with pytest.raises(StatementError, match="no time zone"), database.session() as session:
        session.add(conversation("a", created_at=naive))


def test_no_document_is_null_and_documents_keep_their_text(database: Database) -> None:
    with database.session() as session:
        session.add(conversation("a", sampling={"stop": ["完", "😀", "\\"]}))
        session.flush()
        session.add(MessageRow(id="m", conversation_id="a", seq=1, role="user", usage=None))
    with database.reading() as session:
        nulls = session.scalar(select(func.count()).where(MessageRow.usage.is_(None)))
        assert nulls == 1
        assert session.get_one(ConversationRow, "a").sampling == {"stop": ["完", "😀", "\\"]}


def test_deleting_a_conversation_takes_all_that_hangs_below(database: Database) -> None:
    with database.session() as session:
        session.add(conversation("a"))
        session.flush()
        session.add(MessageRow(id="m", conversation_id="a", seq=1, role="user"))
        session.flush()
        entry = SearchEntryRow(conversation_id="a", message_id="m")
        session.add(entry)
        session.flush()
        terms = "''" if database.kind == "sqlite" else "''::tsvector"
        session.execute(
            text(f"INSERT INTO search_terms (rowid, terms) VALUES (:id, {terms})"),
            {"id": entry.id},
        )
    with database.session() as session:
        session.execute(text("DELETE FROM conversations"))
        for table in ("messages", "search_entries", "search_terms"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


def test_a_message_needs_its_conversation(database: Database) -> None:
    with pytest.raises((IntegrityError, ProgrammingError)), database.session() as session:
        session.add(MessageRow(id="m", conversation_id="nowhere", seq=1, role="user"))


def test_an_exception_rolls_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        session.add(conversation("a"))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.get(ConversationRow, "a") is None


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.session() as session:
        session.add(conversation("a"))
        session.flush()
        begin = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _: _count(database), range(40)))
        assert seen == [0] * 40
        assert time.monotonic() - begin < 5


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(ConversationRow)) or 0


def test_many_threads_may_write(database: Database) -> None:
    def write(thread: int) -> None:
        for number in range(10):
            with database.session() as session:
                session.add(conversation(f"{thread}-{number}"))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(16)))
    assert _count(database) == 160


def test_two_processes_may_write(sqlite: Database) -> None:
    script = f"""
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow
database = Database({sqlite.url!r})
for number in range(100):
    with database.session() as session:
        session.query(ConversationRow).count()
        session.add(ConversationRow(id=f"other{{number}}", owner="me"))
database.close()
"""
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) as other:
        for number in range(100):
            with sqlite.session() as session:
                session.query(ConversationRow).count()
                session.add(conversation(f"mine{number}"))
        assert other.stderr is not None
        errors = other.stderr.read()
    assert other.returncode == 0, errors
    assert _count(sqlite) == 200


def test_a_writer_gives_up_in_the_end(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite.session():
            holds.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait(10)
    try:
        with pytest.raises(UnavailableError, match="busy"), sqlite.session():
            pass
    finally:
        done.set()
        holder.join()


def test_a_full_disk_is_one_clear_line(sqlite: Database) -> None:
    with (
        pytest.raises(UnavailableError, match="cannot be used: database or disk is full"),
        sqlite.session() as session,
    ):
        session.execute(text("PRAGMA max_page_count = 1"))
        session.add(conversation("a", system="x" * 1_000_000))
        session.flush()


def test_the_file_is_private(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'deep' / 'zaohua.db'}").close()
    mode = stat.S_IMODE((tmp_path / "deep" / "zaohua.db").stat().st_mode)
    assert mode == 0o600


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "", "oracle://x", "sqlite3:///x"])
def test_a_wrong_url_is_one_clear_line(url: str) -> None:
    with pytest.raises(UsageError, match=re.escape("use sqlite:///FILE or postgresql://")):
        Database(url)


def test_the_user_of_a_url_is_who_runs_it() -> None:
    assert sqlalchemy_url("postgresql://localhost/x").username == getpass.getuser()
    assert sqlalchemy_url("postgresql://ann@localhost/x").username == "ann"


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(MissingExtraError, match=re.escape("zaohua[postgres]")):
        Database("postgresql://localhost/zaohua")


def test_an_unreachable_server_hides_the_password() -> None:
    database = Database("postgresql://me:secret@127.0.0.1:9/zaohua")
    with pytest.raises(UnavailableError) as caught:
        database.migrate()
    assert "secret" not in caught.value.line()
    assert "127.0.0.1:9" in caught.value.line()
    database.close()


def test_a_foreign_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "zaohua.db").write_bytes(b"not a database at all" * 100)
    database = Database(f"sqlite:///{tmp_path / 'zaohua.db'}")
    with pytest.raises(UnavailableError, match="not a database"):
        database.migrate()
    database.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'file' / 'zaohua.db'}")


def test_the_database_of_a_newer_version(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnavailableError, match="newer zaohua"):
        database.migrate()
    database.close()


def test_utc_is_what_is_compared(database: Database) -> None:
    early = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with database.session() as session:
        session.add_all([conversation("a", created_at=early), conversation("b")])
    later = early.astimezone(timezone(timedelta(hours=-7))) + timedelta(minutes=1)
    with database.reading() as session:
        found = session.scalars(
            select(ConversationRow.id).where(ConversationRow.created_at < later)
        )
        assert list(found) == ["a"]
