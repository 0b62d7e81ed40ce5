"""`/api/teams`: teams of roles and their runs over HTTP."""

from fastapi import APIRouter

from zaohua.service.teams import editing, routes
from zaohua.service.teams.parts import team_runs

router = APIRouter()
router.include_router(editing.router)
router.include_router(routes.router)

__all__ = ["router", "team_runs"]
