"""LoRA adapters of PEFT, folded into the model they were trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from transformers import PreTrainedModel

from zaohua.errors import IntegrityError, MissingExtraError

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"


def is_adapter(folder: Path) -> bool:
    """Whether the folder holds an adapter rather than a model."""
    return (folder / CONFIG).is_file()


def base_of(folder: Path) -> str:
    """What the adapter was trained on: a reference for `zaohua.model.load`.

    Raises:
        IntegrityError: the adapter does not say, or is pickled.
    """
    if not (folder / WEIGHTS).is_file():
        raise IntegrityError("the adapter has no safetensors weights", where=str(folder))
    try:
        told = json.loads((folder / CONFIG).read_bytes())["base_model_name_or_path"]
    except (OSError, ValueError, KeyError):
        told = None
    if not isinstance(told, str) or not told:
        raise IntegrityError("the adapter does not name its base model", where=str(folder / CONFIG))
    return told


def merge(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """The model with the adapter of ``folder`` added into its weights.

    Raises:
        IntegrityError: it does not fit the model.
    """
    try:
        from peft import PeftModel
    except ImportError as error:
        raise MissingExtraError("train", "merging an adapter") from error
    try:
        merged: Any = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
    except (ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        raise IntegrityError(
            f"the adapter does not fit its base: {str(error).splitlines()[0]}", where=str(folder)
        ) from None
    found: PreTrainedModel = merged
    return found
