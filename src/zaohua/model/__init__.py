"""Architectures and checkpoints: sizes, attention, building, loading, saving, GGUF. No training.

Importing this costs nothing: PyTorch and transformers come with the first name that needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zaohua.errors import MissingExtraError

if TYPE_CHECKING:
    from zaohua.model.building import build
    from zaohua.model.loading import Loaded, load
    from zaohua.model.saving import save
    from zaohua.model.shapes import Shape, shape

__all__ = ["Loaded", "Shape", "build", "load", "save", "shape"]


def __getattr__(name: str) -> Any:
    rooms = {"build": "building", "save": "saving", "Shape": "shapes", "shape": "shapes"}
    if name not in __all__:
        raise AttributeError(name)
    try:
        return getattr(import_module(f"zaohua.model.{rooms.get(name, 'loading')}"), name)
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "working on models") from error
