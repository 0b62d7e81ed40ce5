"""Reads what a verb is given: prompts from arguments and standard input, options from files.

Nothing is read whole before it is known to be small enough.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

BOM = "\ufeff"
MOST_BYTES = 64 << 20
"""Of a text that is held in memory, in a file or through a pipe."""
_DOCUMENTS = (".pdf", ".docx", ".epub", ".html", ".htm", ".xhtml")
_DOCUMENT_BYTES = 200 << 20
"""Of a document: pictures take most of one."""


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


def quotes(words: Sequence[str], text: str) -> bool:
    """Whether `text`, which `prompt` gave, has something that was piped in before the words."""
    typed = " ".join(words).strip()
    return typed not in ("", "-") and text.strip() != typed


def text_file(path: Path) -> str:
    """The text of a file that an option names.

    Raises:
        UsageError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        _refuse_larger(path, MOST_BYTES)
        with path.open("rb") as file:
            return _text(file.read(MOST_BYTES + 1), str(path))
    except OSError as error:
        raise _unreadable(path, (error.strerror or "unreadable").lower()) from None


def document(path: Path) -> str:
    """The text of a document: plain in any encoding, or what a PDF, Word file or web page says.

    Raises:
        UsageError: it cannot be read, is too large, locked, or has no text.
        MissingExtraError: the library for its format is not installed.
    """
    from zaohua.data.readers import ReadOptions, read
    from zaohua.data.records import Unreadable

    rich = path.suffix.lower() in _DOCUMENTS or _is_pdf(path)
    try:
        _refuse_larger(path, _DOCUMENT_BYTES if rich else MOST_BYTES)
    except OSError as error:
        raise _unreadable(path, (error.strerror or "unreadable").lower()) from None
    options = ReadOptions(structure=True, max_document_bytes=MOST_BYTES)
    texts: list[str] = []
    size = 0
    for item in read([path], format=None if rich else "text", options=options):
        if isinstance(item, Unreadable):
            raise _unreadable(path, item.reason)
        texts.append(item.body())
        size += len(texts[-1])
        if size > MOST_BYTES:
            raise _too_large(str(path), MOST_BYTES)
    return "\n\n".join(texts)


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(5) == b"%PDF-"
    except OSError:
        return False


def _refuse_larger(path: Path, most: int) -> None:
    """What is no regular file has no size, and is read up to the limit."""
    from zaohua.errors import UsageError

    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise UsageError("this is a folder, not a file", where=str(path))
    if found.st_size > most:
        raise _too_large(str(path), most)


def _comes_through_stdin() -> bool:
    """Whether standard input is a pipe, socket or file: not a terminal, not ``/dev/null``."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _piped() -> str:
    return _text(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")


def _text(data: bytes, where: str) -> str:
    if len(data) > MOST_BYTES:
        raise _too_large(where, MOST_BYTES)
    try:
        return data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        raise _not_utf8(where) from None


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


def _too_large(where: str, most: int) -> Exception:
    from zaohua.errors import UsageError

    return UsageError(f"more than {most >> 20} MB is too large", where=where, mend="divide it")


def _unreadable(path: Path, reason: str) -> Exception:
    from zaohua.errors import UsageError

    return UsageError(f"the file cannot be read: {reason}", where=str(path))
