"""Tools that words of strangers cannot set to work: after such words a person is asked first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from zaohua.assistant.tools.toolbox import Toolbox
from zaohua.assistant.tools.values import ToolResult
from zaohua.generate.request import ToolCall

Consent = Callable[[ToolCall], Awaitable[bool]]
"""Asks a person whether a call is to be run."""
REFUSED = "Error: not run: a document was read, and nobody has agreed to this call. Answer now."


class ClosingToolbox(Toolbox):
    """The tools of one conversation.

    Once a result has held words of documents or of strangers' servers, what is not harmless is run
    only with the consent of a person: the model may have been told to call it by those words, in
    this turn or, through its answer, in a later one.

    Args:
        tools: what there is.
        consent: asks; None where there is nobody to ask.
        closed: whether such words stand in the conversation already.
    """

    def __init__(
        self, tools: Toolbox, consent: Consent | None = None, *, closed: bool = False
    ) -> None:
        super().__init__(tools)
        self._inner = tools
        self._strange = {one.name for one in tools if one.reads or not one.trusted}
        self._harmless = {one.name for one in tools if one.harmless}
        self._consent = consent
        self._asking = asyncio.Lock()
        self._closed = closed

    async def call(self, call: ToolCall) -> ToolResult:
        """Run one call, as `Toolbox.call` does."""
        if self._closed and not await self.may(call):
            return ToolResult(call, REFUSED, ok=False)
        result = await self.run(call)
        self._closed = self._closed or call.name in self._strange
        return result

    async def run(self, call: ToolCall) -> ToolResult:
        """Run a call that may be run."""
        return await self._inner.call(call)

    async def may(self, call: ToolCall) -> bool:
        """Whether a call may be run after words of strangers."""
        if call.name in self._harmless or call.name not in self:
            return True  # one of a tool that is not there is answered with what there is
        if self._consent is None:
            return False
        async with self._asking:
            return await self._consent(call)
