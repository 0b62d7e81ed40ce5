"""Which zaohua this is, as the installer recorded it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """The version of the installed package; ``0+source`` when run from a source tree alone."""
    try:
        return version("zaohua")
    except PackageNotFoundError:
        return "0+source"
