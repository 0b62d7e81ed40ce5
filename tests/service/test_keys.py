"""Keys: made once, kept as hashes, revoked, expired; usage by day; the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from zaohua.cli.keys import app as cli
from zaohua.errors import NotFoundError, UsageError, ZaohuaError
from zaohua.service.keys import KeyLimits, Keyring
from zaohua.store.database import Database
from zaohua.store.tables import ApiKeyRow, now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'keys.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def keyring(database: Database) -> Keyring:
    return Keyring(database, cache_seconds=60)


def test_the_secret_is_kept_nowhere(keyring: Keyring, database: Database, tmp_path: Path) -> None:
    key, secret = keyring.create("ann", limits=KeyLimits(requests_per_minute=3))
    assert secret.startswith("zao-")
    assert len(secret) >= 4 + 43
    assert keyring.verify(secret) == key
    assert secret not in repr(key)
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
    with database.session() as session:
        row = session.scalars(select(ApiKeyRow)).one()
        assert row.digest != secret
        assert row.hint == secret[-4:]


def test_wrong_secrets(keyring: Keyring) -> None:
    _, secret = keyring.create("ann")
    for wrong in ("", "zao-", secret[:-1], secret + "x", secret.upper(), "zao-\ud800"):
        assert keyring.verify(wrong) is None


async def test_revoking_ends_a_remembered_key(keyring: Keyring) -> None:
    key, secret = keyring.create("ann")
    assert await keyring.find(secret) == key
    keyring.revoke("ann")
    assert await keyring.find(secret) is None
    assert keyring.get(key.id) is None
    assert not keyring.any_valid()
    assert keyring.revoke(key.id).revoked_at is not None


async def test_expiry_is_seen_while_remembered(keyring: Keyring, database: Database) -> None:
    key, secret = keyring.create("ann", expires_at=now() + timedelta(hours=1))
    assert keyring.verify(secret)
    with database.session() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key.id).values(expires_at=past))
    assert await keyring.find(secret) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": " "},
        {"name": "a", "scopes": ["root"]},
        {"name": "a", "scopes": []},
        {"name": "a", "limits": KeyLimits(tokens_total=-1)},
        {"name": "a", "expires_at": now() - timedelta(days=1)},
    ],
)
def test_keys_that_make_no_sense(keyring: Keyring, arguments: Any) -> None:
    with pytest.raises(UsageError):
        keyring.create(**arguments)


def test_names_that_several_keys_have(keyring: Keyring) -> None:
    first, _ = keyring.create("ann")
    second, _ = keyring.create("ann")
    with pytest.raises(UsageError, match=second.id):
        keyring.revoke("ann")
    keyring.revoke(first.id)
    assert keyring.revoke("ann").id == second.id
    with pytest.raises(NotFoundError, match="did you mean 'ann'"):
        keyring.revoke("anne")


def test_usage_adds_up(keyring: Keyring) -> None:
    key, _ = keyring.create("ann")
    assert keyring.usage(key.id).tokens_total == 0
    keyring.record(key.id, 10, 5)
    keyring.record(key.id, 1, 2)
    usage = keyring.usage(key.id)
    assert (usage.tokens_today, usage.tokens_total, usage.requests_total) == (18, 18, 2)
    assert keyring.list()[0].last_used_at is not None


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, arguments)


def test_the_command_line() -> None:
    made = run("create", "ann", "--rpm", "5", "--tokens-per-day", "1000", "--expires", "90d")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("zao-")
    table = run("list").stdout
    assert "ann" in table
    assert "1,000 tokens/day" in table
    assert made.stdout.strip() not in table
    facts = json.loads(run("list", "--json").stdout)
    assert facts[0]["limits"]["requests_per_minute"] == 5
    assert facts[0]["usage"]["tokens_total"] == 0
    assert "digest" not in facts[0]
    assert run("revoke", "ann").exit_code == 0
    assert "revoked" in run("list").stdout
    assert "keys are named" not in run("create", "ann").stderr
    assert "2 keys are named 'ann': revoke them by id" in run("create", "ann").stderr
    secret = json.loads(run("create", "bob", "--scope", "admin", "--json").stdout)
    assert secret["key"].startswith("zao-")
    assert secret["scopes"] == ["admin"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "x", "--expires", "soon"),
        ("create", "x", "--expires", "2001-01-01"),
        ("create", "x", "--scope", "root"),
        ("revoke", "nobody"),
    ],
)
def test_wrong_command_lines(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, ZaohuaError)


def test_negative_limits_are_refused() -> None:
    assert run("create", "x", "--rpm", "-1").exit_code == 2
