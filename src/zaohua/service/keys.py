"""API keys: made once, shown once, kept only as a hash; what each used, day by day.

All methods are blocking (database) except `find`; call them from worker threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from zaohua.errors import NotFoundError, UsageError
from zaohua.store.database import Database
from zaohua.store.tables import ApiKeyRow, KeyUsageRow, now

PREFIX = "zao-"
Scope = Literal["chat", "inference", "admin"]
SCOPES: tuple[Scope, ...] = ("chat", "inference", "admin")
_CACHE_ENTRIES = 1024


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key may use; 0 means no limit. Days are UTC days."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    tokens_per_day: int = 0
    tokens_total: int = 0


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret. ``hint`` is the end of the secret, to tell keys apart."""

    id: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    limits: KeyLimits
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def valid(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now())

    def may(self, scope: str) -> bool:
        """Whether the key covers ``scope``; ``admin`` covers all."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """Tokens and requests of a key, today and ever."""

    tokens_today: int = 0
    tokens_total: int = 0
    requests_total: int = 0


class Keyring:
    """The keys of one database.

    A verified key is remembered for ``cache_seconds``, which is also how long a revocation by
    another process can take to be seen here.
    """

    def __init__(self, database: Database, *, cache_seconds: float = 3.0) -> None:
        self._database = database
        self._cache_seconds = cache_seconds
        self._cache: dict[str, tuple[float, ApiKey | None]] = {}

    def create(
        self,
        name: str,
        scopes: Iterable[str] = ("chat", "inference"),
        limits: KeyLimits | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which cannot be had again.

        Raises:
            UsageError: no name, an unknown scope, a negative limit or an expiry in the past.
        """
        limits = limits or KeyLimits()
        chosen = _checked_scopes(scopes)
        _check(name, limits, expires_at)
        secret = PREFIX + secrets.token_urlsafe(32)
        row = ApiKeyRow(
            id=secrets.token_hex(8),
            name=name.strip(),
            digest=digest(secret),
            hint=secret[-4:],
            scopes=list(chosen),
            requests_per_minute=limits.requests_per_minute,
            tokens_per_minute=limits.tokens_per_minute,
            tokens_per_day=limits.tokens_per_day,
            tokens_total=limits.tokens_total,
            created_at=now(),
            expires_at=expires_at,
        )
        with self._database.session() as session:
            session.add(row)
        return _from_row(row), secret

    def list(self) -> list[ApiKey]:
        """All keys, oldest first, revoked ones too."""
        with self._database.session() as session:
            rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at)).all()
            return [_from_row(row) for row in rows]

    def any_valid(self) -> bool:
        """Whether at least one key can be used now."""
        return any(key.valid for key in self.list())

    def revoke(self, name_or_id: str) -> ApiKey:
        """End a key for good.

        Raises:
            NotFoundError: no key has that id or name.
            UsageError: several usable keys have that name.
        """
        with self._database.session() as session:
            row = _one(session, name_or_id)
            row.revoked_at = row.revoked_at or now()
            session.flush()
            key = _from_row(row)
        self._cache.clear()
        return key

    def verify(self, secret: str) -> ApiKey | None:
        """The valid key with that secret. Only its hash is looked up, so time tells nothing."""
        return self._by_digest(digest(secret))

    async def find(self, secret: str) -> ApiKey | None:
        """`verify` for the event loop: remembered, else asked of the database in a thread."""
        hashed = digest(secret)
        kept = self._cache.get(hashed)
        if kept and kept[0] > time.monotonic():
            return kept[1] if kept[1] is None or kept[1].valid else None
        key = await asyncio.to_thread(self._by_digest, hashed)
        if len(self._cache) >= _CACHE_ENTRIES:
            self._cache.clear()
        self._cache[hashed] = (time.monotonic() + self._cache_seconds, key)
        return key

    def get(self, key_id: str) -> ApiKey | None:
        """The valid key with that id."""
        with self._database.session() as session:
            row = session.get(ApiKeyRow, key_id)
            key = _from_row(row) if row else None
        return key if key and key.valid else None

    def secret_digest(self, key_id: str) -> str:
        """The stored hash of a key's secret, which sessions are signed with; empty if unknown."""
        with self._database.session() as session:
            row = session.get(ApiKeyRow, key_id)
            return row.digest if row else ""

    def usage(self, key_id: str) -> KeyUsage:
        """What the key used so far."""
        tokens = KeyUsageRow.prompt_tokens + KeyUsageRow.completion_tokens
        with self._database.session() as session:
            total, requests = session.execute(
                select(func.sum(tokens), func.sum(KeyUsageRow.requests)).where(
                    KeyUsageRow.key_id == key_id
                )
            ).one()
            today = session.scalar(
                select(tokens).where(KeyUsageRow.key_id == key_id, KeyUsageRow.day == _today())
            )
        return KeyUsage(int(today or 0), int(total or 0), int(requests or 0))

    def record(self, key_id: str, prompt_tokens: int, completion_tokens: int) -> None:
        """Add one request to what the key used today."""
        day = _today()
        with self._database.session() as session:
            self._ensure_day(session, key_id, day)
            session.execute(
                update(KeyUsageRow)
                .where(KeyUsageRow.key_id == key_id, KeyUsageRow.day == day)
                .values(
                    requests=KeyUsageRow.requests + 1,
                    prompt_tokens=KeyUsageRow.prompt_tokens + prompt_tokens,
                    completion_tokens=KeyUsageRow.completion_tokens + completion_tokens,
                )
            )
            session.execute(
                update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=now())
            )

    def _ensure_day(self, session: Session, key_id: str, day: str) -> None:
        if self._database.kind == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as pg_insert

            row = pg_insert(KeyUsageRow).values(key_id=key_id, day=day)
            session.execute(row.on_conflict_do_nothing())
            return
        from sqlalchemy.dialects.sqlite import insert

        session.execute(insert(KeyUsageRow).values(key_id=key_id, day=day).on_conflict_do_nothing())

    def _by_digest(self, hashed: str) -> ApiKey | None:
        with self._database.session() as session:
            row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.digest == hashed))
            key = _from_row(row) if row else None
        return key if key and key.valid else None


def digest(secret: str) -> str:
    """SHA-256 of a secret of 256 random bits: no salt or slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _today() -> str:
    return now().strftime("%Y-%m-%d")


def _checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(scopes))
    unknown = [scope for scope in chosen if scope not in SCOPES]
    if unknown or not chosen:
        raise UsageError(
            f"unknown scope '{unknown[0]}'" if unknown else "a key needs a scope",
            mend=f"choose from {', '.join(SCOPES)}",
        )
    return chosen


def _check(name: str, limits: KeyLimits, expires_at: datetime | None) -> None:
    if not name.strip():
        raise UsageError("a key needs a name", mend="say who or what will use it")
    for field in KeyLimits.__dataclass_fields__:
        if getattr(limits, field) < 0:
            raise UsageError(f"{field} cannot be negative", mend="use 0 for no limit")
    if expires_at is not None and expires_at <= now():
        raise UsageError("the expiry is in the past", mend="give a later time")


def _one(session: Session, name_or_id: str) -> ApiKeyRow:
    rows = session.scalars(
        select(ApiKeyRow).where(or_(ApiKeyRow.id == name_or_id, ApiKeyRow.name == name_or_id))
    ).all()
    usable = [row for row in rows if row.revoked_at is None]
    if len(usable) > 1:
        ids = ", ".join(row.id for row in usable)
        raise UsageError(f"several keys are named '{name_or_id}'", mend=f"give an id: {ids}")
    if not rows:
        near = get_close_matches(name_or_id, session.scalars(select(ApiKeyRow.name)).all(), 1)
        mend = f"did you mean '{near[0]}'?" if near else "see 'zaohua keys list'"
        raise NotFoundError(f"there is no key '{name_or_id}'", mend=mend)
    return usable[0] if usable else rows[0]


def _from_row(row: ApiKeyRow) -> ApiKey:
    limits = KeyLimits(
        row.requests_per_minute, row.tokens_per_minute, row.tokens_per_day, row.tokens_total
    )
    return ApiKey(
        id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=tuple(row.scopes),
        limits=limits,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
