"""Checkpoints in the plain layout of transformers: config, safetensors, tokenizer, template."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from zaohua.errors import UnavailableError
from zaohua.model.quiet import quiet


def save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write a checkpoint that transformers, vLLM and others load without zaohua.

    Tied weights are written once. Nothing of how it was trained is left in it: no name of an
    attention function, no prefix of compilers or wrappers.

    Raises:
        UnavailableError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with quiet():
            model.save_pretrained(folder, state_dict=_plain(model))
            tokenizer.save_pretrained(str(folder))
    except OSError as error:
        raise UnavailableError(
            f"the checkpoint cannot be written: {error.strerror or error}",
            where=str(folder),
            mend="look at the disk's free space and the folder's permissions",
        ) from error


def _plain(model: PreTrainedModel) -> dict[str, object]:
    return {name.replace("_orig_mod.", ""): value for name, value in model.state_dict().items()}
