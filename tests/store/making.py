"""Small real GGUF files and wheels, made on the spot."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

F32, Q4_0 = 0, 2


def gguf(
    *,
    size: int = 40_000,
    architecture: str = "llama",
    extra: Mapping[str, Any] | None = None,
    seed: int = 0,
    vocabulary: int = 2000,
) -> bytes:
    """A whole GGUF file with about ``size`` bytes of random weights."""
    fields: dict[str, Any] = {
        "general.architecture": architecture,
        "general.name": "Tiny",
        "general.license": "mit",
        "general.languages": ["en", "zh"],
        "general.file_type": 0,
        f"{architecture}.block_count": 2,
        f"{architecture}.context_length": 512,
        f"{architecture}.embedding_length": 64,
        f"{architecture}.attention.head_count": 4,
        f"{architecture}.attention.head_count_kv": [2, 1],
        "tokenizer.ggml.tokens": [f"token{n}" for n in range(vocabulary)],
        "tokenizer.chat_template": "{{ messages }}",
    }
    fields |= extra or {}
    count = size // 4
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(fields))
    head += b"".join(text(key) + value(item) for key, item in fields.items())
    head += text("weights") + struct.pack("<IQIQ", 1, count, F32, 0)
    head += b"\0" * (-len(head) % 32)
    return head + random.Random(seed).randbytes(count * 4)


def text(string: str) -> bytes:
    raw = string.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(item: Any) -> bytes:
    if isinstance(item, list):
        inner = [value(part) for part in item]
        kind = inner[0][:4] if inner else struct.pack("<I", 4)
        parts = b"".join(part[4:] for part in inner)
        return struct.pack("<I", 9) + kind + struct.pack("<Q", len(item)) + parts
    if isinstance(item, bool):
        return struct.pack("<I?", 7, item)
    if isinstance(item, str):
        return struct.pack("<I", 8) + text(item)
    if isinstance(item, float):
        return struct.pack("<If", 6, item)
    return struct.pack("<II", 4, item)


def wheel(folder: Path, name: str, files: Mapping[str, bytes], version: str = "1.0") -> Path:
    """A wheel with data in it, whose code fails when it is run."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{module}/__init__.py", "raise SystemExit('a wheel was run')\n")
        for inside, data in files.items():
            archive.writestr(f"{module}/{inside}", data)
        meta = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{info}/METADATA", meta)
        tag = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tag)
        archive.writestr(f"{info}/RECORD", "")
    return path
