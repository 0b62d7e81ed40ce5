"""One loop, many objectives: optimisers, schedules, exact resume, logs, report cards.

Importing this costs nothing: PyTorch comes with the first name that needs it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zaohua.errors import MissingExtraError
from zaohua.hardware import sharing_cores

if TYPE_CHECKING:
    from zaohua.train.verbs import finetune, finetune_made, pretrain, pretrain_made

__all__ = ["finetune", "finetune_made", "pretrain", "pretrain_made"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    os.environ.update(sharing_cores(os.environ))  # read once, when PyTorch is imported
    try:
        return getattr(import_module("zaohua.train.verbs"), name)
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "training") from error
