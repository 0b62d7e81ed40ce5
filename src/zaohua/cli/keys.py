"""``zaohua keys``: API keys, their scopes and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from zaohua.service.keys import ApiKey, Keyring, KeyUsage

app = typer.Typer(
    help="Make, list and revoke API keys.", rich_markup_mode=None, no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="chat (the web page), inference (/v1) or admin (both); repeat for more.",
            show_default="chat and inference",
        ),
    ] = None,
    rpm: Annotated[int, typer.Option(min=0, help="Requests a minute; 0: no limit.")] = 0,
    tpm: Annotated[int, typer.Option(min=0, help="Tokens a minute; 0: no limit.")] = 0,
    tokens_per_day: Annotated[int, typer.Option(min=0, help="Tokens a UTC day; 0: no limit.")] = 0,
    tokens_total: Annotated[int, typer.Option(min=0, help="Tokens in all; 0: no limit.")] = 0,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="30m, 12h, 90d, 4w or a date (2027-01-31).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and show its secret: the only time it can be seen."""
    from zaohua.service.keys import KeyLimits

    limits = KeyLimits(rpm, tpm, tokens_per_day, tokens_total)
    until = _moment(expires) if expires else None
    with _keyring() as keyring:
        key, secret = keyring.create(name, scope or ("chat", "inference"), limits, until)
        others = [one for one in keyring.list() if one.name == name and one.revoked_at is None]
    if as_json:
        print_json({**_facts(key), "key": secret})
        return
    typer.echo(secret)
    typer.echo(
        f"Keep it: it cannot be shown again. '{key.name}' may use {', '.join(key.scopes)}.",
        err=True,
    )
    if len(others) > 1:
        typer.echo(
            f"{len(others)} keys are named '{key.name}': revoke them by id; this is {key.id}.",
            err=True,
        )


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys and what each has used."""
    with _keyring() as keyring:
        rows = [(key, keyring.usage(key.id)) for key in keyring.list()]
    if as_json:
        print_json([_facts(key, usage) for key, usage in rows])
    elif rows:
        _print_table(rows)
    else:
        typer.echo("there are no keys: 'zaohua keys create NAME' makes one")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Name or id of the key.")], as_json: Json = False
) -> None:
    """End a key for good; what uses it gets 401 within seconds."""
    with _keyring() as keyring:
        ended = keyring.revoke(key)
    if as_json:
        print_json(_facts(ended))
    else:
        typer.echo(f"'{ended.name}' ({ended.id}) is revoked")


@contextmanager
def _keyring() -> Iterator[Keyring]:
    from zaohua.service.keys import Keyring
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    database = Database(load_settings().resolved_database_url)
    try:
        database.migrate()
        yield Keyring(database)
    finally:
        database.close()


def _moment(text: str) -> datetime:
    """A time from now (``90d``) or the start of a UTC day (``2027-01-31``)."""
    from zaohua.errors import UsageError

    unit = _UNITS.get(text[-1:])
    try:
        if unit and text[:-1].isdigit():
            return datetime.now(UTC) + timedelta(**{unit: int(text[:-1])})
        given = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(
            "the expiry cannot be read", where=text, mend="write 12h, 90d or 2027-01-31"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _facts(key: ApiKey, usage: KeyUsage | None = None) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(key)
    if usage is not None:
        facts["usage"] = asdict(usage)
    return facts


def _print_table(rows: list[tuple[ApiKey, KeyUsage]]) -> None:
    headings = ("NAME", "ID", "KEY", "SCOPES", "LIMITS", "TOKENS TODAY", "IN ALL", "STATE")
    cells = [
        (
            key.name,
            key.id,
            f"zao-…{key.hint}",
            " ".join(key.scopes),
            _limits(key) or "none",
            f"{usage.tokens_today:,}",
            f"{usage.tokens_total:,}",
            _state(key),
        )
        for key, usage in rows
    ]
    folded = ("NAME", "SCOPES", "LIMITS")
    print_table(headings, cells, right=("TOKENS TODAY", "IN ALL"), folded=folded)


def _limits(key: ApiKey) -> str:
    limits = key.limits
    parts = (
        (limits.requests_per_minute, "requests/min"),
        (limits.tokens_per_minute, "tokens/min"),
        (limits.tokens_per_day, "tokens/day"),
        (limits.tokens_total, "tokens"),
    )
    return ", ".join(f"{amount:,} {unit}" for amount, unit in parts if amount)


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if not key.valid:
        return "expired"
    return f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "valid"
