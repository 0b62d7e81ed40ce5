"""Recipes: one YAML file, its stages run in order, what is already made is not made again.

`finding` and `reading` take the YAML, `check` finds what cannot work, `stages` puts it in order,
`running` runs it through `rooms`. No stage's work is done here. Importing this costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zaohua.recipe.outcome import Outcome
    from zaohua.recipe.running import Run, Step, load, plan, run

__all__ = ["Outcome", "Run", "Step", "load", "plan", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    room = "outcome" if name == "Outcome" else "running"
    return getattr(import_module(f"zaohua.recipe.{room}"), name)
