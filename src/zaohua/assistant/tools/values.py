"""What goes in and out of tools: a tool that can be run, what it gives, what the model is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zaohua.errors import UsageError, ZaohuaError
from zaohua.generate.request import Tool, ToolCall

CALL_SECONDS = 10.0
"""How long a tool may take when it does not say."""


class ToolFailed(ZaohuaError):
    """A tool could not do its work; the line is told to the model."""


class WrongArguments(UsageError):
    """The arguments of a call do not fit the tool; the line is told to the model."""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool gives when the model is to read another text than its JSON value.

    Attributes:
        text: for the model.
        value: a JSON value, for the trace.
    """

    text: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class BoundTool:
    """A tool and what runs it.

    Attributes:
        definition: what the model is told of it.
        check: the arguments as `run` takes them. Raises `WrongArguments`.
        run: does the work; gives a `ToolOutput`, a text or a JSON value.
        seconds: after that long a call is cut off.
        trusted: whether its results are our own and not those of a stranger's server.
        reads: whether its results are words of documents.
        harmless: whether a call changes nothing and tells nobody anything.
    """

    definition: Tool
    check: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    run: Callable[[Mapping[str, Any]], Awaitable[Any]]
    seconds: float = CALL_SECONDS
    trusted: bool = True
    reads: bool = False
    harmless: bool = False

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self.definition.name


@dataclass(frozen=True, slots=True)
class ToolResult:
    """How one call ended.

    Attributes:
        call: what was asked.
        text: what the model is told, also when it went wrong.
        value: the JSON value of the result, for the trace; None if it went wrong or was too large.
        ok: whether the tool did its work.
        seconds: how long it took.
        read: whether the arguments could be read and fitted.
        cut: whether the result was too large and only its beginning is told.
    """

    call: ToolCall
    text: str
    value: Any = None
    ok: bool = True
    seconds: float = 0.0
    read: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A call is about to run."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A call has ended, well or not."""

    result: ToolResult
