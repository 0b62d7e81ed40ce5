"""A model as a graph with a cache in blocks, compiled for this processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from zaohua.generate.openvino.blocks import BLOCK, Held
from zaohua.generate.pipeline.pieces import Logits, Piece

GRAPH: Final = "openvino_model.xml"
_CACHES: Final = ("key_cache.", "value_cache.")
_ROWS: Final = "rows"
_CACHE: Final = {"KV_CACHE_PRECISION": "u8", "KEY_CACHE_QUANT_MODE": "BY_TOKEN"}
"""Each token has steps of its own, so that what follows it changes nothing."""

Cache = Mapping[str, Any]
"""Tensors by the names of the graph's inputs."""


class Compiled:
    """The graph in ``folder``, computing in ``precision`` (``f32`` or ``bf16``).

    In f32 activations are rounded to eight bits, in the groups of the weights.

    Raises:
        RuntimeError: what OpenVINO says of the graph.
    """

    def __init__(self, folder: Path, precision: str, threads: int) -> None:
        import openvino

        core = openvino.Core()
        graph = core.read_model(folder / GRAPH)
        properties = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": _group(graph),
            **_CACHE,
        }
        self._model = core.compile_model(_with_cache(graph), "CPU", properties)
        self._request = self._model.create_infer_request()
        self._spare = Piece([0], 0, Held([0]))

    def new_cache(self, blocks: int) -> Cache:
        """Room for so many blocks and a spare one; any graph compiled from the same folder can use
        it."""
        import openvino

        entries = [e for e in self._model.inputs if e.get_any_name().startswith(_CACHES)]
        shapes = [[d.get_length() for d in e.get_partial_shape()[1:]] for e in entries]
        return {
            e.get_any_name(): openvino.Tensor(
                e.get_element_type(), openvino.Shape([blocks + 1, *shape])
            )
            for e, shape in zip(entries, shapes, strict=True)
        }

    def use(self, cache: Cache) -> None:
        """Read and write keys and values there from now on."""
        for name, tensor in cache.items():
            self._request.set_tensor(name, tensor)
            self._spare = Piece([0], 0, Held([tensor.shape[0] - 1]))

    def warm(self) -> None:
        """Compute something, for which kernels are made and weights laid out; takes seconds."""
        for tokens in (1, 2 * BLOCK):
            self.logits([Piece([0] * tokens, 0, Held([0, 1]))])

    def logits(self, pieces: Sequence[Piece[Held]]) -> Logits:
        """Compute ``pieces`` together; what was asked to be told, in their order:
        float32[rows, vocabulary], valid until the next call.

        One token alone would be computed otherwise than among others, and slower: it gets company.
        """
        alone = sum(len(piece.tokens) for piece in pieces) == 1
        given = [*pieces, self._spare] if alone else pieces
        out = self._request.infer(_inputs(given), share_inputs=True)[0]
        rows = np.asarray(out).reshape(-1, out.shape[-1])
        return rows[:-1] if alone else rows


def _inputs(pieces: Sequence[Piece[Held]]) -> dict[str, Any]:
    lengths = [len(piece.tokens) for piece in pieces]
    begins = np.cumsum([0, *lengths])
    places = [np.arange(p.start, p.start + n) for p, n in zip(pieces, lengths, strict=True)]
    spans = [-(-(p.start + n) // BLOCK) for p, n in zip(pieces, lengths, strict=True)]
    ends = [p.start + n for p, n in zip(pieces, lengths, strict=True)]
    told = [np.arange(e - p.told, e) for p, e in zip(pieces, begins[1:], strict=True)]
    return {
        "input_ids": np.concatenate([np.asarray(p.tokens, np.int64) for p in pieces]),
        "position_ids": np.concatenate(places).astype(np.int64),
        "past_lens": np.asarray([p.start for p in pieces], np.int32),
        "subsequence_begins": begins.astype(np.int32),
        "block_indices": np.concatenate(
            [np.asarray(p.held.blocks[:n], np.int32) for p, n in zip(pieces, spans, strict=True)]
        ),
        "block_indices_begins": np.cumsum([0, *spans]).astype(np.int32),
        "max_context_len": np.array(max(ends), np.int32),
        _ROWS: np.concatenate(told),
    }


def _group(graph: Any) -> int:
    """How many values of a row of weights share a step."""
    constants = (node for node in graph.get_ordered_ops() if node.get_type_name() == "Constant")
    shapes = (tuple(node.get_output_shape(0)) for node in constants if _in_few_bits(node))
    return min((shape[-1] for shape in shapes if shape[-1] > 1), default=BLOCK)


def _in_few_bits(node: Any) -> bool:
    return node.get_element_type().get_type_name() in ("u4", "u8")


def _with_cache(graph: Any) -> Any:
    """The graph with inputs for a cache, and an input that says for which rows to give logits."""
    from openvino import opset13 as op
    from openvino._offline_transformations import paged_attention_transformation

    paged_attention_transformation(graph)
    head = graph.get_results()[0].input_value(0).get_node()
    while head.get_type_name() != "MatMul":
        head = head.input_value(0).get_node()
    rows = op.parameter([-1], np.int64, name=_ROWS)
    rows.get_output_tensor(0).set_names({_ROWS})
    wanted = op.gather(head.input_value(0), rows, op.constant(0, np.int64))
    head.input(0).replace_source_output(wanted.output(0))
    graph.add_parameters([rows])
    graph.validate_nodes_and_infer_types()
    return graph
