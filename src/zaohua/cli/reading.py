"""Reads what a verb is given: prompts from arguments and standard input, options from files."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

BOM = "\ufeff"


def prompt(words: Sequence[str]) -> str:
    """The prompt of a command line: its words, after what comes through standard input.

    ``-`` alone stands for standard input. A file before the question lets several questions
    about the same file share the engine's prefix cache.

    Raises:
        UsageError: not UTF-8.
    """
    typed = _decoded(" ".join(words))
    if typed == "-":
        return _piped()
    piped = _piped() if _comes_through_stdin() else ""
    return f"{piped.rstrip()}\n\n{typed}" if piped.strip() and typed else typed or piped


def text_file(path: Path) -> str:
    """The text of a file that an option names.

    Raises:
        UsageError: it cannot be read or is not UTF-8.
    """
    from zaohua.errors import UsageError

    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = (error.strerror or "unreadable").lower()
        raise UsageError(f"the file cannot be read: {what}", where=str(path)) from None
    except UnicodeDecodeError:
        raise _not_utf8(str(path)) from None


def _comes_through_stdin() -> bool:
    """Whether standard input is a pipe, socket or file: not a terminal, not ``/dev/null``."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        raise _not_utf8("standard input") from None


def _decoded(typed: str) -> str:
    """Arguments as UTF-8, also where the locale is not."""
    try:
        return typed.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8("the prompt") from None


def _not_utf8(where: str) -> Exception:
    from zaohua.errors import UsageError

    return UsageError(
        "the text is not UTF-8",
        where=where,
        mend="convert it first: iconv -f GB18030 -t UTF-8 FILE",
    )
