"""One stage run alone, from options instead of a recipe: checked and made as in a recipe."""

from __future__ import annotations

from zaohua.data.prepare.spec import DataSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.errors import UsageError
from zaohua.progress import Progress
from zaohua.recipe import rooms
from zaohua.recipe.check import require_training, stage_problems
from zaohua.recipe.outcome import Outcome
from zaohua.recipe.stages import Stage, Verb
from zaohua.settings import Settings
from zaohua.store.manifest import check_name
from zaohua.train.spec import TrainSpec


def run_alone(
    verb: Verb,
    name: str,
    spec: DataSpec | TokenizerSpec | TrainSpec,
    *,
    settings: Settings,
    progress: Progress,
) -> Outcome:
    """Make the data set, tokenizer or checkpoint ``name``, unless it is made.

    Raises:
        UsageError: it cannot work; **all** that is wrong, before anything runs.
        ZaohuaError: as the room that makes it says.
    """
    check_name(name)
    if isinstance(spec, TrainSpec):
        require_training()
    if found := list(stage_problems(verb, spec, settings)):
        raise UsageError("; ".join(found))
    return rooms.outcome(Stage(verb, verb, name, spec), spec, settings=settings, progress=progress)
