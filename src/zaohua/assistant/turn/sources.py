"""The passages an answer may stand on: found, thought relevant, within the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zaohua.assistant.turn.understanding import Understanding
from zaohua.assistant.values import Citation
from zaohua.knowledge import Filters, Found, Knowledge, Passage
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.grounding import is_relevant
from zaohua.knowledge.names import shown_name
from zaohua.knowledge.shelves import Shelf

_LOOKED_AT = 8
"""So many passages are looked at; those that are relevant and fit become sources."""


async def find_sources(
    knowledge: Knowledge, asked: Understanding, collections: Sequence[str], budget: int
) -> list[Citation]:
    """The relevant passages of ``collections``, the best first, of about ``budget`` tokens.

    Raises:
        NotFoundError: a collection does not exist any more.
    """
    filters = Filters(collections=tuple(collections))
    found = await knowledge.search(asked.query, limit=_LOOKED_AT, filters=filters)
    kept = _within(budget, [one for one in found if is_relevant(asked.query, one)])
    return [_citation(number, passage) for number, passage in enumerate(kept, start=1)]


def named(source: Citation, shelves: Mapping[str, Shelf]) -> Citation:
    """The same without the server's folders before the name of the file."""
    shelf = shelves.get(source["collection"])
    return {**source, "source": shown_name(source["source"], shelf.roots if shelf else ())}


def heading(source: Citation) -> str:
    """What stands above a passage: title and headings."""
    parts = (source["title"], *source["headings"])
    return " › ".join(dict.fromkeys(part for part in parts if part))


def _within(budget: int, found: Sequence[Found]) -> list[Passage]:
    """The first always, so that a small context has one."""
    kept: list[Passage] = []
    for one in found:
        budget -= tokens_of(one.passage.text)
        if kept and budget < 0:
            break
        kept.append(one.passage)
    return kept


def _citation(number: int, passage: Passage) -> Citation:
    return Citation(
        number=number,
        passage_id=passage.id,
        document=passage.document,
        collection=passage.collection,
        source=passage.source,
        title=passage.title,
        headings=list(passage.headings),
        page=passage.page,
        row=passage.row,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        cited=False,
    )
