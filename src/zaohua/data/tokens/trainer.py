"""A tokenizer from prepared data sets, as a folder that ``AutoTokenizer`` loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zaohua.data.readers.libraries import library
from zaohua.data.tokens import chatml
from zaohua.data.tokens.alphabet import Merge
from zaohua.data.tokens.bpe import assemble, learn_merges
from zaohua.data.tokens.compression import bytes_per_token, report
from zaohua.data.tokens.encoders import TiktokenEncoder, encoder_for
from zaohua.data.tokens.loading import load_tokenizer, token_bytes
from zaohua.data.tokens.sample import sample
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.data.tokens.splits import Split, split_of
from zaohua.errors import UsageError
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Work
from zaohua.store.files import write_atomic

REPORT = "report.md"

_LAYOUT = 1
"""Raised when the same input gives another tokenizer."""

_MEASURED_BYTES = 2 << 20
_SHOWN = 24


@dataclass(frozen=True, slots=True)
class _Source:
    """What a tokenizer is made from."""

    datasets: Sequence[Artefact]
    spec: TokenizerSpec

    @property
    def inputs(self) -> list[str]:
        return [dataset.reference for dataset in self.datasets]

    @property
    def recipe(self) -> dict[str, Any]:
        return {**self.spec.model_dump(mode="json", exclude={"data"}), "layout": _LAYOUT}

    @property
    def folders(self) -> list[Path]:
        return [dataset.path for dataset in self.datasets]

    @property
    def special(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*chatml.SPECIAL_TOKENS, *self.spec.special_tokens]))


def train_tokenizer(
    name: str,
    spec: TokenizerSpec,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
) -> Artefact:
    """Train a tokenizer, unless the same has been trained.

    Its folder loads with ``AutoTokenizer.from_pretrained``; ``report.md`` tells how well it
    compresses each language.

    Raises:
        NotFoundError: a data set does not exist.
        UsageError: there is no text, or too little for a vocabulary of this size.
    """
    source, store = _source(spec, settings), Artefacts(settings.home)
    inputs, recipe = source.inputs, source.recipe
    with store.make("tokenizer", name, inputs=inputs, recipe=recipe, progress=progress) as work:
        if isinstance(work, Artefact):
            return work
        _train_into(work, source, progress)
    return store.require("tokenizer", f"{name}@{work.version}")


def tokenizer_made(name: str, spec: TokenizerSpec, *, settings: Settings) -> Artefact | None:
    """What `train_tokenizer` would find made; ``None`` if it would have to train.

    Raises:
        NotFoundError: a data set does not exist.
    """
    source = _source(spec, settings)
    store = Artefacts(settings.home)
    return store.made("tokenizer", name, inputs=source.inputs, recipe=source.recipe)


def _source(spec: TokenizerSpec, settings: Settings) -> _Source:
    store = Artefacts(settings.home)
    return _Source([store.require("dataset", name) for name in spec.data], spec)


def _train_into(work: Work, source: _Source, progress: Progress) -> None:
    spec = source.spec
    progress.start("reading the sample", None)
    texts = sample(source.folders, "train", spec.sample_bytes, progress)
    if not texts:
        raise UsageError("there is no text to train a tokenizer on", where=", ".join(spec.data))
    size = sum(len(text.encode()) for text in texts)
    progress.start(f"training a tokenizer on {size / 1e6:.1f} MB", None)
    split = split_of(spec.digits)
    wanted = spec.vocab_size - len(source.special)
    merges = learn_merges(texts, wanted, split, spec.longest_chinese)
    _require_enough(merges, wanted, len(source.special), spec)
    _save(work.path, source.special, merges, split)
    progress.finish()
    held_out = sample(source.folders, "validation", _MEASURED_BYTES)
    measured = held_out or sample(source.folders, "train", _MEASURED_BYTES)
    loaded = load_tokenizer(work.path)
    encoder = encoder_for(loaded, measured[:1000])
    work.metrics.update(
        bytes_per_token=bytes_per_token(encoder, measured),
        vocab_size=len(loaded),
        sample_bytes=size,
        documents=len(texts),
        measured_on="validation part" if held_out else "training part",
        fast=isinstance(encoder, TiktokenEncoder),
    )
    work.details.update(ggml_pre=split.ggml)
    work.licence = " and ".join(sorted({d.manifest.licence for d in source.datasets}))
    text = report(work.name, work.metrics, _longest(merges))
    write_atomic(work.path / REPORT, text.encode())


def _require_enough(
    merges: Sequence[Merge], wanted: int, special: int, spec: TokenizerSpec
) -> None:
    """Be sure that the vocabulary has the size that was asked for.

    Raises:
        UsageError: the text holds too few different things.
    """
    have = 256 + len({left + right for left, right in merges})
    if have < wanted:
        raise UsageError(
            f"the text is enough for {have + special} tokens, not for {spec.vocab_size}",
            where=f"tokenizer on {', '.join(spec.data)}",
            mend=f"vocab_size: {have + special} or less, or more data",
        )


def _save(folder: Path, special: Sequence[str], merges: Sequence[Merge], split: Split) -> None:
    """Write the folder that ``AutoTokenizer`` loads; ``ggml_pre`` in it is for GGUF export."""
    tokenizer = library("transformers", "a tokenizer").PreTrainedTokenizerFast(
        tokenizer_object=assemble(special, merges, split),
        bos_token=chatml.DOCUMENT,
        eos_token=chatml.DOCUMENT,
        pad_token=chatml.PAD,
        mask_token=chatml.MASK,
        additional_special_tokens=[
            token for token in special if token not in {chatml.DOCUMENT, chatml.PAD, chatml.MASK}
        ],
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
        ggml_pre=split.ggml,
    )
    tokenizer.chat_template = chatml.TEMPLATE
    tokenizer.save_pretrained(folder)


def _longest(merges: Sequence[Merge]) -> list[str]:
    """The longest tokens that are readable text, for the report."""
    made = (token_bytes(left + right).decode("utf-8", "replace") for left, right in merges)
    shown = [text for text in made if text.isprintable() and "`" not in text and text.strip()]
    return sorted(shown, key=len, reverse=True)[:_SHOWN]
