"""Teams: several roles that work on one task with a shared board, as a YAML file says.

What lives here reads team files, walks their steps, judges in code what can be judged in code, and
keeps every message, so that a run goes on from what is kept however it ended. How a run is shown
and who may see it is decided above.
"""

from zaohua.assistant.teams.library import ConflictError, TeamLibrary, team_library
from zaohua.assistant.teams.reading import read_team, read_team_file
from zaohua.assistant.teams.runs import TeamRuns
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import Run, Spent, TeamMessage

__all__ = [
    "ConflictError",
    "Run",
    "Spent",
    "Team",
    "TeamLibrary",
    "TeamMessage",
    "TeamRuns",
    "read_team",
    "read_team_file",
    "team_library",
]
