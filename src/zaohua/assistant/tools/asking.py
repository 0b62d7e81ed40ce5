"""Tools that ask the models of this zaohua."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.values import BoundTool, ToolFailed, ToolOutput
from zaohua.generate.collect import Collected, collect
from zaohua.generate.engine import Models
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.text.instructions import default_instructions

ANSWER_SECONDS = 600.0
MOST_TOKENS = 2048

Ask = Callable[[ChatRequest], Awaitable[Collected]]
"""Gives the whole answer of the default model."""


def ask_tool(ask: Ask) -> BoundTool:
    """``ask``."""

    async def answered(question: str, instructions: str = "", max_tokens: int = 512) -> str:
        """Ask the language model of this zaohua.

        Args:
            question: what to ask; all it needs to know is in it.
            instructions: how to answer.
            max_tokens: the longest answer.
        """
        if not question.strip():
            raise ToolFailed("there is nothing to answer")
        told = instructions or default_instructions(question)
        head = (Message("system", told),) if told else ()
        sampling = Sampling(max_tokens=max(1, min(max_tokens, MOST_TOKENS)))
        return (await ask(ChatRequest((*head, Message("user", question)), sampling))).text

    return tool_of(answered, name="ask", seconds=ANSWER_SECONDS)


def models_tool(models: Models) -> BoundTool:
    """``list_models``."""

    def list_models() -> ToolOutput:
        """List the language models of this zaohua."""
        served = models.list()
        text = "\n".join(
            f"{one.name} ({one.state}{', default' if one.name == models.default else ''})"
            for one in served
        )
        found = [{"name": o.name, "state": o.state, "context": o.context_length} for o in served]
        return ToolOutput(text, {"models": found, "default": models.default})

    return tool_of(list_models)


def asked_of(models: Models) -> Ask:
    """Asks the default model of ``models``."""

    async def ask(request: ChatRequest) -> Collected:
        async with models.use() as engine:
            return await collect(engine.chat(request))

    return ask
