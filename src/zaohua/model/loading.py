"""Models to go on with: checkpoint artefacts, folders, models of the shelf, GGUF files, the hub.

Only safetensors and GGUF are read: no pickle, no code that a checkpoint brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from zaohua.errors import IntegrityError, NotFoundError, UsageError
from zaohua.model import adapters, attention, references
from zaohua.model.quiet import quiet
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings

Head = Literal["causal", "masked", "classify"]
_AUTO: Final[Mapping[Head, Any]] = MappingProxyType(
    {
        "causal": AutoModelForCausalLM,
        "masked": AutoModelForMaskedLM,
        "classify": AutoModelForSequenceClassification,
    }
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in fp32 and evaluation mode, and where it came from.

    Attributes:
        origin: what manifests name as an input: ``checkpoint/poet@1a2b3c4d5e6f``.
        new: parameters that the checkpoint did not have; they are untrained.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    origin: str
    new: tuple[str, ...] = ()


def load(
    reference: str,
    *,
    settings: Settings,
    head: Head = "causal",
    labels: Sequence[str] = (),
    progress: Progress = Silent(),  # noqa: B008
) -> Loaded:
    """Load a model and its tokenizer.

    Args:
        reference: a checkpoint (``poet``, ``checkpoint/poet@1a2b``), a folder, a GGUF file, a model
            of the shelf, or a hub id (``owner/name``); looked for in this order. An adapter is
            merged into the model it was trained on.
        settings: the home folder, and whether the network may be used.
        head: what the model is for. A head that the checkpoint lacks is new: `Loaded.new` and a
            note of ``progress`` say which parameters.
        labels: of a classifier, in the order of their numbers; empty: those of the checkpoint.
        progress: told of what is new.

    Raises:
        NotFoundError: nothing has that name.
        UnavailableError: it would have to be fetched, and cannot be.
        IntegrityError: what is there is no checkpoint that can be read safely.
        UsageError: the model cannot have that head.
    """
    place = references.find(reference, settings)
    if place.path.is_file():
        return _from_gguf(place, head, labels, progress)
    if adapters.is_adapter(place.path):
        base = load(adapters.base_of(place.path), settings=settings, head=head, labels=labels)
        return replace(base, model=adapters.merge(base.model, place.path), origin=place.origin)
    loaded = _from_folder(place.path, place.origin, head, labels)
    if loaded.new:
        progress.note(f"new and untrained: {', '.join(loaded.new)}")
    return loaded


def _from_folder(folder: Path, origin: str, head: Head, labels: Sequence[str]) -> Loaded:
    config = _config(folder)
    _check(folder, config, head)
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
    with quiet():
        try:
            model, told = _AUTO[head].from_pretrained(
                folder,
                config=config,
                dtype="float32",
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                ignore_mismatched_sizes=head == "classify",
            )
            tokenizer = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise IntegrityError(
                f"the checkpoint cannot be loaded: {str(error).splitlines()[0]}", where=str(folder)
            ) from None
    attention.use(model)
    mismatched = [key[0] if isinstance(key, tuple) else key for key in told["mismatched_keys"]]
    return Loaded(model, tokenizer, origin, tuple(sorted({*told["missing_keys"], *mismatched})))


def _from_gguf(
    place: references.Place, head: Head, labels: Sequence[str], progress: Progress
) -> Loaded:
    from zaohua.model.gguf_reading import read_gguf

    if head != "causal" or labels:
        raise UsageError(
            "a GGUF file holds a language model and can get no other head",
            where=str(place.path),
            mend="start a classifier from a checkpoint",
        )
    model, tokenizer = read_gguf(place.path, progress)
    attention.use(model)
    return Loaded(model, tokenizer, place.origin)


def _config(folder: Path) -> PretrainedConfig:
    if not (folder / "config.json").is_file():
        raise NotFoundError("this folder has no config.json", where=str(folder))
    if not [*folder.glob("*.safetensors")]:
        pickled = [*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth")]
        raise IntegrityError(
            "this checkpoint is pickled, and unpickling can run any code"
            if pickled
            else "this folder has no weights",
            where=str(folder),
            mend="save it again as safetensors" if pickled else "",
        )
    try:
        with quiet():
            config: PretrainedConfig = AutoConfig.from_pretrained(folder, trust_remote_code=False)
            return config
    except (OSError, ValueError, KeyError) as error:
        raise IntegrityError(
            f"config.json cannot be used: {str(error).splitlines()[0]}", where=str(folder)
        ) from None


def _check(folder: Path, config: PretrainedConfig, head: Head) -> None:
    """Whether transformers knows the model with that head, and whether it makes sense."""
    architectures = config.architectures or []
    encoder = any(name.endswith("ForMaskedLM") for name in architectures)
    known = type(config) in _AUTO[head]._model_mapping
    if not known or (head == "causal" and encoder):
        wanted = {"causal": "predict the next token", "masked": "fill in masked tokens"}
        raise UsageError(
            f"a {config.model_type} model cannot {wanted.get(head, 'classify')}",
            where=str(folder),
            mend="start from another model or choose another objective",
        )
