"""Questions put to a served model, through the engine that serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zaohua.errors import IntegrityError
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.pool import open_models
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.text.instructions import default_instructions


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said; ``ended`` if it came to an end by itself."""

    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked and how."""

    conversations: tuple[tuple[Message, ...], ...]
    sampling: Sampling
    instructions: bool


def ask(
    model: str,
    conversations: Sequence[Sequence[Message]],
    sampling: Sampling,
    *,
    instructions: bool,
    settings: Settings,
    progress: Progress,
) -> list[Reply]:
    """The next turn of each conversation.

    They go one after the other, the n-th with ``sampling.seed + n``: what is asked beside a
    prompt changes the rounding of its logits, so only so are the replies the same each time.

    Args:
        model: name on the shelf, or of a server in ``settings.engine_urls``.
        conversations: the turns so far, without a system prompt; the last is the user's.
        sampling: how tokens are drawn.
        instructions: put the chat's system prompt first, as page and command line do.
        settings: which models there are.
        progress: told of each reply.
    """
    asking = Asking(tuple(map(tuple, conversations)), sampling, instructions)
    return asyncio.run(_ask(model, asking, settings, progress))


async def _ask(model: str, asking: Asking, settings: Settings, progress: Progress) -> list[Reply]:
    models = open_models(settings)
    try:
        async with models.use(model) as engine:
            progress.start(f"asking {model}", len(asking.conversations), unit="answers")
            replies = []
            for number, turns in enumerate(asking.conversations):
                seed = (asking.sampling.seed or 0) + number
                sampling = replace(asking.sampling, seed=seed)
                replies.append(await _reply(engine, turns, sampling, asking.instructions))
                progress.advance(1)
            return replies
    finally:
        progress.finish()
        await models.aclose()


async def _reply(
    engine: Engine, turns: tuple[Message, ...], sampling: Sampling, instructions: bool
) -> Reply:
    told = default_instructions(turns[0].content) if instructions else ""
    system = (Message("system", told),) if told else ()
    request = ChatRequest((*system, *turns), sampling)
    answers = (await collect(engine.chat(request))).answers
    if not answers:
        raise IntegrityError("the engine gave no answer", where=turns[-1].content[:60])
    return Reply(answers[0].text, answers[0].finish_reason == "stop")
