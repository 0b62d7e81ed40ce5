"""Leave to use tokens, as whoever counts them gives it."""

from __future__ import annotations

from typing import Protocol


class Allowance(Protocol):
    """Leave to use tokens, given to an answer when it starts and settled when it ends."""

    max_tokens: int | None

    async def spend(self, tokens: int) -> bool:
        """Count ``tokens`` written; False when no more may be."""

    def settle(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """Book what was used (None: as counted by `spend`)."""
