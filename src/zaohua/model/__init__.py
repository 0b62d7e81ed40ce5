"""Architectures and checkpoints: sizes, attention, building, loading, saving, GGUF. No training.

Importing this costs nothing: PyTorch and transformers come with the first name that needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from zaohua.errors import MissingExtraError

if TYPE_CHECKING:
    from zaohua.model.building import build
    from zaohua.model.export import export_gguf
    from zaohua.model.loading import Loaded, load
    from zaohua.model.saving import save
    from zaohua.model.shapes import Shape, shape

__all__ = ["Loaded", "Shape", "build", "export_gguf", "load", "save", "shape"]

_ROOMS: Final = {
    "Loaded": "loading",
    "Shape": "shapes",
    "build": "building",
    "export_gguf": "export",
    "load": "loading",
    "save": "saving",
    "shape": "shapes",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(name)
    try:
        return getattr(import_module(f"zaohua.model.{_ROOMS[name]}"), name)
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "working on models") from error
