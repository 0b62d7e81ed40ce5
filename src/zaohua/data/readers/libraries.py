"""Format libraries are imported when the first file of their format is met."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from zaohua.errors import MissingExtraError


def library(name: str, needed_for: str, extra: str = "train") -> Any:
    """The module ``name``, which comes with ``extra``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(extra, needed_for) from error


def format_library(name: str, what: str) -> Any:
    """The module ``name``, which reads ``what``.

    Raises:
        MissingExtraError: it is not installed.
    """
    return library(name, f"reading {what}", "documents")
