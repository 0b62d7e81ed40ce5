"""Weights in four or eight bits, in the groups that OpenVINO computes fastest: a GGUF file in, a
graph out.

Rows are cut into groups of 128 values where they divide so. The least and the largest value of a
group are kept, what lies between is rounded to even steps. In four bits that costs fewer bits of
our text than Q4_0 with its groups of 32, and is read and computed in less time; in eight it costs
next to nothing, and is for models too small to lose any.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zaohua.generate.formats import Bits
from zaohua.generate.openvino.graph import GRAPH
from zaohua.progress import Progress, Silent

GROUPS: Final = (128, 64, 32)
_ROWS_AT_ONCE: Final = 4096
_LEAST_STEP: Final = 1e-7

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A matrix in groups.

    Attributes:
        values: uint8[rows, groups, group], below 2 to the power of ``bits``.
        zeros: uint8[rows, groups, 1]: the value that stands for 0.
        steps: float16[rows, groups, 1].
    """

    values: Bytes
    zeros: Bytes
    steps: npt.NDArray[np.float16]
    bits: Bits

    def dense(self) -> Floats:
        """The matrix again: float32[rows, columns]."""
        steps = self.steps.astype(np.float32)
        dense = (self.values.astype(np.float32) - self.zeros) * steps
        return dense.reshape(len(dense), -1)


def grouped(matrix: Floats, group: int, bits: Bits) -> Grouped:
    """``matrix``, float32[rows, columns], in groups of ``group`` columns."""
    most = 2**bits - 1
    cut = matrix.reshape(len(matrix), -1, group)
    least = np.minimum(cut.min(-1, keepdims=True), 0)
    largest = np.maximum(cut.max(-1, keepdims=True), 0)
    steps = np.maximum((largest - least) / most, _LEAST_STEP).astype(np.float16)
    step = steps.astype(np.float32)
    zeros = np.clip(np.round(-least / step), 0, most)
    values = np.clip(np.round(cut / step) + zeros, 0, most)
    return Grouped(values.astype(np.uint8), zeros.astype(np.uint8), steps, bits)


def group_for(columns: Iterable[int]) -> int:
    """The size of the groups of a model whose matrices have so many columns.

    Raises:
        RuntimeError: they do not divide into any.
    """
    lengths = set(columns)
    group = next((g for g in GROUPS if not any(n % g for n in lengths)), None)
    if group is None:
        raise RuntimeError(f"rows do not divide into groups of {GROUPS[-1]} values")
    return group


def write_graph(
    weights: Path,
    folder: Path,
    bits: Bits,
    progress: Progress = Silent(),  # noqa: B008
) -> None:
    """Write ``folder``: graph and tokenizer of the GGUF file ``weights``, whole or not at all.

    Raises:
        RuntimeError: OpenVINO cannot read the file.
        OSError: the folder cannot be written.
    """
    import openvino

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{os.getpid()}-") as work:
        source, made = Path(work, "source"), Path(work, "made")
        source.mkdir()
        made.mkdir()
        _save_as_it_is(weights, source)
        graph = openvino.Core().read_model(source / GRAPH)
        _rewrite(graph, bits, progress)
        openvino.save_model(graph, made / GRAPH, compress_to_fp16=False)
        for path in source.glob("openvino_*tokenizer.*"):
            shutil.move(path, made)
        made.rename(folder)


def _save_as_it_is(weights: Path, folder: Path) -> None:
    """OpenVINO reads GGUF files only in its pipelines, which can be told to keep the graph."""
    import openvino_genai

    link = folder / "model.gguf"
    link.symlink_to(weights)
    openvino_genai.LLMPipeline(link, "CPU", enable_save_ov_model=True)


def _rewrite(graph: Any, bits: Bits, progress: Progress) -> None:
    """Put grouped weights in place of those of all products and of the table of tokens."""
    places = list(_matrices(graph))
    group = group_for(int(node.input_value(slot).get_shape()[-1]) for node, slot in places)
    progress.start("rewriting weights", len(places), "matrices")
    for node, slot in places:
        matrix = _Matrix.of(node.input_value(slot).get_node())
        made = _decompressed(matrix.grouped(group, bits))
        node.input(slot).replace_source_output(made.output(0))
        progress.advance(1)
    graph.validate_nodes_and_infer_types()
    progress.finish()


def _matrices(graph: Any) -> Iterator[tuple[Any, int]]:
    """Nodes that use a matrix of weights, and by which of their inputs."""
    for node in graph.get_ordered_ops():
        slot = {"MatMul": 1, "Gather": 0}.get(node.get_type_name())
        if slot is None:
            continue
        shape = node.input_value(slot).get_partial_shape()
        if shape.is_static and len(shape) == 2 and _constants(node.input_value(slot).get_node()):
            yield node, slot


def _constants(node: Any) -> bool:
    """Whether all that ``node`` is made of is constant."""
    if node.get_type_name() in ("Constant", "Parameter"):
        return bool(node.get_type_name() == "Constant")
    return all(_constants(node.input_value(i).get_node()) for i in range(node.get_input_size()))


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Weights as they stand in a graph: plain, or whole numbers in groups.

    Attributes:
        values: [rows, columns], or [rows, groups, group].
        zeros, steps: [rows, groups, 1] if in groups.
    """

    values: npt.NDArray[Any]
    zeros: npt.NDArray[Any] | None = None
    steps: npt.NDArray[Any] | None = None

    @classmethod
    def of(cls, node: Any) -> _Matrix:
        while node.get_type_name() in ("Convert", "Reshape"):
            node = node.input_value(0).get_node()
        if node.get_type_name() == "Constant":
            return cls(_array(node))
        numbers, steps = (node.input_value(i).get_node() for i in (0, 1))
        values, zeros = (numbers.input_value(i).get_node() for i in (0, 1))
        return cls(_under(values), _under(zeros), _array(steps))

    def grouped(self, group: int, bits: Bits) -> Grouped:
        """The same in so many bits, a part of the rows at a time."""
        parts = [
            grouped(self._dense(slice(start, start + _ROWS_AT_ONCE)), group, bits)
            for start in range(0, len(self.values), _ROWS_AT_ONCE)
        ]
        return Grouped(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.zeros for part in parts]),
            np.concatenate([part.steps for part in parts]),
            bits,
        )

    def _dense(self, rows: slice) -> Floats:
        values = self.values[rows].astype(np.float32)
        if self.zeros is not None and self.steps is not None:
            values = (values - self.zeros[rows]) * self.steps[rows].astype(np.float32)
        return values.reshape(len(values), -1)


def _under(node: Any) -> npt.NDArray[Any]:
    """The constant under a conversion."""
    return _array(node.input_value(0).get_node())


def _array(constant: Any) -> npt.NDArray[Any]:
    import openvino

    if constant.get_element_type() != openvino.Type.u4:
        return np.asarray(constant.data)
    packed = np.asarray(constant.data).view(np.uint8).reshape(-1)
    shape = tuple(constant.get_output_shape(0))
    return np.stack([packed & 15, packed >> 4], -1).reshape(-1)[: np.prod(shape)].reshape(shape)


def _decompressed(matrix: Grouped) -> Any:
    """Nodes that make the matrix, as OpenVINO knows them and computes with the values packed."""
    from openvino import opset13 as op

    values, zeros = (
        op.convert(_constant(numbers, matrix.bits), "f16")
        for numbers in (matrix.values, matrix.zeros)
    )
    rows, groups, group = matrix.values.shape
    cut = op.multiply(op.subtract(values, zeros), op.constant(matrix.steps))
    shape = op.constant(np.array([rows, groups * group], np.int64))
    return op.convert(op.reshape(cut, shape, special_zero=False), "f32")


def _constant(values: Bytes, bits: Bits) -> Any:
    """A constant with a copy of its own; two values of four bits are packed in a byte."""
    import openvino
    from openvino import opset13 as op

    if bits == 8:
        return op.constant(values)
    flat = values.reshape(-1)
    flat = np.append(flat, np.zeros(len(flat) % 2, np.uint8))
    pairs = np.ascontiguousarray(flat[0::2] | flat[1::2] << 4)
    tensor = openvino.Tensor(openvino.Type.u4, openvino.Shape(values.shape))
    tensor.data.view(np.uint8).reshape(-1)[:] = pairs
    return op.constant(tensor)
