"""How a verb ends when it goes wrong: one line on stderr, an exit code, never a bare traceback."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

import typer

INTERRUPTED = 130


def debugging() -> bool:
    """Whether tracebacks were asked for (``zaohua --debug`` or ``ZAOHUA_DEBUG=1``)."""
    return os.environ.get("ZAOHUA_DEBUG", "") not in ("", "0")


def report(error: BaseException) -> int:
    """Tell of ``error`` on stderr and give the exit code it stands for."""
    from zaohua.errors import MissingExtraError, ZaohuaError

    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(error))
        return 0
    if isinstance(error, typer.TyperException):
        say(_usage(error))
        return error.exit_code
    if debugging():
        traceback.print_exception(error)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("zaohua"):
        error = MissingExtraError("train", f"this (it uses '{error.name}')")
    if isinstance(error, ZaohuaError):
        say(error.line())
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        say(f"{error.strerror.lower()} ({error.filename})" if error.filename else error.strerror)
        return 1
    say(_unexpected(error))
    return 1


def say(line: str) -> None:
    """Print one line on stderr, marked as ours."""
    print(f"zaohua: {' '.join(line.split())}", file=sys.stderr, flush=True)


def _usage(error: typer.TyperException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "zaohua"
    return f"{message[:1].lower()}{message[1:]}: see '{command} --help'"


def _unexpected(error: BaseException) -> str:
    what = f"something unexpected went wrong ({type(error).__name__}: {error})"
    log = _log(error)
    where = f"the log is {log}, " if log else ""
    return f"{what}: {where}'zaohua --debug …' shows all of it"


def _log(error: BaseException) -> Path | None:
    """Append the traceback to the log in the home folder; ``None`` if it cannot be written."""
    try:
        from zaohua.settings import load_settings

        path = load_settings().home / "logs" / "zaohua.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(time.strftime("%Y-%m-%d %H:%M:%S "))
            traceback.print_exception(error, file=file)
    except Exception:
        return None
    return path
