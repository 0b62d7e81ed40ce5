"""Text that every database and every encoder takes: no NUL, no half of a surrogate pair."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether ``text`` can be stored and sent as it is."""
    return _UNFIT.search(text) is None


def storable(text: str) -> str:
    """``text`` with U+FFFD in the place of each character that cannot be stored."""
    return _UNFIT.sub("\ufffd", text)
