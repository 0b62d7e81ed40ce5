"""Weights in formats that OpenVINO reads; others are written anew, once, a little finer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gguf

from zaohua.store.gguf import read_metadata

_Type = gguf.GGMLQuantizationType
READABLE = frozenset(
    {_Type.F32, _Type.F16, _Type.BF16, _Type.Q4_0, _Type.Q4_1, _Type.Q8_0, _Type.Q4_K, _Type.Q6_K}
)
INSTEAD = _Type.Q8_0
"""Of the others: finer than any of them, so that nothing is lost but room."""


def readable(path: Path, rewritten: Path) -> Path:
    """The file itself, or ``rewritten``, in which its other tensors are Q8_0.

    Raises:
        IntegrityError: the file is no GGUF file.
        OSError: the new file cannot be written.
    """
    if READABLE.issuperset(read_metadata(path)["tensor_types"]):
        return path
    if not rewritten.exists():
        rewritten.parent.mkdir(parents=True, exist_ok=True)
        part = rewritten.with_name(f".{rewritten.name}.{os.getpid()}")
        try:
            _write(gguf.GGUFReader(path), part)
            part.replace(rewritten)
        finally:
            part.unlink(missing_ok=True)
    return rewritten


def _write(reader: gguf.GGUFReader, out: Path) -> None:
    fields = {name: field for name, field in reader.fields.items() if field.types}
    architecture = fields.pop("general.architecture").contents()
    writer = gguf.GGUFWriter(out, architecture)
    for name, field in fields.items():
        if name.startswith("GGUF."):
            continue
        inside = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=inside)
    for tensor in reader.tensors:
        data, kind = _converted(tensor)
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _converted(tensor: gguf.ReaderTensor) -> tuple[Any, gguf.GGMLQuantizationType]:
    if tensor.tensor_type in READABLE:
        return tensor.data, tensor.tensor_type
    values = gguf.dequantize(tensor.data, tensor.tensor_type)
    fits = values.shape[-1] % gguf.GGML_QUANT_SIZES[INSTEAD][0] == 0
    kind = INSTEAD if fits else _Type.F16
    return gguf.quantize(values, kind), kind
