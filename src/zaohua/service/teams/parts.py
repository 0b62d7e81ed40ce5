"""The runs that a server works on: their tools, their guard, leave to use tokens."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from zaohua.assistant.allowance import Allowance
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.teams import TeamRuns
from zaohua.assistant.teams.listening import Admit
from zaohua.assistant.tools import BoundTool
from zaohua.assistant.tools.builtin import plain_tools
from zaohua.assistant.tools.search import knowledge_tool
from zaohua.errors import UnavailableError
from zaohua.knowledge.shelves import Reader, Shelves
from zaohua.safety import Guard, load_policy
from zaohua.service.errors import ApiError
from zaohua.service.limits import Limits
from zaohua.service.security import Caller
from zaohua.service.services import Services


def team_runs(services: Services) -> TeamRuns:
    """Those of ``services``; a role searches what the owner of its run may read."""
    settings = services.settings

    def tools(owner: str) -> Sequence[BoundTool]:
        reader = Reader(owner, everything=owner == LOCAL_OWNER)
        names = [shelf.name for shelf in Shelves(services.database).readable(reader)]
        search = (knowledge_tool(services.knowledge, names),) if names else ()
        return (*plain_tools(), *search)

    guard = Guard(load_policy(settings.home))
    return TeamRuns(services.database, services.models, settings.home / "locks", tools, guard)


def admit_of(request: Request, caller: Caller) -> Admit:
    """Leave to use tokens of the caller's key, asked for at each turn of a model."""
    limits: Limits = request.app.state.limits

    async def admit() -> Allowance:
        try:
            return await limits.admit(caller.key, 0, None)
        except ApiError as error:
            raise UnavailableError(error.message) from None

    return admit
