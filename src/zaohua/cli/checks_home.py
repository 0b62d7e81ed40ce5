"""Checks of the home folder: can it be written, is there room, what lies in it."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sqlite3
import tempfile
from typing import TYPE_CHECKING

from zaohua.cli import running
from zaohua.cli.check import GIB, Check
from zaohua.errors import ZaohuaError

if TYPE_CHECKING:
    from zaohua.settings import Settings

LITTLE_DISK = 1 * GIB


def writable(settings: Settings) -> Check:
    """Whether a file can be made in the home folder."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        found = f"{settings.home} cannot be written: {error.strerror}"
        return Check("home", "fail", found, "mend its permissions or set ZAOHUA_HOME")
    return Check("home", "ok", f"{settings.home} can be written")


def disk(settings: Settings) -> Check:
    """Room for models and conversations."""
    place = settings.home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    found = f"{free / GIB:.1f} GiB free at {place}"
    if free < LITTLE_DISK // 10:
        return Check("disk", "fail", found, "free some space or set ZAOHUA_HOME to a larger disk")
    if free < LITTLE_DISK:
        return Check("disk", "warn", found, "free some space before pulling a model")
    return Check("disk", "ok", found)


def port(settings: Settings) -> Check:
    """Whether the server can have its port, or has it."""
    server = running.find(settings)
    if server is not None:
        return Check("port", "ok", f"zaohua is up at {server.url} (process {server.pid})")
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError as error:
            found = f"{settings.port} cannot be used: {(error.strerror or '').lower()}"
            mend = "'zaohua up' takes the next one; for 'serve' give --port"
            return Check("port", "warn", found, mend)
    return Check("port", "ok", f"{settings.port} is free")


def database(settings: Settings) -> Check:
    """Whether the database is sound and of this version."""
    if settings.database_url:
        return _by_url(settings)
    path = settings.home / "zaohua.db"
    if not path.exists():
        return Check("database", "ok", "not made yet; the first start makes it")
    mend = f"move {path} away (keep it) and restore a copy, or start afresh"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
            sound = file.execute("PRAGMA quick_check").fetchone()[0]
            at = file.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        return Check("database", "fail", f"{path} is damaged: {error}", mend)
    if sound != "ok":
        return Check("database", "fail", f"{path} is damaged: {sound}", mend)
    return _version(str(at[0]) if at else "", f"{path.stat().st_size / 2**20:.1f} MiB, sound")


def _by_url(settings: Settings) -> Check:
    from sqlalchemy import text

    from zaohua.store.database import Database

    database = Database(settings.resolved_database_url)
    try:
        with database.session() as session:
            row = session.execute(text("SELECT version_num FROM alembic_version")).first()
    except Exception as error:
        found = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Check("database", "fail", found, "check ZAOHUA_DATABASE_URL and the server")
    finally:
        database.close()
    return _version(str(row[0]) if row else "", database.kind)


def _version(at: str, found: str) -> Check:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from zaohua.store.database import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    if at == scripts.get_current_head():
        return Check("database", "ok", found)
    if at in {script.revision for script in scripts.walk_revisions()}:
        return Check("database", "ok", f"{found}; the next start brings it to this version")
    return Check(
        "database", "fail", f"made by a newer zaohua (revision {at})", "install that version again"
    )


def models(settings: Settings) -> Check:
    """Whether the models are whole, and the one that answers by default is there."""
    from zaohua.store.models import find, installed

    bad: list[str] = []
    there = installed(settings)
    for model in there:
        try:
            find(settings, model.name, verify=True)
        except ZaohuaError as error:
            bad.append(f"{model.name}: {error.what}")
    if bad:
        return Check(
            "models", "fail", "; ".join(bad), "remove and pull again: zaohua models rm NAME"
        )
    names = f"{', '.join(m.name for m in there)}: whole" if there else "none installed"
    known = {m.name for m in there} | {str(m.path) for m in there} | settings.engine_urls.keys()
    if settings.engine == "fake" or settings.model in known:
        return Check("models", "ok", names)
    mend = f"'zaohua up' fetches it, or: zaohua models pull {settings.model}"
    return Check("models", "warn", f"{names}; '{settings.model}' is not here", mend)
