"""``README.md`` of a data set: its data card."""

from __future__ import annotations

from typing import Any


def card(told: dict[str, Any]) -> str:
    """."""
    return f"# {told['name']}\n"
