"""`/api/teams`: teams of roles and their runs over HTTP."""

from zaohua.service.teams.parts import team_runs
from zaohua.service.teams.routes import router

__all__ = ["router", "team_runs"]
