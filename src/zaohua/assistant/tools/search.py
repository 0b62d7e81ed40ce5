"""The tool that searches documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.values import BoundTool, ToolOutput
from zaohua.knowledge import Filters, Found, Knowledge

LIMIT = 4
NOTHING = "Nothing was found."
SEARCH_SECONDS = 30.0
"""The first search loads the embedder."""


def knowledge_tool(
    knowledge: Knowledge, collections: Sequence[str] = (), *, limit: int = LIMIT
) -> BoundTool:
    """``search_knowledge``, in ``collections`` or everywhere; its value are citations."""
    filters = Filters(tuple(collections))

    async def search_knowledge(query: str) -> ToolOutput:
        """Search the documents for passages that answer a question.

        Args:
            query: the question, or a few words.
        """
        found = await knowledge.search(query, limit=limit, filters=filters)
        numbered = list(enumerate(found, start=1))
        text = "\n\n".join(_source(number, one) for number, one in numbered)
        return ToolOutput(text or NOTHING, [citation(number, one) for number, one in numbered])

    return replace(tool_of(search_knowledge, seconds=SEARCH_SECONDS), reads=True, harmless=True)


def _source(number: int, found: Found) -> str:
    passage = found.passage
    title = passage.title or passage.source.rpartition("/")[2]
    place = [title, *(one for one in passage.headings if one != title)]
    place += [f"p. {passage.page}"] if passage.page else []
    return f"[{number}] {' › '.join(place)}\n{passage.text.strip()}"


def citation(number: int, found: Found) -> dict[str, Any]:
    """A passage as answers cite it."""
    passage = found.passage
    return {
        "number": number,
        "passage_id": passage.id,
        "document": passage.document,
        "collection": passage.collection,
        "source": passage.source,
        "title": passage.title,
        "headings": list(passage.headings),
        "page": passage.page,
        "row": passage.row,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }
