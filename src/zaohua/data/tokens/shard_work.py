"""Shards of a data set into shards of tokens, here or in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import numpy as np

from zaohua.data.dataset import from_line, shard_lines
from zaohua.data.tokens.conversations import ChatTemplate
from zaohua.data.tokens.documents import Documents, chats, labelled, texts
from zaohua.data.tokens.encoders import Encoder, encoder_of
from zaohua.data.tokens.facts import Facts
from zaohua.data.tokens.shards import Form, read_tally, write_array, write_tally
from zaohua.errors import UnavailableError
from zaohua.hardware import hardware
from zaohua.progress import Progress

_WORTH_PROCESSES = 24 << 20
"""Bytes of compressed shards from which further processes pay for their start."""

_TRIED = 500
"""Records on which the fast encoder must give the ids of the tokenizer's own."""


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to encode; encoders are compared on ``tried_on``, the same shard for all."""

    source: Path
    tried_on: Path
    folder: Path
    form: Form

    @property
    def name(self) -> str:
        """Of the shard, without endings: ``train-00000``."""
        return self.source.name.removesuffix(".jsonl.zst")


def encode_shards(jobs: Sequence[Job], tokenizer: Facts, workers: int, progress: Progress) -> None:
    """Encode the shards that are not complete, in ``workers`` processes (0: as many as pay).

    Raises:
        IntegrityError: a shard cannot be read.
        UnavailableError: a process was ended by the system.
        UsageError: the tokenizer has no chat template and conversations are to be encoded.
        MissingExtraError: a library is not installed.
    """
    left = [job for job in jobs if read_tally(job.folder, job.name) is None]
    for job in left[:1]:
        _check_tools(job, tokenizer)
    size = sum(job.source.stat().st_size for job in left)
    most = min(workers or min(hardware().cores, 1 + size // _WORTH_PROCESSES), len(left))
    done = _in_processes(left, tokenizer, most) if most > 1 else _one_by_one(left, tokenizer)
    progress.start("encoding", size)
    try:
        for job in done:
            progress.advance(job.source.stat().st_size)
    finally:
        progress.finish()


def _check_tools(job: Job, tokenizer: Facts) -> None:
    """What is missing is told here, before processes start and in the words meant for a person."""
    _encoder(tokenizer, job.tried_on)
    if job.form == "chat":
        ChatTemplate(tokenizer)


def _one_by_one(jobs: Sequence[Job], tokenizer: Facts) -> Iterator[Job]:
    for job in jobs:
        encode_shard(job, tokenizer)
        yield job


def _in_processes(jobs: Sequence[Job], tokenizer: Facts, workers: int) -> Iterator[Job]:
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker) as pool:
        futures = {pool.submit(encode_shard, job, tokenizer): job for job in jobs}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BrokenProcessPool:
            raise UnavailableError(
                "an encoding process was ended by the system",
                mend="if memory is short, use fewer workers; the same call goes on where it was",
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin_worker() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed tells its workers nothing; they would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def encode_shard(job: Job, tokenizer: Facts) -> None:
    """Encode one shard and write its files, the counts last."""
    encoder = _encoder(tokenizer, job.tried_on)
    records = map(from_line, shard_lines(job.source))
    if job.form == "chat":
        found = chats(records, encoder, ChatTemplate(tokenizer))
    else:
        make = texts if job.form == "text" else labelled
        found = make(records, encoder, tokenizer.around)
    _write(job, found, tokenizer)


@lru_cache(maxsize=1)
def _encoder(tokenizer: Facts, tried_on: Path) -> Encoder:
    """Made once in each process."""
    lines = islice(shard_lines(tried_on), _TRIED)
    return encoder_of(tokenizer, [from_line(line).body() for line in lines])


def _write(job: Job, found: Documents, tokenizer: Facts) -> None:
    starts = found.starts()
    shared = job.form != "chat" and tokenizer.around.shared and found.tokens
    last = [np.array([tokenizer.around.end], dtype=np.uint32)] if shared else []
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
    write_array(
        job.folder,
        f"{job.name}.tokens",
        tokens.astype(np.uint16 if tokenizer.size <= 1 << 16 else np.uint32),
    )
    write_array(job.folder, f"{job.name}.starts", starts)
    write_tally(job.folder, job.name, tally)
