"""Errors a person can act on: what went wrong, where, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

MOST_TOLD = 20


class ZaohuaError(Exception):
    """Base of every error that zaohua raises on purpose.

    Args:
        what: one clause, no full stop: ``"the file is not a GGUF model"``.
        where: the file, key, address or field it concerns, if any.
        mend: what the reader can do next, if anything.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(self.line())

    def line(self) -> str:
        """The error on one line: ``what (where): mend``."""
        head = f"{self.what} ({self.where})" if self.where else self.what
        text = f"{head}: {self.mend}" if self.mend else head
        return " ".join(text.split())


class UsageError(ZaohuaError):
    """The command or call was used in a way that cannot work (exit code 2)."""

    exit_code = 2


class SeveralError(UsageError):
    """Several things are wrong with one file.

    Args:
        each: what is wrong, one clause a thing, in order. The line has the first `MOST_TOLD`.
        where: the file.
    """

    def __init__(self, each: Sequence[str], *, where: str = "") -> None:
        self.each = tuple(each)
        more = [f"and {len(each) - MOST_TOLD} more"] if len(each) > MOST_TOLD else []
        super().__init__("; ".join([*each[:MOST_TOLD], *more]), where=where)


class NotFoundError(ZaohuaError):
    """The named thing does not exist."""


class IntegrityError(ZaohuaError):
    """A file is not what its hash or its format says it is."""


class UnavailableError(ZaohuaError):
    """Something that is needed is not there now: engine, network, disk, memory."""


class MissingExtraError(ZaohuaError):
    """An optional part of zaohua is not installed."""

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs the '{extra}' extra",
            mend=installing(extra),
        )


def installing(extra: str) -> str:
    """The command that installs an extra where this Python finds it, also outside its environment.

    Without the environment activated, ``pip`` alone would be another Python's.
    """
    beside = Path(sys.executable).parent
    found = shutil.which("pip")
    pip = "pip" if found and Path(found).parent == beside else f"{sys.executable} -m pip"
    return f"{pip} install 'zaohua[{extra}]'"
