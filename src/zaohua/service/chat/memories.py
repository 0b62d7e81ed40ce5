"""`/api/memories`: what the assistant knows of the caller, to be seen and changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from zaohua.assistant.memory import Memory, Remembered
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import Known, Parts
from zaohua.service.chat.shapes import (
    ForgottenMemories,
    MemoryChanges,
    MemoryExport,
    MemoryList,
    MemorySwitch,
    NewMemory,
)
from zaohua.service.errors import documented
from zaohua.service.services import Services

router = APIRouter(prefix="/api/memories", tags=["memories"], route_class=JsonRoute)

MemoryId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


@router.get("", responses=documented(), summary="What is remembered of you")
def index(
    parts: Parts,
    caller: Known,
    *,
    history: Annotated[bool, Query(description="Also what holds no longer.")] = False,
) -> MemoryList:
    """By kind and age; with ``history`` all, the oldest first."""
    memory = _memory(parts)
    items = memory.history(caller.owner) if history else memory.list(caller.owner)
    return MemoryList(on=memory.enabled(caller.owner), items=items)


@router.post("", status_code=201, responses=documented(), summary="Remember something")
def add(parts: Parts, caller: Known, body: NewMemory) -> Remembered:
    """Word for word; what is written so does not fade."""
    return _memory(parts).add(caller.owner, body.text, body.kind)


@router.delete("", responses=documented(), summary="Forget everything")
def remove_all(parts: Parts, caller: Known) -> ForgottenMemories:
    """For good, with history."""
    return ForgottenMemories(forgotten=len(_memory(parts).forget_all(caller.owner)))


@router.get("/switch", responses=documented(), summary="Whether anything is learned or recalled")
def show_switch(parts: Parts, caller: Known) -> MemorySwitch:
    """On unless turned off."""
    return MemorySwitch(on=_memory(parts).enabled(caller.owner))


@router.put("/switch", responses=documented(), summary="Turn the memory on or off")
def turn(parts: Parts, caller: Known, body: MemorySwitch) -> MemorySwitch:
    """What is remembered stays, but is not used while it is off."""
    _memory(parts).switch(caller.owner, body.on)
    return body


@router.get("/export", responses=documented(), summary="All that is known of you")
def export(parts: Parts, caller: Known) -> MemoryExport:
    """With history."""
    return MemoryExport(**_memory(parts).export(caller.owner))


@router.get("/{memory_id}", responses=documented(404), summary="One memory")
def show(parts: Parts, caller: Known, memory_id: MemoryId) -> Remembered:
    """Also one that holds no longer."""
    return _memory(parts).get(caller.owner, memory_id)


@router.patch("/{memory_id}", responses=documented(404), summary="Change a memory")
def change(parts: Parts, caller: Known, memory_id: MemoryId, body: MemoryChanges) -> Remembered:
    """What is left out stays as it is."""
    return _memory(parts).edit(caller.owner, memory_id, **body.given())


@router.delete(
    "/{memory_id}",
    status_code=204,
    response_class=Response,
    responses=documented(404),
    summary="Forget a memory",
)
def remove(parts: Parts, caller: Known, memory_id: MemoryId) -> Response:
    """For good; it is not learned from its message again."""
    _memory(parts).forget(caller.owner, memory_id)
    return Response(status_code=204)


def _memory(parts: Services) -> Memory:
    return Memory(parts.database, parts.embedder)
