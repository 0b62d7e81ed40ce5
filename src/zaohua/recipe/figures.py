"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Mapping


def shown(value: float) -> str:
    """``1,234``, ``3.142``."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def listed(figures: Mapping[str, float], most: int) -> str:
    """The first few: ``documents 1,200, bits_per_byte 2.41``."""
    return ", ".join(f"{name} {shown(value)}" for name, value in [*figures.items()][:most])
