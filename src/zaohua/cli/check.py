"""What a check of ``zaohua doctor`` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "info", "warn", "fail"]
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: ``found`` is what is, ``mend`` what to do about it (empty: nothing)."""

    name: str
    state: State
    found: str
    mend: str = ""
