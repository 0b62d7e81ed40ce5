"""The graph of passages made with a model: JSON under a schema, believed where the passage says so.

What a model found is kept with the passage it read, so that a stop loses little and an equal
passage of a changed file is not asked about again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.errors import UsageError
from zaohua.generate.engine import Engine
from zaohua.generate.many import answered, in_order
from zaohua.generate.request import ChatRequest, Grammar, Message, Sampling
from zaohua.knowledge.graph.building import (
    Pending,
    collections_named,
    count_unread,
    still_there,
    window,
)
from zaohua.knowledge.graph.names import cleaned, is_name, key_of
from zaohua.knowledge.graph.values import Built, Extract, Mention, Statement
from zaohua.knowledge.graph.writing import Place, write
from zaohua.progress import Progress
from zaohua.store.database import Database
from zaohua.store.tables import DocumentRow, FileRow, GraphReadingRow, PassageRow
from zaohua.text.language import main_language

VERSION = 1
"""Changed whenever passages are asked about in another way."""
WINDOW = 32
"""Passages that are taken at once; each is kept as it is answered."""

_PARALLEL = 4
_MOST_TOKENS = 700
_CONFIDENCE = 0.6
_TEXT = {"type": "string", "maxLength": 60}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "entities": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"name": _TEXT, "kind": {"type": "string", "maxLength": 20}},
                "required": ["name", "kind"],
                "additionalProperties": False,
            },
        },
        "relations": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"subject": _TEXT, "relation": _TEXT, "object": _TEXT},
                "required": ["subject", "relation", "object"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["entities", "relations"],
    "additionalProperties": False,
}
_ORDERS = {
    "zh": (
        "从下面的文字中找出实体（人、机构、地点、产品等）以及它们之间的关系。名称必须照抄原文，"
        "关系用原文中的短语。只写文字中明确说出的内容，没有就留空。\n\n标题：{title}\n文字：\n{text}"
    ),
    "en": (
        "Find the entities (people, organisations, places, products ...) in the text below and "
        "the relations between them. Copy names exactly as they are written; name relations with "
        "words of the text. Write only what the text says; leave the lists empty if it says "
        "nothing.\n\nTitle: {title}\nText:\n{text}"
    ),
}


@dataclass(slots=True)
class _Tally:
    passages: int = 0
    entities: int = 0
    relations: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class _Round:
    """One collection as a model reads it, and how much it has found so far."""

    database: Database
    engine: Engine
    collection: int
    way: str
    tally: _Tally


async def build_by_model(
    database: Database, engine: Engine, names: Sequence[str], progress: Progress
) -> Built:
    """Let a model read the passages of the collections that it has not read.

    Raises:
        NotFoundError: there is no such collection.
        EngineFailed: the engine broke off again and again; what was answered is kept.
    """
    tally = _Tally()
    way = f"model {engine.info.model} {VERSION}"[:80]
    for collection in await asyncio.to_thread(collections_named, database, names):
        this = _Round(database, engine, collection, way, tally)
        await asyncio.to_thread(_take_over, this)
        await _read(this, progress)
    return Built(tally.passages, tally.entities, tally.relations, tally.refused)


async def _read(this: _Round, progress: Progress) -> None:
    total = await asyncio.to_thread(count_unread, this.database, this.collection, this.way)
    if not total:
        return
    progress.start(f"asking {this.engine.info.model}", total, "passages")
    last = 0
    try:
        while some := await asyncio.to_thread(_window, this, last):
            last = some[-1].id
            async with aclosing(_answers(this, some)) as answers:
                async for one, found in answers:
                    await asyncio.to_thread(_keep, this, one, found)
                    progress.advance(1)
                    progress.figures(f"{this.tally.relations} relations")
    finally:
        progress.finish()


def _window(this: _Round, after: int) -> list[Pending]:
    return window(this.database, this.collection, this.way, after, WINDOW)


def _answers(
    this: _Round, some: Sequence[Pending]
) -> AsyncGenerator[tuple[Pending, dict[str, Any]]]:
    async def ask(one: Pending) -> tuple[Pending, dict[str, Any]]:
        return one, await _asked(this.engine, one)

    parallel = this.engine.info.slots or _PARALLEL
    return cast(
        "AsyncGenerator[tuple[Pending, dict[str, Any]]]", in_order(ask, some, parallel=parallel)
    )


async def _asked(engine: Engine, one: Pending) -> dict[str, Any]:
    """What the model says of a passage; nothing if the passage is too long for it."""
    try:
        got = await answered(engine, request_for(one))
    except UsageError:
        return {}
    try:
        found = json.loads(got.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def request_for(one: Pending) -> ChatRequest:
    """The request that asks about a passage."""
    language = "zh" if main_language(one.text.text) == "zh" else "en"
    asked = _ORDERS[language].format(title=one.text.topic, text=one.text.text)
    return ChatRequest(
        (Message("user", asked),),
        Sampling(max_tokens=_MOST_TOKENS, temperature=0.0),
        grammar=Grammar("json_schema", SCHEMA),
        batch=True,
    )


def grounded(found: dict[str, Any], text: str, way: str) -> tuple[Extract, int]:
    """What of a model's answer stands in ``text``, and how much of it does not.

    Names must stand there as they are; both ends of a relation, too.
    """
    whole = f" {key_of(text)} "
    mentions = [
        Mention(cleaned(one["name"]), cleaned(one["kind"]))
        for one in _tables(found.get("entities"), "name", "kind")
        if _stands(one["name"], whole) and is_name(cleaned(one["name"]))
    ]
    asked = _tables(found.get("relations"), "subject", "relation", "object")
    statements = [
        Statement(
            cleaned(one["subject"]),
            cleaned(one["relation"]),
            cleaned(one["object"]),
            *_place(one, text),
            confidence=_CONFIDENCE,
            way=way,
        )
        for one in asked
        if _is_grounded(one, whole)
    ]
    refused = len(_tables(found.get("entities"), "name", "kind")) - len(mentions)
    return Extract(tuple(mentions), tuple(statements)), refused + len(asked) - len(statements)


def _is_grounded(one: dict[str, str], whole: str) -> bool:
    ends = (one["subject"], one["object"])
    return (
        all(_stands(name, whole) for name in ends)
        and is_name(cleaned(one["subject"]))
        and bool(cleaned(one["relation"]))
        and key_of(ends[0]) != key_of(ends[1])
    )


def _stands(name: str, whole: str) -> bool:
    key = key_of(name)
    return bool(key) and f" {key} " in whole


def _place(one: dict[str, str], text: str) -> tuple[int, int]:
    """From the first to the last of subject and object; the whole text if they are not found."""
    spans = [(text.find(name), len(name)) for name in (one["subject"], one["object"])]
    if any(start < 0 for start, _ in spans):
        return 0, len(text)
    return min(start for start, _ in spans), max(start + size for start, size in spans)


def _tables(value: object, *keys: str) -> list[dict[str, str]]:
    rows = value if isinstance(value, list) else []
    return [
        row
        for row in rows
        if isinstance(row, dict) and all(isinstance(row.get(key), str) for key in keys)
    ]


def _keep(this: _Round, one: Pending, found: dict[str, Any]) -> None:
    with this.database.session() as session:
        if still_there(session, [one.id]):
            row = GraphReadingRow(passage_id=one.id, way=this.way, found=found, pending=False)
            session.add(row)
            session.flush()
            _write(session, this, Place(one.id), found, one.text.text)


def _write(session: Session, this: _Round, place: Place, found: dict[str, Any], text: str) -> None:
    extract, refused = grounded(found, text, this.way)
    written = write(session, this.collection, [(place, extract)])
    this.tally.passages += 1
    this.tally.entities += written.entities
    this.tally.relations += written.relations
    this.tally.refused += refused


def _take_over(this: _Round) -> None:
    """Write what the model found in passages that equal older ones."""
    with this.database.session() as session:
        rows = session.execute(
            select(GraphReadingRow, PassageRow.text)
            .join(PassageRow, PassageRow.id == GraphReadingRow.passage_id)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .join(FileRow, FileRow.id == DocumentRow.file_id)
            .where(FileRow.collection_id == this.collection, GraphReadingRow.way == this.way)
            .where(GraphReadingRow.pending)
        )
        for row, text in rows.all():
            _write(session, this, Place(row.passage_id), row.found or {}, text)
            row.pending = False
