"""Teams listed and shown; runs begun, followed, stopped, spoken for by persons."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from zaohua.assistant.teams import Run, TeamMessage, TeamRuns
from zaohua.assistant.teams.beginning import Order
from zaohua.assistant.teams.exporting import run_facts, team_facts, whole
from zaohua.assistant.teams.live import Delta
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import Known, Parts
from zaohua.service.errors import documented
from zaohua.service.sse import EVENT_STREAM, EventStream, named_event
from zaohua.service.teams.editing import Library, Name, refusing
from zaohua.service.teams.parts import admit_of
from zaohua.service.teams.shapes import (
    NewRun,
    Resumption,
    RunItem,
    RunList,
    Spoken,
    Taking,
    Team,
    TeamItem,
    TeamList,
    WholeRun,
)

router = APIRouter(prefix="/api/teams", tags=["teams"], route_class=JsonRoute)
RunId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": EVENT_STREAM}}


def runs_of(request: Request) -> TeamRuns:
    """The runs of the app that got this request (for ``Depends``)."""
    found: TeamRuns = request.app.state.team_runs
    return found


Runs = Annotated[TeamRuns, Depends(runs_of)]


@router.get("", responses=documented(), summary="Teams to choose from")
def index(library: Library, caller: Known) -> TeamList:
    """By name; a file of the user's that is no team says why."""
    items = [
        TeamItem.model_validate(team_facts(one.team))
        if one.team
        else TeamItem(name=one.name, own=one.own, problem=one.problem)
        for one in library.list()
    ]
    return TeamList(items=items)


@router.get("/runs", responses=documented(), summary="What teams worked on")
async def list_runs(
    runs: Runs, caller: Known, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RunList:
    """The caller's runs, the newest first."""
    return RunList(items=[_item(run) for run in await runs.list(caller.owner, limit)])


@router.get("/runs/{run_id}", responses=documented(404), summary="A run, whole")
async def show_run(runs: Runs, caller: Known, run_id: RunId) -> WholeRun:
    """Its state, its result as far as it came, every message."""
    run, messages = await runs.show(caller.owner, run_id)
    return WholeRun.model_validate(await run_in_threadpool(whole, run, messages))


@router.delete(
    "/runs/{run_id}",
    status_code=204,
    response_class=Response,
    responses=documented(404),
    summary="Forget a run",
)
async def remove_run(runs: Runs, caller: Known, run_id: RunId) -> Response:
    """For good; it is stopped first."""
    await runs.remove(caller.owner, run_id)
    return Response(status_code=204)


@router.get(
    "/runs/{run_id}/stream",
    response_class=Response,
    responses={**documented(404), **_STREAM},
    summary="Follow a run",
)
async def stream(
    parts: Parts,
    runs: Runs,
    caller: Known,
    *,
    run_id: RunId,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """Server-sent events behind message ``after`` (or ``Last-Event-ID``) to the end of the run."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = max(after, int(last_event_id))
    await runs.show(caller.owner, run_id)
    source = _events(runs, caller.owner, run_id, after)
    return EventStream(source, source, ping_seconds=parts.settings.ping_seconds)


@router.post("/runs/{run_id}/stop", responses=documented(404), summary="Stop a run")
async def stop(runs: Runs, caller: Known, run_id: RunId) -> RunItem:
    """Keeps what is there; a run that has ended stays as it is."""
    return _item(await runs.stop(caller.owner, run_id))


@router.post("/runs/{run_id}/resume", responses=documented(404, 503), summary="Go on with a run")
async def resume(
    runs: Runs, caller: Known, request: Request, run_id: RunId, body: Resumption
) -> RunItem:
    """From the turns that are kept, with other limits if some are given."""
    limits = body.limits.model_dump(exclude_none=True)
    return _item(await runs.resume(caller.owner, run_id, limits, admit_of(request, caller)))


@router.post("/runs/{run_id}/say", responses=documented(404, 503), summary="Speak for a role")
async def say(
    runs: Runs, caller: Known, request: Request, *, run_id: RunId, body: Spoken
) -> RunItem:
    """The turn of the role that the run waits for; the run goes on."""
    admit = admit_of(request, caller)
    return _item(await runs.say(caller.owner, run_id, body.role, body.content, admit))


@router.put("/runs/{run_id}/roles/{role}", responses=documented(404), summary="Take a role")
async def take(runs: Runs, caller: Known, run_id: RunId, role: Name, body: Taking) -> RunItem:
    """From its next turn on a person speaks for the role, or its model again."""
    return _item(await runs.take(caller.owner, run_id, role, person=body.person))


@router.get("/{name}", responses=documented(404), summary="One team")
def one(name: Name, library: Library, caller: Known) -> Team:
    """Its roles, their order, its limits."""
    with refusing():
        return Team.model_validate(team_facts(library.get(name)))


@router.post(
    "/{name}/runs", status_code=201, responses=documented(404, 503), summary="Let a team work"
)
async def start(
    runs: Runs, library: Library, caller: Known, request: Request, *, name: Name, body: NewRun
) -> RunItem:
    """Keeps what is given and begins; follow it with ``stream``."""
    with refusing():
        team = await run_in_threadpool(library.get, name)
    limits = body.limits.model_dump(exclude_none=True)
    order = Order(body.inputs, body.language, body.model, tuple(body.persons), limits)
    return _item(await runs.start(caller.owner, team, order, admit_of(request, caller)))


def _item(run: Run) -> RunItem:
    return RunItem.model_validate(run_facts(run))


async def _events(runs: TeamRuns, owner: str, run_id: int, after: int) -> AsyncGenerator[bytes]:
    async with aclosing(cast("Any", runs.follow(owner, run_id, after))) as events:
        async for event in events:
            if isinstance(event, Delta):
                yield named_event("delta", asdict(event))
            elif isinstance(event, TeamMessage):
                body = orjson.dumps(asdict(event), option=orjson.OPT_UTC_Z)
                yield f"event: message\nid: {event.seq}\ndata: ".encode() + body + b"\n\n"
            else:
                yield named_event("run", _item(event).model_dump(mode="json"))
    run, messages = await runs.show(owner, run_id)
    told = WholeRun.model_validate(await run_in_threadpool(whole, run, messages))
    yield named_event("done", told.model_dump(mode="json", exclude={"design", "messages"}))
