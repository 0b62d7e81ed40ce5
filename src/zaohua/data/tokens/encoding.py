"""A prepared data set through a tokenizer into shards of tokens, on all cores."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from zaohua.data.dataset import PARTS, Part, from_line, shard_lines, shards
from zaohua.data.tokens.conversations import ChatTemplate
from zaohua.data.tokens.documents import Documents, chats, label_name, labelled, texts
from zaohua.data.tokens.encoders import Encoder, encoder_for
from zaohua.data.tokens.loading import (
    Boundaries,
    boundaries,
    byte_lengths,
    load_tokenizer,
    pad_id,
)
from zaohua.data.tokens.shards import (
    BYTE_LENGTHS,
    Form,
    Info,
    Tally,
    read_tally,
    write_array,
    write_tally,
)
from zaohua.errors import UsageError
from zaohua.hardware import hardware
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Work
from zaohua.store.files import sha256_of

_LAYOUT = 1
"""Raised when the same input gives other files."""

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
)
_WORTH_PROCESSES = 24 << 20
"""Bytes of compressed shards from which further processes pay for their start."""


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to encode."""

    source: Path
    folder: Path
    form: Form

    @property
    def name(self) -> str:
        """Of the shard, without endings: ``train-00000``."""
        return self.source.name.removesuffix(".jsonl.zst")


def encode(
    dataset: Artefact,
    tokenizer: Path | Artefact,
    form: Form,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
    workers: int = 0,
) -> Artefact:
    """The tokens of a data set, made once for each data set, tokenizer and form.

    A broken run goes on at the shard where it stopped.

    ``tokenizer`` is a tokenizer artefact, or a folder with a ``tokenizer.json`` of any kind.
    Form ``text`` takes every record's text; ``chat`` the conversations, of which what the
    assistant says is to be learned; ``labelled`` texts with their labels. ``workers`` are
    processes; 0: as many as there are cores and work for.

    Raises:
        UsageError: there is nothing to learn from: no documents, no assistant's turns (or the
            template shows none), fewer than two labels.
        NotFoundError, IntegrityError: tokenizer or data set cannot be read.
    """
    store = Artefacts(settings.home)
    folder = tokenizer.path if isinstance(tokenizer, Artefact) else tokenizer
    recipe = {"form": form, "layout": _LAYOUT}
    inputs = [dataset.reference, *_references(tokenizer)]
    name = f"{dataset.name}.{form}"
    with store.make("tokens", name, inputs=inputs, recipe=recipe, progress=progress) as work:
        if isinstance(work, Artefact):
            return work
        tokenizing = _Tokenizing(dataset, folder, form, workers or settings.threads)
        _encode_into(work, tokenizing, progress)
    return store.require("tokens", f"{name}@{work.version}")


def _references(tokenizer: Path | Artefact) -> list[str]:
    if isinstance(tokenizer, Artefact):
        return [tokenizer.reference]
    files = [tokenizer / name for name in _TOKENIZER_FILES]
    return [f"file:{f.absolute()}#{sha256_of(f)}" for f in files if f.is_file()]


@dataclass(frozen=True, slots=True)
class _Tokenizing:
    """What is to be encoded, and how."""

    dataset: Artefact
    tokenizer: Path
    form: Form
    workers: int


def _encode_into(work: Work, what: _Tokenizing, progress: Progress) -> None:
    dataset, tokenizer, form = what.dataset, what.tokenizer, what.form
    loaded = load_tokenizer(tokenizer)
    jobs = [Job(source, work.path, form) for part in PARTS for source in shards(dataset.path, part)]
    _run(jobs, tokenizer, what.workers, progress)
    tallies = {part: _tallies(work.path, part, jobs) for part in PARTS}
    info = Info(
        form=form,
        vocab_size=len(loaded),
        pad=pad_id(loaded),
        shared=form != "chat" and boundaries(loaded).shared,
        shards={part: list(found) for part, found in tallies.items()},
        classes=_classes(tallies, dataset),
        counts={part: _sum(list(found.values())) for part, found in tallies.items()},
    )
    _check(info, dataset.name, tokenizer)
    _tell(info, progress)
    lengths = byte_lengths(loaded)
    write_array(work.path, BYTE_LENGTHS, lengths)
    info.save(work.path)
    work.metrics.update(_metrics(info))
    work.details.update(form=form, classes=info.classes)
    work.licence = dataset.manifest.licence


def _run(jobs: Sequence[Job], tokenizer: Path, workers: int, progress: Progress) -> None:
    """Encode the shards that are not complete, here or in processes of their own."""
    left = [job for job in jobs if read_tally(job.folder, job.name) is None]
    size = sum(job.source.stat().st_size for job in left)
    most = min(workers or hardware().cores, len(left), 1 + size // _WORTH_PROCESSES)
    done = _in_processes(left, tokenizer, most) if most > 1 else _one_by_one(left, tokenizer)
    progress.start("encoding", size)
    try:
        for job in done:
            progress.advance(job.source.stat().st_size)
    finally:
        progress.finish()


def _one_by_one(jobs: Sequence[Job], tokenizer: Path) -> Iterator[Job]:
    for job in jobs:
        encode_shard(job, tokenizer)
        yield job


def _in_processes(jobs: Sequence[Job], tokenizer: Path, workers: int) -> Iterator[Job]:
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker) as pool:
        futures = {pool.submit(encode_shard, job, tokenizer): job for job in jobs}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin_worker() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def encode_shard(job: Job, tokenizer: Path) -> None:
    """Encode one shard and write its files, the counts last."""
    tools = _tools(tokenizer)
    records = map(from_line, shard_lines(job.source))
    if job.form == "chat":
        found = chats(records, tools.encoder, ChatTemplate(tools.tokenizer, str(tokenizer)))
    else:
        make = texts if job.form == "text" else labelled
        found = make(records, tools.encoder, tools.around)
    _write(job, found, tools)


@dataclass(frozen=True, slots=True)
class _Tools:
    """What a process needs to encode, made once in it."""

    tokenizer: Any
    encoder: Encoder
    around: Boundaries

    @property
    def dtype(self) -> type[np.unsignedinteger[Any]]:
        """The smallest type that holds every id."""
        return np.uint16 if len(self.tokenizer) <= 1 << 16 else np.uint32


@lru_cache(maxsize=1)
def _tools(folder: Path) -> _Tools:
    tokenizer = load_tokenizer(folder)
    return _Tools(tokenizer, encoder_for(tokenizer), boundaries(tokenizer))


def _write(job: Job, found: Documents, tools: _Tools) -> None:
    starts = found.starts()
    shared = job.form != "chat" and tools.around.shared and found.tokens
    last = [np.array([tools.around.end], dtype=np.uint32)] if shared else []
    tokens = np.concatenate([*found.tokens, *last, np.empty(0, dtype=np.uint32)])
    tally = found.tally
    tally.documents, tally.tokens = len(found.tokens), len(tokens)
    tally.learned = len(tokens) - (1 if shared else len(found.tokens))
    if job.form == "chat":
        learned = np.concatenate([*found.learned, np.empty(0, dtype=np.bool_)])
        tally.learned = int(learned.sum())
        write_array(job.folder, f"{job.name}.learned", learned)
    if job.form == "labelled":
        write_array(job.folder, f"{job.name}.labels", np.array(found.labels, dtype=np.int32))
    write_array(job.folder, f"{job.name}.tokens", tokens.astype(tools.dtype))
    write_array(job.folder, f"{job.name}.starts", starts)
    write_tally(job.folder, job.name, tally)


def _tallies(folder: Path, part: Part, jobs: Sequence[Job]) -> dict[str, Tally]:
    """The counts of the shards of one part."""
    names = [job.name for job in jobs if job.name.startswith(part)]
    found = {name: read_tally(folder, name) for name in names}
    return {name: tally for name, tally in found.items() if tally is not None}


def _sum(tallies: Sequence[Tally]) -> dict[str, Any]:
    skipped: Counter[str] = Counter()
    for tally in tallies:
        skipped.update(tally.skipped)
    sums = {
        key: sum(getattr(tally, key) for tally in tallies)
        for key in ("documents", "tokens", "learned", "bytes")
    }
    return {**sums, "skipped": dict(sorted(skipped.items()))}


def _check(info: Info, dataset: str, tokenizer: Path) -> None:
    """Refuse what cannot be trained on.

    Raises:
        UsageError: as `encode` says.
    """
    train = info.counts["train"]
    if train["learned"] == 0:
        raise _nothing(info.form, train["skipped"], dataset, tokenizer)
    if info.form == "labelled" and len(info.classes) < 2:
        raise UsageError(
            f"there is one label only: '{info.classes[0]}'", where=f"data set {dataset}"
        )


def _nothing(form: Form, skipped: Mapping[str, int], dataset: str, tokenizer: Path) -> UsageError:
    most = max(skipped, key=lambda reason: skipped[reason], default="")
    if form == "chat" and most.startswith("template"):
        return UsageError(
            f"the chat template yields no assistant turn to learn from ({most})",
            where=str(tokenizer),
            mend="mark what the assistant says with {% generation %} … {% endgeneration %}",
        )
    wants = {"text": "no text", "chat": "no conversation with an assistant's turn"}
    what = wants.get(form, "no text with a label")
    why = f", all {sum(skipped.values())} records were left out ({most})" if most else ""
    return UsageError(
        f"there is {what} in the training part{why}",
        where=f"data set {dataset}",
        mend="zaohua data show tells what is in it",
    )


def _classes(tallies: Mapping[Part, Mapping[str, Tally]], dataset: Artefact) -> list[str]:
    """All labels: in the order the data set was prepared for, else sorted.

    Raises:
        UsageError: there is a label that the data set was not prepared for.
    """
    found = {
        label for part in tallies.values() for tally in part.values() for label in tally.labels
    }
    allowed = [label_name(label) for label in dataset.manifest.recipe.get("labels", [])]
    if unknown := sorted(found - set(allowed)) if allowed else []:
        raise UsageError(
            f"the label '{unknown[0]}' is not one of {', '.join(allowed)}",
            where=f"data set {dataset.name}",
            mend="put it into 'labels' of the data section, or mend the data",
        )
    return allowed or sorted(found)


def _metrics(info: Info) -> dict[str, Any]:
    """Counts for the manifest: ``train_tokens``, ``validation_documents`` … and the skipped."""
    keys = ("tokens", "documents", "learned", "bytes")
    figures = {f"{part}_{key}": info.counts[part][key] for key in keys for part in PARTS}
    return {**figures, "skipped": {part: info.counts[part]["skipped"] for part in PARTS}}


def _tell(info: Info, progress: Progress) -> None:
    for part, counts in info.counts.items():
        reasons = ", ".join(f"{number} {reason}" for reason, number in counts["skipped"].items())
        if reasons:
            progress.note(f"{part}: records left out: {reasons}")
