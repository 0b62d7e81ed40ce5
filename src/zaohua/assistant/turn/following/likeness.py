"""What takes the place of its like."""

from __future__ import annotations

import re


def swapped(topic: str, pattern: re.Pattern[str], said: str) -> str:
    """``topic`` with what ``pattern`` finds replaced by what it finds in ``said``; else empty."""
    new, old = pattern.search(said), pattern.search(topic)
    if new is None or old is None or new.group() == old.group():
        return ""
    return topic[: old.start()] + new.group() + topic[old.end() :]
