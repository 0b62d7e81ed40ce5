"""Format libraries are imported when the first file of their format is met."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from zaohua.errors import MissingExtraError


def library(name: str, needed_for: str) -> Any:
    """The module ``name``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError("train", needed_for) from error
