"""The steps of one turn in their order, around the engine's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.assistant.turn.composing import PLAIN, Material, gone, nothing_found, with_sources
from zaohua.assistant.turn.sources import find_sources, heading
from zaohua.assistant.turn.trace import Step, Trace
from zaohua.assistant.turn.understanding import Understanding, understand
from zaohua.assistant.values import Citation, ClaimNote, Message, TraceLine
from zaohua.errors import NotFoundError
from zaohua.generate.events import Finished
from zaohua.knowledge import Knowledge
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.grounding import Claim, claims

_BUDGET = 1600
"""Tokens of sources, about, if the context has room for them."""
_SHARE = 0.4
"""Part of the context that sources may take."""
_CHECKED = 20_000
"""Characters of an answer that are held against its sources."""


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

    def __init__(self, knowledge: Knowledge | None = None) -> None:
        self._knowledge = knowledge
        self._trace = Trace()
        self._question = ""
        self._prepared = Prepared()

    async def prepare(
        self, branch: Sequence[Message], collections: Sequence[str], context_length: int
    ) -> Prepared:
        """Everything before the engine; ``context_length`` in tokens, 0 if it is not known."""
        if self._knowledge is None or not collections:
            return self._prepared
        with self._trace.step("understand") as step:
            asked = understand(branch)
            self._question = asked.query
            step.note(_understood(asked), query=asked.query, language=asked.language)
        if asked.small_talk:
            return self._prepared
        try:
            sources = await self._sources(asked, collections, context_length)
        except NotFoundError:
            return Prepared(reply=gone(asked.language))
        with self._trace.step("compose") as step:
            self._prepared = _composed(step, asked, sources)
        return self._prepared

    async def _sources(
        self, asked: Understanding, collections: Sequence[str], context_length: int
    ) -> list[Citation]:
        assert self._knowledge is not None  # noqa: S101 - `prepare` looked
        budget = min(_BUDGET, int(context_length * _SHARE) or _BUDGET)
        with self._trace.step("knowledge") as step:
            step.note("a collection is gone", collections=list(collections))
            sources = await find_sources(self._knowledge, asked, collections, budget)
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


def _composed(step: Step, asked: Understanding, sources: Sequence[Citation]) -> Prepared:
    if not sources:
        step.note("nothing relevant was found: said so without asking the model")
        return Prepared(reply=nothing_found(asked.language))
    step.note(f"the question with {len(sources)} sources before it")
    return Prepared(with_sources(asked, sources), sources=tuple(sources))


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
