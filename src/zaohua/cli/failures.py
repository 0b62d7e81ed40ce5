"""How a verb ends when it goes wrong: one line on stderr, an exit code, never a bare traceback."""

from __future__ import annotations

import errno
import os
import sys
import time
import traceback
from pathlib import Path

import typer

INTERRUPTED = 130
_MENDS = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EROFS: "choose a place that can be written",
    errno.EACCES: "mend its permissions or choose another place",
    errno.EMFILE: "allow more open files: ulimit -n 4096",
}


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
        say(_system(error))
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


def _system(error: OSError) -> str:
    """What the operating system refused."""
    what = str(error.strerror).lower()
    where = f" ({error.filename})" if error.filename else ""
    if isinstance(error, FileNotFoundError) and not where and not _is_somewhere():
        return "the folder that this runs in is gone: change into another"
    mend = _MENDS.get(error.errno or 0, "")
    return f"{what}{where}: {mend}" if mend else f"{what}{where}"


def _is_somewhere() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


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
