"""Scenarios listed and shown."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Path

from zaohua.assistant.scenarios import Pack
from zaohua.assistant.scenarios.facts import details, facts
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import Known, Scenarios, pack_named
from zaohua.service.errors import documented
from zaohua.service.scenarios.shapes import ScenarioDetails, ScenarioItem, ScenarioList

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"], route_class=JsonRoute)
Name = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]


@router.get("", responses=documented(), summary="Scenarios to choose from")
def index(packs: Scenarios, caller: Known) -> ScenarioList:
    """By name. One that is broken is left out; the server's log says why."""
    found = packs.all()
    for one in found:
        if not isinstance(one, Pack):
            log.warning("scenario '%s' is left out: %s", one.name, one.problem)
    data = [ScenarioItem.model_validate(facts(one)) for one in found if isinstance(one, Pack)]
    return ScenarioList(data=data)


@router.get("/{name}", responses=documented(404), summary="A scenario")
def show(packs: Scenarios, caller: Known, name: Name) -> ScenarioDetails:
    """With its card."""
    return ScenarioDetails.model_validate(details(pack_named(packs, name)))
