"""What a GGUF file says about itself, read from its header without loading the model.

Only the header is touched and token lists are stepped over, so a header costs milliseconds. Every
count and length is checked against the size of the file: garbage and truncated files are refused.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from math import prod
from pathlib import Path
from typing import Any, Final

from zaohua.errors import IntegrityError, NotFoundError

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
STRING: Final = 8
ARRAY: Final = 9
SCALARS: Final = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}  # as `struct` codes
KEPT_ARRAY: Final = 1024
LONGEST_TEXT: Final = 2**26
MAX_DEPTH: Final = 4
MAX_DIMENSIONS: Final = 8
_ADVICE: Final = {
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "penalty_repeat": "repeat_penalty",
}

# ggml type: (values in a block, bytes of a block)
# fmt: off
BLOCKS: Final = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}
FILE_TYPES: Final = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE",
}
# fmt: on


def read_metadata(path: Path) -> dict[str, Any]:
    """The facts of a GGUF model that the rest of zaohua needs, JSON-ready.

    Keys (absent when the file does not say): ``architecture``, ``model_name``, ``licence``,
    ``languages``, ``block_count``, ``context_length`` (tokens), ``embedding_length``,
    ``feed_forward_length``, ``head_count``, ``head_count_kv`` (the greatest, if layers differ),
    ``key_length``, ``value_length``, ``expert_count``, ``parameter_count``, ``vocab_size``,
    ``has_chat_template``, ``file_type``, ``quantisation``, ``tensor_count``, ``tokenizer``,
    ``eos_token_id``, ``bos_token_id``, ``tensor_types`` (ggml's numbers, sorted), ``sampling`` (how
    its maker advises to draw, by the names of `zaohua.generate.request.Sampling`).

    Raises:
        NotFoundError: there is no such file.
        IntegrityError: the file is not a whole GGUF file.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise _refusal(path, "does not begin with 'GGUF'")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                reader = _Reader(data)
                return _read(reader)
    except IsADirectoryError:
        raise NotFoundError(
            "this is a folder, not a model file", where=str(path), mend="name the .gguf file in it"
        ) from None
    except FileNotFoundError:
        raise NotFoundError("there is no such model file", where=str(path)) from None
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise NotFoundError(f"the model file cannot be read: {why}", where=str(path)) from None
    except _BadFormat as error:
        raise _refusal(path, str(error)) from None


def _refusal(path: Path, why: str) -> IntegrityError:
    return IntegrityError(
        f"the file is not a usable GGUF model: it {why}",
        where=str(path),
        mend="give a .gguf file that llama.cpp can load",
    )


class _BadFormat(Exception):
    """The bytes do not follow the format; the text completes the sentence "it …"."""


class _Reader:
    """A place in the file; every read is checked against its end."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.size = len(data)
        self.at = len(MAGIC)

    def number(self, code: str) -> Any:
        """One little-endian number of that `struct` code."""
        try:
            (value,) = struct.unpack_from("<" + code, self.data, self.at)
        except struct.error:
            raise _BadFormat("ends within its header") from None
        self.at += struct.calcsize("<" + code)
        return value

    def count(self, least: int) -> int:
        """A 64-bit count of things of at least ``least`` bytes each, which must fit the file."""
        value: int = self.number("Q")
        if value * least > self.size - self.at:
            raise _BadFormat("is cut off, or states counts it cannot hold")
        return value

    def text(self) -> str:
        """A string with its length before it."""
        length = self.count(1)
        if length > LONGEST_TEXT:
            raise _BadFormat(f"holds a text of {length:,} bytes in its header")
        raw = self.data[self.at : self.at + length]
        self.at += length
        return raw.decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        """A value of that type; a long array is stepped over and given as its ``range``."""
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self._array(depth)
        if kind not in SCALARS:
            raise _BadFormat(f"holds a value of the unknown type {kind}")
        return self.number(SCALARS[kind])

    def _array(self, depth: int) -> Any:
        kind = self.number("I")
        if depth >= MAX_DEPTH:
            raise _BadFormat("nests arrays too deep")
        if kind in SCALARS:
            width = struct.calcsize("<" + SCALARS[kind])
            length = self.count(width)
            if length > KEPT_ARRAY:
                self.at += width * length
                return range(length)
            return [self.number(SCALARS[kind]) for _ in range(length)]
        length = self.count(8)
        if kind == STRING and length > KEPT_ARRAY:
            self._skip_strings(length)
            return range(length)
        return [self.value(kind, depth + 1) for _ in range(length)]

    def _skip_strings(self, length: int) -> None:
        at, data, read = self.at, self.data, struct.Struct("<Q").unpack_from
        try:
            for _ in range(length):
                at += 8 + read(data, at)[0]
        except (struct.error, OverflowError, ValueError):
            raise _BadFormat("is cut off within its vocabulary") from None
        if at > self.size:
            raise _BadFormat("is cut off within its vocabulary")
        self.at = at


def _read(reader: _Reader) -> dict[str, Any]:
    version = reader.number("I")
    if version not in VERSIONS:
        raise _BadFormat(f"has the GGUF version {version}, and only 2 and 3 are read")
    tensors = reader.count(25)
    pairs = reader.count(13)
    fields: dict[str, Any] = {}
    for _ in range(pairs):
        key = reader.text()
        fields[key] = reader.value(reader.number("I"))
    parameters, types = _check_tensors(reader, tensors, fields.get("general.alignment", 32))
    counts = {"parameter_count": parameters, "tensor_count": tensors}
    return _facts(fields) | counts | {"tensor_types": sorted(types)}


def _check_tensors(reader: _Reader, count: int, alignment: Any) -> tuple[int, set[int]]:
    """Step over the tensor table; the number of parameters, and the types there are."""
    parameters = end = 0
    types = set()
    for _ in range(count):
        name = reader.text()
        dimensions = reader.number("I")
        if dimensions > MAX_DIMENSIONS:
            raise _BadFormat(f"gives tensor '{name[:60]}' {dimensions} dimensions")
        values = prod(reader.number("Q") for _ in range(dimensions))
        types.add(kind := reader.number("I"))
        block, width = BLOCKS.get(kind, (1, 0))
        offset: int = reader.number("Q")
        parameters += values
        end = max(end, offset + values // block * width)
    step = alignment if isinstance(alignment, int) and 0 < alignment <= 2**20 else 32
    start = (reader.at + step - 1) // step * step
    if count and start + end > reader.size:
        raise _BadFormat(f"is cut off: {reader.size:,} bytes of {start + end:,}")
    return parameters, types


def _advice(fields: dict[str, Any]) -> dict[str, float]:
    said = {own: fields.get(f"general.sampling.{key}") for key, own in _ADVICE.items()}
    return {own: value for own, value in said.items() if isinstance(value, int | float)}


def _facts(fields: dict[str, Any]) -> dict[str, Any]:
    architecture = fields.get("general.architecture")
    if not isinstance(architecture, str):
        raise _BadFormat("does not name its architecture")

    def number(key: str) -> int | None:
        return _whole(fields.get(f"{architecture}.{key}"))

    heads, width = number("attention.head_count"), number("embedding_length")
    head_width = width // heads if heads and width else None
    file_type = _whole(fields.get("general.file_type"))
    facts = {
        "architecture": architecture,
        "sampling": _advice(fields) or None,
        "model_name": fields.get("general.name"),
        "licence": fields.get("general.license"),
        "languages": fields.get("general.languages"),
        "block_count": number("block_count"),
        "context_length": number("context_length"),
        "embedding_length": width,
        "feed_forward_length": number("feed_forward_length"),
        "head_count": heads,
        "head_count_kv": number("attention.head_count_kv") or heads,
        "key_length": number("attention.key_length") or head_width,
        "value_length": number("attention.value_length") or head_width,
        "expert_count": number("expert_count"),
        "vocab_size": _length(fields.get("tokenizer.ggml.tokens")) or number("vocab_size"),
        "has_chat_template": "tokenizer.chat_template" in fields,
        "file_type": file_type,
        "quantisation": None if file_type is None else FILE_TYPES.get(file_type),
        "tokenizer": fields.get("tokenizer.ggml.model"),
        "eos_token_id": fields.get("tokenizer.ggml.eos_token_id"),
        "bos_token_id": fields.get("tokenizer.ggml.bos_token_id"),
    }
    return {key: value for key, value in facts.items() if value is not None}


def _whole(value: Any) -> int | None:
    values = value if isinstance(value, list) else [value]
    whole = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
    return max(whole, default=None)


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list | range) else None
