"""One data set and tokenizer, in the format of every contestant; made once.

Documents are shuffled once with a fixed seed, so that those who read in order see the same mixture
as those who draw.
"""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zaohua.data.dataset import Part, records
from zaohua.data.prepare import DataSpec, SourceSpec, prepare
from zaohua.data.tokens import train_tokenizer
from zaohua.data.tokens.encoders import encoder_for
from zaohua.data.tokens.loading import byte_lengths, load_tokenizer, token_bytes
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.files import write_atomic

MADE = "made.json"
END = 0
"""Id of ``<|endoftext|>``, the boundary of documents."""

ROW_GROUP = 1000
Ids = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, for `MADE`.

    Attributes:
        data: reference of the data set, for zaohua.
        tokenizer: folder; the same for all contestants.
        density: of rows with one document each, padded: targets learned a position.
        packed: of rows that are full documents joined.
    """

    home: str
    data: str
    tokenizer_name: str
    tokenizer: str
    vocab: int
    length: int
    train_tokens: int
    train_documents: int
    validation_documents: int
    validation_bytes: int
    density: float
    packed: float

    @staticmethod
    def read(folder: Path) -> Made:
        """What `make` wrote."""
        return Made(**json.loads((folder / MADE).read_text()))


def make(
    folder: Path,
    home: Path,
    source: SourceSpec,
    *,
    length: int,
    vocab: int,
    validation: float,
    progress: Progress,
) -> Made:
    """Everything the contestants read, for rows of ``length`` positions."""
    if (folder / MADE).exists():
        return Made.read(folder)
    settings = Settings(home=home)
    preset: Any = "verse" if source.set == "poetry" else "documents"
    plan = DataSpec(sources=[source], preset=preset, validation=validation)
    data = prepare("bench", plan, settings=settings, progress=progress)
    wanted = TokenizerSpec(data=[_name(data.reference)], vocab_size=vocab)
    tokenizer = train_tokenizer("bench", wanted, settings=settings, progress=progress)
    texts = {part: _texts(data.path, part) for part in ("train", "validation")}
    loaded = load_tokenizer(tokenizer.path)
    encoder = encoder_for(loaded, texts["train"][:1000])
    tokens = {part: encoder.plain(found) for part, found in texts.items()}
    _stream(folder / "nanogpt", tokens, len(loaded))
    _lines(folder / "documents.jsonl", texts["train"])
    packs = list(_packs(tokens["train"], length - 2))
    _lines(
        folder / "packed.jsonl", ["<|endoftext|>".join(texts["train"][i] for i in p) for p in packs]
    )
    _nanochat(folder / "nanochat", texts, tokenizer.path, byte_lengths(loaded))
    _validation(folder, tokens["validation"], byte_lengths(loaded))
    learned = [min(len(ids), length - 2) + 1 for ids in tokens["train"]]
    joined = [sum(len(tokens["train"][i]) + 1 for i in p) for p in packs]
    made = Made(
        home=str(home.absolute()),
        data=_name(data.reference),
        tokenizer_name=_name(tokenizer.reference),
        tokenizer=str(tokenizer.path.absolute()),
        vocab=len(loaded),
        length=length,
        train_tokens=sum(len(ids) + 1 for ids in tokens["train"]),
        train_documents=len(texts["train"]),
        validation_documents=len(texts["validation"]),
        validation_bytes=sum(len(text.encode()) for text in texts["validation"]),
        density=float(np.mean(learned)) / length,
        packed=min(1.0, float(np.mean(joined)) / length),
    )
    write_atomic(folder / MADE, json.dumps(asdict(made), indent=1).encode())
    return made


def _name(reference: str) -> str:
    return reference.partition("/")[2]


def _texts(folder: Path, part: Part) -> list[str]:
    found = [record.body() for record in records(folder, part)]
    random.Random(0).shuffle(found)
    return found


def _stream(folder: Path, tokens: dict[str, list[Ids]], vocab: int) -> None:
    """nanoGPT's: documents in one stream of 16-bit ids, each ended; also what HF Trainer gets."""
    folder.mkdir(parents=True, exist_ok=True)
    end = np.array([END], dtype=np.uint16)
    for part, name in (("train", "train.bin"), ("validation", "val.bin")):
        pieces = [piece for ids in tokens[part] for piece in (ids.astype(np.uint16), end)]
        np.concatenate(pieces).tofile(folder / name)
    (folder / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": vocab}))


def _lines(path: Path, texts: Sequence[str]) -> None:
    with path.open("w") as file:
        for text in texts:
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


def _packs(tokens: Sequence[Ids], room: int) -> Iterator[list[int]]:
    """Numbers of documents whose tokens, with one between each, fill a row; in order."""
    held: list[int] = []
    used = 0
    for number, ids in enumerate(tokens):
        if held and used + len(ids) + 1 > room:
            yield held
            held, used = [], 0
        held.append(number)
        used += len(ids) + (1 if used else 0)
    if held:
        yield held


def _nanochat(
    folder: Path, texts: dict[str, list[str]], tokenizer: Path, lengths: npt.NDArray[np.int32]
) -> None:
    """nanochat's: Parquet files, the last for validation, and a pickled tiktoken encoding."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]
    import torch

    data, own = folder / "base_data_climbmix", folder / "tokenizer"
    for one in (data, own):
        one.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(("train", "validation")):
        table = pa.table({"text": texts[part]})
        pq.write_table(table, data / f"shard_{number:05d}.parquet", row_group_size=ROW_GROUP)
    (own / "tokenizer.pkl").write_bytes(pickle.dumps(_tiktoken(tokenizer)))
    torch.save(torch.from_numpy(lengths.astype(np.int64)), own / "token_bytes.pt")


def _tiktoken(tokenizer: Path) -> Any:
    """The same vocabulary, in which document boundaries have nanochat's name."""
    import tiktoken

    told = json.loads((tokenizer / "tokenizer.json").read_text())
    special = {token["id"] for token in told["added_tokens"]}
    vocabulary = told["model"]["vocab"].items()
    return tiktoken.Encoding(
        "bench",
        pat_str=told["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"],
        mergeable_ranks={token_bytes(t): n for t, n in vocabulary if n not in special},
        special_tokens={"<|bos|>": END},
    )


def _validation(folder: Path, tokens: Sequence[Ids], lengths: npt.NDArray[np.int32]) -> None:
    """For the evaluator: the documents' ids one after another, where each starts, bytes of ids."""
    starts = np.cumsum([0, *map(len, tokens)])
    ids = np.concatenate(tokens).astype(np.int64)
    np.savez(folder / "validation.npz", ids=ids, starts=starts, lengths=lengths)
