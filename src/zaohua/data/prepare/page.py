"""``report.html``."""

from __future__ import annotations

from typing import Any


def page(told: dict[str, Any]) -> str:
    """."""
    return "<!doctype html>"
