"""Tokens on disk: for each shard of the data set a few numpy files, read as memory maps.

``train-00000.tokens.npy`` uint16 or uint32, little-endian, the documents one after the other;
``….starts.npy`` int64[documents + 1], where each starts; ``….learned.npy`` bool, for chat: which
tokens are to be learned; ``….labels.npy`` int32[documents], for classification;
``….json`` counts, written last, so that a shard with it is complete. ``tokens.json`` sums up.

Where one token ends a document and starts the next it is stored once, and once more at the end of
the shard.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zaohua.data.dataset import Part
from zaohua.errors import IntegrityError
from zaohua.store.files import write_atomic

Form = Literal["text", "chat", "labelled"]

INFO = "tokens.json"
BYTE_LENGTHS = "byte_lengths"


@dataclass(frozen=True, slots=True)
class Info:
    """What a folder of tokens holds.

    Attributes:
        shared: whether one token stands between two documents, ending one and starting the next.
        shards: of each part, in order.
        classes: the names of the labels, by number.
        counts: of each part: documents, tokens, learned (tokens to be learned), bytes,
            unlearned_turns (of the assistant, rewritten by the template), and under ``skipped``
            the records left out by reason.
    """

    form: Form
    vocab_size: int
    pad: int
    shared: bool
    shards: Mapping[str, list[str]]
    classes: list[str]
    counts: Mapping[str, Mapping[str, Any]]

    def save(self, folder: Path) -> None:
        """Write it into ``folder``."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)
        write_atomic(folder / INFO, text.encode() + b"\n")

    @classmethod
    def load(cls, folder: Path) -> Info:
        """Read what `save` wrote.

        Raises:
            IntegrityError: it is missing or damaged.
        """
        try:
            return cls(**json.loads((folder / INFO).read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise IntegrityError(
                f"the tokens cannot be read: {error}", where=str(folder), mend="encode them again"
            ) from None


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard, mapped into memory.

    Attributes:
        tokens: [tokens].
        starts: [documents + 1].
        learned: [tokens]; ``None``: all that follow another token of their document.
        labels: [documents], numbers of ``Info.classes``; ``None``: unlabelled.
    """

    name: str
    tokens: npt.NDArray[np.unsignedinteger[Any]]
    starts: npt.NDArray[np.int64]
    learned: npt.NDArray[np.bool_] | None
    labels: npt.NDArray[np.int32] | None

    @property
    def documents(self) -> int:
        """How many documents."""
        return len(self.starts) - 1


@dataclass(slots=True)
class Tally:
    """Counts of one shard; labels are numbered within it."""

    documents: int = 0
    tokens: int = 0
    learned: int = 0
    bytes: int = 0
    unlearned_turns: int = 0
    labels: list[str] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str) -> None:
        """Count a record that is left out."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def write_array(folder: Path, name: str, values: npt.NDArray[Any]) -> None:
    """Write one array as ``name.npy``, whole or not at all."""
    buffer = io.BytesIO()
    little = values.dtype.newbyteorder("<")
    np.save(buffer, values.astype(little, copy=False), allow_pickle=False)
    write_atomic(folder / f"{name}.npy", buffer.getvalue())


def write_tally(folder: Path, name: str, tally: Tally) -> None:
    """Write the counts of a shard: it is complete now."""
    write_atomic(folder / f"{name}.json", json.dumps(asdict(tally), ensure_ascii=False).encode())


def read_tally(folder: Path, name: str) -> Tally | None:
    """The counts of a complete shard; ``None`` if it is not complete."""
    try:
        return Tally(**json.loads((folder / f"{name}.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def open_shards(folder: Path, info: Info, part: Part) -> list[Shard]:
    """The shards of one part as memory maps, labels numbered as in ``info.classes``.

    Raises:
        IntegrityError: one is missing or damaged.
    """
    return [_open(folder, name, info) for name in info.shards.get(part, [])]


def _open(folder: Path, name: str, info: Info) -> Shard:
    learned = read_array(folder, f"{name}.learned") if info.form == "chat" else None
    labels = _labels(folder, name, info) if info.form == "labelled" else None
    tokens, starts = read_array(folder, f"{name}.tokens"), read_array(folder, f"{name}.starts")
    return Shard(name, tokens, starts, learned, labels)


def _labels(folder: Path, name: str, info: Info) -> npt.NDArray[np.int32]:
    tally = read_tally(folder, name)
    own = tally.labels if tally is not None else []
    table = np.array([info.classes.index(label) for label in own], dtype=np.int32)
    numbers: npt.NDArray[np.int32] = table[read_array(folder, f"{name}.labels")]
    return numbers


def read_array(folder: Path, name: str) -> Any:
    """What `write_array` wrote, as a memory map unless it is small.

    Raises:
        IntegrityError: it is missing or damaged.
    """
    path = folder / f"{name}.npy"
    try:
        if path.stat().st_size < 1 << 16:
            return np.load(path, allow_pickle=False)
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IntegrityError(
            f"a shard of tokens cannot be read: {error}", where=path.name, mend="encode them again"
        ) from None
