"""What an answer may stand on: passages found, thought relevant, within the budget; and others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.turn.guarding import harmless
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Understanding
from zaohua.assistant.values import Citation, CitedKind
from zaohua.knowledge import Filters, Found, Knowledge, Passage
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.grounding import is_relevant
from zaohua.knowledge.names import shown_name
from zaohua.knowledge.shelves import Reader, Shelf, Shelves
from zaohua.safety import Guard

_LOOKED_AT = 8
"""So many passages are looked at; those that are relevant and fit become sources."""
_BUDGET = 1600
"""Tokens of sources, about, if the context has room for them."""
_SHARE = 0.4
"""Part of the context that sources may take."""


@dataclass(frozen=True, slots=True)
class Bookcase:
    """The collections of a turn, and for whom they are opened.

    Attributes:
        knowledge: that is searched.
        shelves: know whose a collection is; None where nobody asks.
        owner: who asks.
        chosen: collections of the conversation, which its owner has to be allowed to read: it may
            name others, imported or no longer shared.
        given: collections of the plan, which all may read who may use that.
        guard: judges what is read.
    """

    knowledge: Knowledge
    shelves: Shelves | None
    owner: str
    chosen: tuple[str, ...]
    given: tuple[str, ...]
    guard: Guard | None

    @property
    def collections(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.chosen, *self.given)))

    def opened(self) -> dict[str, Shelf]:
        """Where they stand.

        Raises:
            NotFoundError: one is gone, or not for the owner.
        """
        if self.shelves is None:
            return {}
        everybody = Reader(self.owner, everything=True)
        reader = Reader(self.owner, everything=self.owner == LOCAL_OWNER)
        shelves = {name: self.shelves.named(name, everybody) for name in self.given}
        return shelves | {name: self.shelves.named(name, reader) for name in self.chosen}


async def look_up(
    trace: Trace, bookcase: Bookcase, asked: Understanding, context_length: int
) -> list[Citation]:
    """The relevant passages, the best first, without orders in them.

    Raises:
        NotFoundError: a collection is gone, or not for who asks.
    """
    budget = min(_BUDGET, int(context_length * _SHARE) or _BUDGET)
    with trace.step("knowledge") as step:
        step.note("a collection is gone", collections=list(bookcase.collections))
        shelves = await asyncio.to_thread(bookcase.opened)
        filters = Filters(collections=bookcase.collections)
        found = await bookcase.knowledge.search(asked.query, limit=_LOOKED_AT, filters=filters)
        kept = _within(budget, [one for one in found if is_relevant(asked.query, one)])
        cited = [_citation(one, shelves) for one in kept]
        cleaned = await asyncio.to_thread(_harmless, bookcase.guard, cited)
        sources = [source for source, _ in cleaned]
        flagged = [source["passage_id"] for source, found_in_it in cleaned if found_in_it]
        step.note(
            f"{len(sources)} passages of {len({one['document'] for one in sources})} documents"
            + (f", {len(flagged)} of them made harmless" if flagged else ""),
            tokens=sum(tokens_of(source["text"]) for source in sources),
            passages=[source["passage_id"] for source in sources],
            flagged=flagged,
        )
    return sources


def stated(kind: CitedKind, source: str, title: str, text: str) -> Citation:
    """A source that is no passage of a document."""
    return Citation(
        kind=kind,
        number=0,
        passage_id=None,
        document=None,
        collection="",
        source=source,
        title=title,
        headings=[],
        page=None,
        row=None,
        start=0,
        end=len(text),
        text=text,
        cited=False,
    )


def numbered(sources: Sequence[Citation], first: int = 1) -> tuple[Citation, ...]:
    """The same with their numbers in this answer."""
    return tuple({**one, "number": number} for number, one in enumerate(sources, start=first))


def heading(source: Citation) -> str:
    """What stands above a passage: title and headings."""
    parts = (source["title"], *source["headings"])
    return " › ".join(dict.fromkeys(part for part in parts if part))


def read(source: Citation) -> str:
    """What the model reads of a source."""
    return f"{heading(source)}\n{source['text'].strip()}"


def _harmless(guard: Guard | None, sources: Sequence[Citation]) -> list[tuple[Citation, bool]]:
    """Takes milliseconds a passage, so it has a thread."""
    return [harmless(guard, source) for source in sources]


def _within(budget: int, found: Sequence[Found]) -> list[Passage]:
    """The first always, so that a small context has one."""
    kept: list[Passage] = []
    for one in found:
        budget -= tokens_of(one.passage.text)
        if kept and budget < 0:
            break
        kept.append(one.passage)
    return kept


def _citation(passage: Passage, shelves: Mapping[str, Shelf]) -> Citation:
    """Its file is named without the server's folders before it."""
    shelf = shelves.get(passage.collection)
    return Citation(
        kind="passage",
        number=0,
        passage_id=passage.id,
        document=passage.document,
        collection=passage.collection,
        source=shown_name(passage.source, shelf.roots if shelf else ()),
        title=passage.title,
        headings=list(passage.headings),
        page=passage.page,
        row=passage.row,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        cited=False,
    )
