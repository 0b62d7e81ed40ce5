"""How small general compressors make a text: baselines for language models."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from zaohua.data.readers.libraries import library

WINDOW = 27
"""Of zstd: log2 of the bytes that it looks back; all of a training text of 128 MB."""


def _gzip(data: bytes) -> int:
    return len(gzip.compress(data, 9, mtime=0))


def _xz(data: bytes) -> int:
    return len(lzma.compress(data, preset=9))


def _zstd(data: bytes) -> int:
    zstandard: Any = library("zstandard", "compressing")
    chosen = zstandard.ZstdCompressionParameters.from_level(19, window_log=WINDOW, enable_ldm=True)
    return len(zstandard.ZstdCompressor(compression_params=chosen).compress(data))


COMPRESSORS: Mapping[str, Callable[[bytes], int]] = MappingProxyType(
    {"gzip": _gzip, "xz": _xz, "zstd": _zstd}
)
LONG: tuple[str, ...] = ("xz", "zstd")
"""Those that can look back over a training text; gzip sees 32 kB."""


def alone(data: bytes) -> dict[str, float]:
    """Bits a byte of each compressor on the text by itself."""
    return {name: 8 * size(data) / len(data) for name, size in COMPRESSORS.items()}


def after(training: bytes, data: bytes) -> dict[str, float]:
    """Bits a byte when the training text has gone before: what the text adds to its size."""
    added = {
        name: COMPRESSORS[name](training + data) - COMPRESSORS[name](training) for name in LONG
    }
    return {name: 8 * size / len(data) for name, size in added.items()}
