"""A case asked: through the turn as a user would, of a prompt template, of the model alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.running import Done
from zaohua.assistant.scenarios.cases import Case
from zaohua.assistant.scenarios.judging import Said
from zaohua.assistant.scenarios.pack import Pack
from zaohua.assistant.scenarios.parts import templates_of
from zaohua.assistant.scenarios.withholding import withholds
from zaohua.assistant.values import Message
from zaohua.errors import ZaohuaError
from zaohua.generate.engine import Engine
from zaohua.generate.failures import EngineBusy
from zaohua.generate.many import LONGEST_WAIT, TRIES, answered
from zaohua.generate.prompts import Reply, Wishes, run
from zaohua.generate.request import Sampling
from zaohua.knowledge.grounding import OneText

OWNER: Final = "trial"
"""Whose the conversations of a trial are."""
SEED: Final = 1
MOST_TOKENS: Final = 400
"""Of an answer, if the pack does not say."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom the cases of a pack are asked, and how.

    Attributes:
        answers: gives the turns; without resources for the model alone.
        store: of their conversations.
        engine: fills prompt templates.
        pack: None for the model alone.
        sampling: of all answers.
    """

    answers: Answers
    store: Conversations
    engine: Engine
    pack: Pack | None
    sampling: Mapping[str, Any]

    async def ask(self, case: Case) -> tuple[Said, ...]:
        """What is said in each turn of a case; an answer that fails is told as broken."""
        if self.pack is not None and case.spec.template:
            return (await self._filled(self.pack, case),)
        settings = {
            "title": case.spec.id,
            "model": self.engine.info.model,
            "sampling": dict(self.sampling),
            "scenario": self.pack.name if self.pack else None,
            "memory": False,
        }
        chat = (await asyncio.to_thread(self.store.create, OWNER, settings)).id
        try:
            return await self._talk(chat, case)
        finally:
            await asyncio.to_thread(self.store.delete, OWNER, chat)

    async def _talk(self, chat: str, case: Case) -> tuple[Said, ...]:
        said: list[Said] = []
        parent: str | None = None
        for question in case.asked:
            message = await self._answer(chat, question, parent)
            said.append(said_of(message, question, self._declines()))
            parent = message.id
        return tuple(said)

    async def _answer(self, chat: str, question: str, parent: str | None) -> Message:
        for left in reversed(range(TRIES)):
            try:
                _, answer = await self.answers.ask(OWNER, chat, question, parent)
                break
            except EngineBusy as error:
                if not left:
                    raise
                await asyncio.sleep(min(error.retry_after, LONGEST_WAIT))
        async for event in self.answers.follow(OWNER, answer.id):
            if isinstance(event, Done):
                return event.message
        raise AssertionError  # an answer that is followed has an end

    def _declines(self) -> tuple[str, ...]:
        decline = self.pack.spec.decline if self.pack else None
        return (decline.zh, decline.en) if decline else ()

    async def _filled(self, pack: Pack, case: Case) -> Said:
        """The output of a prompt template."""
        spec = case.spec
        template = templates_of(pack).choose(spec.template, spec.inputs, case.language)
        wishes = Wishes(Sampling(seed=SEED), grounding=OneText())
        steps = run(
            template,
            spec.inputs,
            self.engine,
            lambda request: answered(self.engine, replace(request, batch=True)),
            wishes=wishes,
        )
        try:
            async with aclosing(cast("Any", steps)) as stream:
                return [Said(one.text) async for one in stream if isinstance(one, Reply)][-1]
        except ZaohuaError as error:
            return Said("", broken=error.line())


def sampling_of(pack: Pack) -> dict[str, Any]:
    """The pack's sampling with a seed; always the likeliest word if it says nothing."""
    own = pack.spec.sampling.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {"temperature": 0, "max_tokens": MOST_TOKENS, "seed": SEED} | own


def said_of(message: Message, question: str, declines: tuple[str, ...] = ()) -> Said:
    """A message as it is judged; ``declines`` are what code says in the place of an answer."""
    text = message.content
    steps = {line["step"]: line["details"] for line in message.trace or ()}
    refused = any(
        steps.get(name, {}).get("action") == "refuse" for name in ("guard_in", "guard_out")
    )
    led = steps.get("flows", {})
    return Said(
        text,
        withheld=refused or withholds(text, question, declines),
        cited=tuple(one["source"] for one in message.citations or () if one["cited"]),
        unsupported=tuple(
            text[one["start"] : one["end"]]
            for one in message.claims or ()
            if one["verdict"] == "unsupported"
        ),
        flow=str(led.get("flow", "")),
        handed_over="handover" in led,
        broken="" if message.status == "complete" else message.error or message.status,
    )
