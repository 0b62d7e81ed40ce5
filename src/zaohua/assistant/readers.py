"""Those who follow something that grows: each waits for the next change of it."""

from __future__ import annotations

import asyncio


class Readers:
    """Waiting readers. Belongs to the event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def wake(self) -> None:
        """Let every reader look again."""
        for reader in self._waiting:
            if not reader.done():
                reader.set_result(None)
        self._waiting.clear()

    async def change(self) -> None:
        """Wait until there is something new."""
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(reader)
        try:
            await reader
        finally:
            self._waiting.discard(reader)
