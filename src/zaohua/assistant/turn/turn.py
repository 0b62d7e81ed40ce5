"""The steps of one turn in their order, around the engine's work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.ledger import Opened
from zaohua.assistant.memory import Memory, Remembered
from zaohua.assistant.turn.composing import (
    PLAIN,
    Material,
    gone,
    nothing_found,
    with_facts,
    with_sources,
)
from zaohua.assistant.turn.plan import PlainPlans, Plans
from zaohua.assistant.turn.sources import find_sources, heading, named
from zaohua.assistant.turn.trace import Step, Trace
from zaohua.assistant.turn.understanding import Understanding, understand
from zaohua.assistant.values import Citation, ClaimNote, TraceLine
from zaohua.errors import NotFoundError
from zaohua.generate.events import Finished
from zaohua.knowledge import Knowledge
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.grounding import Claim, claims
from zaohua.knowledge.shelves import Reader, Shelf, Shelves

_BUDGET = 1600
"""Tokens of sources, about, if the context has room for them."""
_SHARE = 0.4
"""Part of the context that sources may take."""
_CHECKED = 20_000
"""Characters of an answer that are held against its sources."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What turns may use beside a model; what is None is left out. ``plans`` says how they go."""

    knowledge: Knowledge | None = None
    shelves: Shelves | None = None
    memory: Memory | None = None
    plans: Plans = field(default_factory=PlainPlans)


NOTHING = Resources()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came before the engine: what goes into the prompt, or the answer itself."""

    material: Material = PLAIN
    reply: str | None = None
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Concluded:
    """What came after it, to be recorded with the answer; None where there was nothing to do."""

    citations: list[Citation] | None = None
    claims: list[ClaimNote] | None = None
    trace: list[TraceLine] | None = None


class Turn:
    """One turn: `prepare`, then the engine, then `conclude`."""

    def __init__(self, resources: Resources, owner: str, opened: Opened) -> None:
        self._resources = resources
        self._owner = owner
        self._opened = opened
        self._trace = Trace()
        self._question = ""
        self._prepared = Prepared()

    async def prepare(self, context_length: int) -> Prepared:
        """Everything before the engine; ``context_length`` in tokens, 0 if it is not known."""
        self._prepared = await self._before(context_length)
        return self._prepared

    async def _before(self, context_length: int) -> Prepared:
        asked = understand(self._opened.branch)
        reply = await self._about_memory(asked)
        if reply is not None:
            return Prepared(reply=reply)
        facts = await self._facts(asked)
        plain = Prepared(with_facts(asked, facts))
        collections = self._opened.conversation.collections
        if self._resources.knowledge is None or not collections:
            return plain
        with self._trace.step("understand") as step:
            self._question = asked.query
            step.note(_understood(asked), query=asked.query, language=asked.language)
        if asked.small_talk:
            return plain
        try:
            shelves = await asyncio.to_thread(self._shelves, collections)
            sources = await self._sources(asked, shelves, context_length)
        except NotFoundError:
            return Prepared(reply=gone(asked.language))
        with self._trace.step("compose") as step:
            return _composed(step, asked, sources, facts)

    async def _about_memory(self, asked: Understanding) -> str | None:
        """The answer to a question about the memory itself."""
        memory = self._resources.memory
        if memory is None:
            return None
        with self._trace.step("memory") as step:
            reply = await memory.reply(self._owner, asked.question, self._opened.user.id)
            if reply is not None:
                step.note("answered from the memory, without the model")
        return reply.text if reply else None

    async def _facts(self, asked: Understanding) -> list[Remembered]:
        memory = self._resources.memory
        if memory is None or not self._opened.conversation.memory or asked.small_talk:
            return []
        with self._trace.step("memory") as step:
            if not await asyncio.to_thread(memory.enabled, self._owner):
                return []
            facts = await memory.recall(self._owner, asked.question)
            if facts:
                tokens = sum(tokens_of(fact.text) for fact in facts)
                texts = [fact.text for fact in facts]
                step.note(f"{len(facts)} facts about the user", tokens=tokens, facts=texts)
        return facts

    def _shelves(self, collections: Sequence[str]) -> dict[str, Shelf]:
        """The collections, if their owner may read them.

        A conversation may name others: imported, or no longer shared.

        Raises:
            NotFoundError: it does.
        """
        if self._resources.shelves is None:
            return {}
        reader = Reader(self._owner, everything=self._owner == LOCAL_OWNER)
        return {name: self._resources.shelves.named(name, reader) for name in collections}

    async def _sources(
        self, asked: Understanding, shelves: Mapping[str, Shelf], context_length: int
    ) -> list[Citation]:
        knowledge = self._resources.knowledge
        assert knowledge is not None  # noqa: S101 - `_before` looked
        budget = min(_BUDGET, int(context_length * _SHARE) or _BUDGET)
        collections = self._opened.conversation.collections
        with self._trace.step("knowledge") as step:
            step.note("a collection is gone", collections=list(collections))
            found = await find_sources(knowledge, asked, collections, budget)
            sources = [named(source, shelves) for source in found]
            documents = len({source["document"] for source in sources})
            step.note(
                f"{len(sources)} passages of {documents} documents",
                tokens=sum(tokens_of(source["text"]) for source in sources),
                passages=[source["passage_id"] for source in sources],
            )
        return sources

    def engine(self, finished: Finished | None, *, seconds: float, written: int) -> None:
        """Note what the engine did in ``seconds``; ``written`` is the tokens seen to go by."""
        step = Step("engine")
        if finished is None:
            step.note(f"{written} tokens written", tokens=written)
        else:
            usage = finished.usage
            step.note(
                f"{usage.prompt_tokens} tokens read, {usage.cached_tokens} of them from the cache, "
                f"{usage.completion_tokens} written",
                tokens=usage.completion_tokens,
                prompt_tokens=usage.prompt_tokens,
                cached_tokens=usage.cached_tokens,
            )
        self._trace.add(step, seconds)

    def conclude(self, answer: str) -> Concluded:
        """Hold ``answer`` against its sources, and give the trace."""
        sources = self._prepared.sources
        if not sources:
            return Concluded(trace=self._trace.lines or None)
        with self._trace.step("cite") as step:
            checked = claims(
                answer[:_CHECKED], [_read(source) for source in sources], self._question
            )
            step.note(_verified(checked))
        borne = {number for claim in checked for number in claim.numbers}
        return Concluded(
            [{**source, "cited": source["number"] in borne} for source in sources],
            [_note(claim) for claim in checked],
            self._trace.lines,
        )


def _understood(asked: Understanding) -> str:
    if asked.small_talk:
        return "small talk, which needs no sources"
    return "read with the question before it" if asked.leans else "stands alone"


def _composed(
    step: Step, asked: Understanding, sources: Sequence[Citation], facts: Sequence[Remembered]
) -> Prepared:
    if not sources:
        step.note("nothing relevant was found: said so without asking the model")
        return Prepared(reply=nothing_found(asked.language))
    step.note(f"the question with {len(sources)} sources before it")
    return Prepared(with_sources(asked, sources, facts), sources=tuple(sources))


def _read(source: Citation) -> str:
    return f"{heading(source)}\n{source['text']}"


def _note(claim: Claim) -> ClaimNote:
    return ClaimNote(
        start=claim.start,
        end=claim.end,
        numbers=list(claim.numbers),
        verdict=claim.verdict,
        missing=list(claim.missing),
    )


def _verified(checked: Sequence[Claim]) -> str:
    number = dict.fromkeys(("supported", "unsupported", "uncited"), 0)
    for claim in checked:
        number[claim.verdict] += 1
    return (
        f"{number['supported']} sentences supported, {number['unsupported']} not, "
        f"{number['uncited']} say nothing to check"
    )
