"""Teams of the user's written, changed and deleted; who may is whoever administers the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from zaohua.assistant.teams import ConflictError, Team, TeamLibrary
from zaohua.assistant.teams.exporting import team_facts
from zaohua.assistant.teams.reading import checked
from zaohua.errors import UsageError
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import Administrator
from zaohua.service.errors import ApiError, documented
from zaohua.service.teams import shapes

router = APIRouter(prefix="/api/teams", tags=["teams"], route_class=JsonRoute)
Name = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,39}$")]


def team_library_of(request: Request) -> TeamLibrary:
    """The library of the app that got this request (for ``Depends``)."""
    found: TeamLibrary = request.app.state.teams
    return found


Library = Annotated[TeamLibrary, Depends(team_library_of)]


@contextmanager
def refusing(conflict: str = "conflict") -> Iterator[None]:
    """What is wrong with a team is told, where its file lies is not; ``conflict`` is a code."""
    try:
        yield
    except ConflictError as error:
        raise ApiError(409, error.line(), code=conflict, param="name") from None
    except UsageError as error:
        told = UsageError(error.what, mend=error.mend).line()
        raise ApiError(400, told, code="invalid_value", param="name") from None


@router.post("/check", responses=documented(), summary="Look through the text of a team")
def check(body: shapes.TeamText, caller: Administrator) -> shapes.CheckedTeam:
    """Keeps nothing: the team that it is, or all that is wrong with it, by line."""
    team, faults = checked(body.source, "team")
    told = [shapes.TeamFault(line=one.line, what=one.what) for one in faults]
    return shapes.CheckedTeam(team=_told(team) if team else None, faults=told)


@router.post("", status_code=201, responses=documented(409), summary="Make a team")
def add(body: shapes.NewTeam, library: Library, caller: Administrator) -> shapes.Team:
    """Under a name that no team has, neither of the user's nor one that comes with zaohua."""
    with refusing("team_exists"):
        return _told(library.add(body.name, body.source))


@router.get("/{name}/source", responses=documented(404), summary="The file of a team")
def source(name: Name, library: Library, caller: Administrator) -> shapes.TeamSource:
    """Its text, also if it is no team, to be copied or mended."""
    with refusing():
        text, own = library.source(name)
    return shapes.TeamSource(name=name, own=own, source=text)


@router.put("/{name}", responses=documented(404, 409), summary="Change a team")
def replace(
    name: Name, body: shapes.ChangedTeam, library: Library, caller: Administrator
) -> shapes.Team:
    """One of the user's; runs that began go on with the team as it was."""
    with refusing("team_changed"):
        return _told(library.replace(name, body.source, body.before))


@router.delete(
    "/{name}",
    status_code=204,
    response_class=Response,
    responses=documented(404, 409),
    summary="Delete a team",
)
def remove(name: Name, library: Library, caller: Administrator) -> Response:
    """One of the user's, for good; what it worked on stays."""
    with refusing():
        library.remove(name)
    return Response(status_code=204)


def _told(team: Team) -> shapes.Team:
    return shapes.Team.model_validate(team_facts(team))
