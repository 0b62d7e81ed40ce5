"""Tools in a turn: those that the question plainly asks for, and those that a model may call.

A document never causes a call: calls are found in the question alone, and once a document is in
the prompt, in the answers before it or in a result, the model calls nothing any more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from zaohua.assistant.tools import ClosingToolbox, Toolbox, ToolResult, run_with_tools
from zaohua.assistant.tools.loop import ROUNDS, LoopEvent
from zaohua.assistant.tools.routing import calls_in
from zaohua.assistant.turn.guarding import Heard
from zaohua.assistant.turn.sources import stated
from zaohua.assistant.turn.trace import Step, Trace
from zaohua.assistant.values import Citation, Message
from zaohua.generate.engine import Engine, EngineInfo
from zaohua.generate.request import ChatRequest, ToolCall
from zaohua.safety import Guard

_ABLE = 3_000_000_000
"""Parameters from which on a model is given tools; one that does not say how many it has is, too.

That of 0.5 billion called rightly for 8 of 38 questions (decision 24)."""
_KEPT = 500
"""Characters of a result in the trace."""


class GuardedToolbox(ClosingToolbox):
    """Tools for one turn.

    Our own get the personal data that masks stand for, others the masks. Results are made harmless
    and masked. After one that holds words of strangers no more calls are run at all.
    """

    def __init__(self, tools: Toolbox, heard: Heard, guard: Guard | None) -> None:
        super().__init__(tools)
        self._trusted = {one.name for one in tools if one.trusted and not one.reads}
        self._heard = heard
        self._guard = guard

    async def run(self, call: ToolCall) -> ToolResult:
        """Run a call, as the guard wants it."""
        given = self._heard.restore(call.arguments) if call.name in self._trusted else None
        result = await super().run(replace(call, arguments=given or call.arguments))
        text = self._guard.passage(result.text).text if self._guard else result.text
        return replace(result, call=call, text=self._heard.hide(text), value=None)

    async def may(self, call: ToolCall) -> bool:
        """Never: nobody is there to be asked."""
        return False


@dataclass(frozen=True, slots=True)
class Tooling:
    """The tools of one turn.

    Attributes:
        toolbox: what may be called.
        calls: what the question itself asks for, made before the engine is asked.
        limit: rounds of calls that the model may make.
    """

    toolbox: Toolbox
    calls: tuple[ToolCall, ...]
    limit: int

    def answer(self, engine: Engine, request: ChatRequest) -> AsyncGenerator[LoopEvent]:
        """The engine's events of one answer, with those of the tools."""
        if not self.calls and not self.limit:
            return cast("AsyncGenerator[LoopEvent]", engine.chat(request))
        return run_with_tools(
            engine, request, self.toolbox, limit=self.limit, route=lambda _: self.calls
        )


def tooling(
    toolbox: Toolbox | None,
    heard: Heard,
    guard: Guard | None,
    sources: Sequence[Citation],
    info: EngineInfo,
) -> Tooling | None:
    """What may be called in a turn; None if there is nothing."""
    if toolbox is None or not heard.branch:
        return None
    found = tuple(one for one in calls_in(heard.branch[-1].content) if one.name in toolbox)
    limit = ROUNDS if _may_call(info) and not sources and not _cites(heard.branch) else 0
    return Tooling(GuardedToolbox(toolbox, heard, guard), found, limit)


def note_call(trace: Trace, result: ToolResult) -> Citation | None:
    """A line for a call; what it gave as a source, if it went well."""
    call, text = result.call, result.text
    step = Step("tools")
    first = text.splitlines()[0][:80] if text.strip() else "nothing"
    step.note(
        f"{call.name}: {first}",
        name=call.name,
        arguments=call.arguments,
        result=text[:_KEPT],
        ok=result.ok,
    )
    trace.add(step, result.seconds)
    return stated("tool", call.name, call.name, f"{call.arguments}\n{text}") if result.ok else None


def _may_call(info: EngineInfo) -> bool:
    return info.parameters == 0 or info.parameters >= _ABLE


def _cites(branch: Sequence[Message]) -> bool:
    """Whether an answer before was given documents."""
    return any(message.citations for message in branch)
