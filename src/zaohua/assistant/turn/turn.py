"""The steps of one turn in their order, around the engine's work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

from zaohua.assistant.circling import until_circling
from zaohua.assistant.ledger import Opened
from zaohua.assistant.memory import Memory
from zaohua.assistant.tools import ToolEnded
from zaohua.assistant.tools.loop import LoopEvent
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn import saying
from zaohua.assistant.turn.checking import Borne, borne, counted, judged, noted
from zaohua.assistant.turn.composing import Material, compose, instructed
from zaohua.assistant.turn.dialogues import follow_flows, records_of
from zaohua.assistant.turn.guarding import Heard, guard_in, harmless, unpasted
from zaohua.assistant.turn.introducing import introduced
from zaohua.assistant.turn.labelling import label
from zaohua.assistant.turn.language import language_in
from zaohua.assistant.turn.outgoing import Outflow
from zaohua.assistant.turn.plan import PlainPlans, Plan, Plans
from zaohua.assistant.turn.relating import relate
from zaohua.assistant.turn.remembering import answer_from_memory, recall
from zaohua.assistant.turn.ruling import Ruled, apply_rules, settled
from zaohua.assistant.turn.sources import Bookcase, look_up, numbered, read
from zaohua.assistant.turn.tooling import Tooling, note_call, tooling
from zaohua.assistant.turn.trace import Trace, note_engine
from zaohua.assistant.turn.understanding import Understanding, understand
from zaohua.assistant.turn.values import Concluded, Prepared, Reply
from zaohua.assistant.values import Citation, ClaimNote, Conversation, Message
from zaohua.errors import NotFoundError
from zaohua.generate.engine import Engine, EngineInfo
from zaohua.generate.events import Finished
from zaohua.generate.request import ChatRequest
from zaohua.knowledge import Knowledge
from zaohua.knowledge.graph import Graph
from zaohua.knowledge.grounding import Claim, answerable
from zaohua.knowledge.shelves import Shelves
from zaohua.text.personal import may_be_personal


@dataclass(frozen=True, slots=True)
class Resources:
    """What turns may use beside a model; what is None is left out. ``plans`` says how they go."""

    knowledge: Knowledge | None = None
    shelves: Shelves | None = None
    memory: Memory | None = None
    plans: Plans = field(default_factory=PlainPlans)
    graph: Graph | None = None
    tickets: Tickets | None = None


NOTHING = Resources()


class Turn:
    """One turn: `prepare`; then `answer`, its words through `hear`, `rest`; then `conclude`."""

    def __init__(self, resources: Resources, owner: str, opened: Opened) -> None:
        self._uses = resources
        self._owner = owner
        self._opened = opened
        self._language = language_in(opened.branch)
        self._trace = Trace()
        self._plan = Plan()
        self._prepared: Prepared | Reply = Prepared(opened.conversation, opened.branch)
        self._tooling: Tooling | None = None
        self._outflow = Outflow(None, self._language)
        self._sources: tuple[Citation, ...] = ()
        self._query = self._stated = ""
        self._ruled = Ruled()
        self._borne: Borne | None = None
        self._asked_engine = False

    async def prepare(self, info: EngineInfo) -> Prepared | Reply:
        """Everything before the engine that ``info`` describes."""
        try:
            plan = await asyncio.to_thread(self._uses.plans.of, self._opened.conversation)
        except NotFoundError:
            return Reply(saying.scenario_gone(self._language))
        self._plan = plan
        try:
            self._prepared = await self._before(plan, info)
        except NotFoundError:
            return Reply(saying.documents_gone(self._language))
        self._sources = self._prepared.sources
        return self._prepared

    async def _before(self, plan: Plan, info: EngineInfo) -> Prepared | Reply:
        """The steps in their order; the first that knows the answer ends them.

        Raises:
            NotFoundError: documents of the conversation are gone.
        """
        trace, uses, owner, opened = self._trace, self._uses, self._owner, self._opened
        language, conversation = self._language, self._opened.conversation

        heard = guard_in(trace, plan.guard, opened.branch, language)
        if heard.refusal is not None:
            return Reply(heard.refusal)

        reply = await answer_from_memory(trace, uses.memory, owner, opened.user)
        if reply is not None:
            return Reply(reply)

        led = await follow_flows(trace, plan.flows, uses.tickets, owner, opened)
        records = records_of(led)
        if led is not None and led.reply is not None:
            return Reply(led.reply, numbered(records))

        named = bool(plan.system or conversation.system)
        itself = introduced(trace, language, opened.user.content, info.model, named=named)
        if itself is not None:
            return Reply(itself)

        asked = understand(_own_words(plan, heard.branch))
        bookcase = self._bookcase(plan)
        if bookcase or plan.rules:
            with trace.step("understand") as step:
                step.note(_understood(asked), query=asked.query, language=asked.language)

        remembers = conversation.memory and not asked.small_talk
        memory = uses.memory if remembers else None
        facts = await recall(trace, memory, owner, asked.question, plan.guard)

        found: list[Citation] = []
        if bookcase and not asked.small_talk:
            found = await look_up(trace, bookcase, asked, info.context_length)
            graph = uses.graph if plan.graph else None
            found += await relate(trace, graph, asked.query, bookcase, found)
        found += [harmless(plan.guard, one)[0] for one in records]
        said = _own_words(plan, opened.branch if heard.masks else heard.branch)
        known = led.facts if led else {}
        self._ruled = apply_rules(trace, plan.rules, said, known, language)
        found += self._ruled.sources

        sources = numbered(found)
        self._tooling = tooling(plan.toolbox, heard, plan.guard, sources, info)
        ready = await self._without_model(asked, sources, looked_up=bookcase is not None)
        if ready is not None:
            return ready

        material = compose(trace, heard, asked, sources, facts)
        told = instructed(plan, conversation, heard.branch)
        self._outflow = self._listen(plan, told, heard, material)
        self._query, self._stated = asked.query, "\n".join((asked.query, *facts))
        return Prepared(told, heard.branch, material, sources)

    def answer(self, engine: Engine, request: ChatRequest) -> AsyncGenerator[LoopEvent]:
        """The engine's events, with those of the tools that are called, while it gets on."""
        self._asked_engine = True
        tooling = self._tooling
        events = engine.chat(request) if tooling is None else tooling.answer(engine, request)
        return until_circling(events, self._opened.branch[-1].content)

    def call(self, ended: ToolEnded) -> None:
        """Note a call; what it gave is a source from now on."""
        given = note_call(self._trace, ended.result)
        if given is not None:
            self._sources += numbered([given], len(self._sources) + 1)

    def hear(self, reasoning: str, text: str) -> tuple[str, str]:
        """What may be shown of reasoning and content, now that this has come."""
        return self._outflow.feed(reasoning, text)

    @property
    def ended(self) -> bool:
        """Whether the guard lets no more through."""
        return self._outflow.ended

    def engine(self, finished: Finished | None, *, seconds: float, written: int) -> None:
        """Note what the engine did in ``seconds``; ``written`` is the tokens seen to go by."""
        note_engine(self._trace, finished, seconds, written)

    async def rest(self) -> tuple[str, str]:
        """What may be shown of the rest, once all has come."""
        outflow, shown = self._outflow, self.cut()
        if self._plan.grounding != "strict":
            return shown
        with self._trace.step("cite") as step:
            said = self._borne = await asyncio.to_thread(self._only_borne, outflow)
            step.note(said.told, how=said.how, left_out=said.left_out)
        return "", said.text

    def cut(self) -> tuple[str, str]:
        """What may be shown of the rest, if no more comes; what was held to be checked is not."""
        outflow, self._outflow = self._outflow, Outflow(None, self._language)
        shown = outflow.finish()
        outflow.note(self._trace)
        return shown

    def conclude(self, answer: str) -> Concluded:
        """Hold ``answer`` against its sources, label it, and give the trace."""
        citations, claims = self._cited(answer)
        by_code = self._borne is not None and self._borne.by_code
        ruled = isinstance(self._prepared, Reply) and bool(self._ruled.words)
        if answer.strip() and (ruled or (self._asked_engine and not by_code)):
            generated = not ruled and (self._borne is None or self._borne.how != "ruled")
            label(self._trace, self._plan, self._language, answer, generated=generated)
        return Concluded(citations, claims, self._trace.lines or None)

    def _bookcase(self, plan: Plan) -> Bookcase | None:
        """Where things are looked up; None if nowhere."""
        chosen = tuple(self._opened.conversation.collections)
        given = plan.collections.get(self._language, ())
        if self._uses.knowledge is None or not (chosen or given):
            return None
        knowledge, shelves = self._uses.knowledge, self._uses.shelves
        return Bookcase(knowledge, shelves, self._owner, chosen, given, plan.guard)

    async def _without_model(
        self, asked: Understanding, sources: Sequence[Citation], *, looked_up: bool
    ) -> Reply | None:
        """What rules say, where that is all that is asked; else what is said if nothing can be."""
        if self._plan.grounding == "strict" and not asked.small_talk:
            others = [one for one in sources if one["kind"] != "rule"]
            if settled(self._ruled, asked.query, others):
                return Reply(self._ruled.words, numbered(self._ruled.sources))
        declined = await self._declined(asked, sources, looked_up=looked_up)
        if declined is None:
            return None
        return Reply((self._plan.grounding == "strict" and self._ruled.ask) or declined)

    async def _declined(
        self, asked: Understanding, sources: Sequence[Citation], *, looked_up: bool
    ) -> str | None:
        """What is said without the model where the sources cannot answer."""
        strict = self._plan.grounding == "strict"
        if asked.small_talk:
            return saying.at_your_service(self._language) if strict else None
        if self._tooling is not None and self._tooling.calls:
            return None
        bare = not sources and (strict or (looked_up and self._plan.grounding == "check"))
        if not bare and not (strict and await self._beside_the_point(asked, sources)):
            return None
        with self._trace.step("compose") as step:
            step.note("nothing relevant was found: said so without asking the model")
        return self._decline

    async def _beside_the_point(self, asked: Understanding, sources: Sequence[Citation]) -> bool:
        """Whether no source can hold what is asked; what code found for this question can."""
        if any(source["kind"] in ("rule", "record") for source in sources):
            return False
        texts = [read(source) for source in sources]
        if not answerable(asked.query, texts):
            return True
        knowledge = self._uses.knowledge
        return knowledge is not None and not await knowledge.may_answer(asked.query, texts)

    @property
    def _decline(self) -> str:
        return self._plan.decline.get(self._language) or saying.nothing_found(self._language)

    def _listen(self, plan: Plan, told: Conversation, heard: Heard, material: Material) -> Outflow:
        """What was said or read before may be said again."""
        before = (told.system, material.question or "", *(one.content for one in heard.branch))
        allowed = [text for text in before if may_be_personal(text)]
        return Outflow(plan.guard, self._language, allowed, hold=plan.grounding == "strict")

    def _only_borne(self, outflow: Outflow) -> Borne:
        if outflow.ended:
            return Borne(outflow.notice, "ended")
        passages = [one for one in self._sources if one["kind"] != "rule"]
        said = borne(outflow.held(), passages, self._query, self._stated, self._decline)
        rules = tuple(one["number"] for one in self._sources if one["kind"] == "rule")
        return said.with_rules(self._ruled.words, rules, self._ruled.ask)

    def _cited(self, answer: str) -> tuple[list[Citation] | None, list[ClaimNote] | None]:
        """The sources with those marked that bear a sentence, and the sentences."""
        if isinstance(self._prepared, Reply):
            return [{**one, "cited": True} for one in self._sources] or None, None
        if not self._sources or (self._borne is not None and self._borne.by_code):
            return None, None
        marks = self._plan.grounding != "none" and bool(self._prepared.sources or self._borne)
        if self._borne is not None:
            found = self._claims(answer)
        else:
            with self._trace.step("cite") as step:
                found = self._claims(answer)
                step.note(counted(found))
        bearing = {number for one in found for number in one.numbers}
        citations: list[Citation] = [
            {**one, "cited": one["number"] in bearing} for one in self._sources
        ]
        return citations, noted(found) if marks else None

    def _claims(self, answer: str) -> list[Claim]:
        if self._borne is not None and self._borne.numbers:
            return [Claim(0, len(answer), self._borne.numbers, "supported")]
        return judged(answer, self._sources, self._stated)


def _understood(asked: Understanding) -> str:
    if asked.small_talk:
        return "small talk, which needs no sources"
    return "read with the question before it" if asked.leans else "stands alone"


def _own_words(plan: Plan, branch: Sequence[Message]) -> tuple[Message, ...]:
    """Where only documents are to be believed, the last question without orders pasted into it."""
    *before, last = branch
    own = unpasted(plan.guard, last.content) if plan.grounding == "strict" else last.content
    return (*before, replace(last, content=own))
