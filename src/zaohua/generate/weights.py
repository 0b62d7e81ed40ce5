"""Writes a model's weights in another format: GGUF in, GGUF out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import gguf

from zaohua.generate.formats import Format
from zaohua.progress import Progress, Silent

_Type = gguf.GGMLQuantizationType
_TYPES: Final[dict[Format, _Type]] = {"q4_0": _Type.Q4_0, "q8_0": _Type.Q8_0}
_FILE_TYPES: Final[dict[Format, gguf.LlamaFileType]] = {
    "q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
    "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
}

Wanted = Callable[[gguf.ReaderTensor], gguf.GGMLQuantizationType]
"""Which format a tensor is to have; its own where nothing is to change."""


def rewrite_all(path: Path, out: Path, weights: Format, progress: Progress) -> None:
    """Write ``out``: the model in ``path`` with all its matrices in ``weights``.

    Raises:
        OSError: it cannot be written.
    """
    kind = _TYPES[weights]

    def wanted(tensor: gguf.ReaderTensor) -> gguf.GGMLQuantizationType:
        return kind if len(tensor.shape) > 1 else tensor.tensor_type

    rewrite(path, out, wanted, file_type=int(_FILE_TYPES[weights]), progress=progress)


def rewrite(
    path: Path,
    out: Path,
    wanted: Wanted,
    *,
    file_type: int | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> None:
    """Write ``out``: the model in ``path`` with its tensors as ``wanted``, whole or not at all.

    Rows that do not divide into the blocks of a format become f16.

    ``file_type`` is GGUF's number for what the file says it is; as before if left out.

    Raises:
        OSError: it cannot be written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        _write(gguf.GGUFReader(path), part, wanted, file_type, progress)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _write(
    reader: gguf.GGUFReader, out: Path, wanted: Wanted, file_type: int | None, progress: Progress
) -> None:
    fields = {name: field for name, field in reader.fields.items() if field.types}
    writer = gguf.GGUFWriter(out, fields.pop("general.architecture").contents(), use_temp_file=True)
    if file_type is not None:
        fields.pop("general.file_type", None)
        writer.add_file_type(file_type)
    for name, field in fields.items():
        if name.startswith("GGUF."):
            continue
        inside = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=inside)
    progress.start("rewriting weights", len(reader.tensors), "tensors")
    for tensor in reader.tensors:
        data, kind = _converted(tensor, wanted(tensor))
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
        progress.advance(1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    progress.finish()


def _converted(
    tensor: gguf.ReaderTensor, kind: gguf.GGMLQuantizationType
) -> tuple[Any, gguf.GGMLQuantizationType]:
    if tensor.tensor_type == kind:
        return tensor.data, kind
    values = gguf.dequantize(tensor.data, tensor.tensor_type)
    fits = values.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] == 0
    kind = kind if fits else _Type.F16
    return gguf.quantize(values, kind), kind
