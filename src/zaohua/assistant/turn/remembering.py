"""The memory in a turn: it answers what is asked of it, and tells what goes with a question."""

from __future__ import annotations

import asyncio

from zaohua.assistant.memory import Memory
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.values import Message
from zaohua.knowledge.chunks import tokens_of
from zaohua.safety import Guard


async def answer_from_memory(
    trace: Trace, memory: Memory | None, owner: str, asked: Message
) -> str | None:
    """The answer to a question about the memory itself."""
    if memory is None:
        return None
    with trace.step("memory") as step:
        reply = await memory.reply(owner, asked.content, asked.id)
        if reply is not None:
            step.note("answered from the memory, without the model")
    return reply.text if reply else None


async def recall(
    trace: Trace, memory: Memory | None, owner: str, question: str, guard: Guard | None
) -> tuple[str, ...]:
    """What is remembered of the user and goes with ``question``."""
    if memory is None:
        return ()
    with trace.step("memory") as step:
        if not await asyncio.to_thread(memory.enabled, owner):
            return ()
        texts = [fact.text for fact in await memory.recall(owner, question)]
        if guard is not None:
            texts = [guard.passage(text).text for text in texts]
        if texts:
            tokens = sum(map(tokens_of, texts))
            step.note(f"{len(texts)} facts about the user", tokens=tokens, facts=texts)
    return tuple(texts)
