"""Each contestant's widths: zaohua's dial where it can have them, else the nearest depth.

"Nearest" is by weights that take part in matrix products, for they are the work of a token;
parameters that are only looked up (positions, value embeddings) cost next to nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bench.peers.order import Layers
from zaohua.model.shapes import Shape


@dataclass(frozen=True, slots=True)
class Architecture:
    """A contestant's model.

    Attributes:
        matrices: weights in matrix products, those of the head included.
        parameters: all, tied ones once; norms and gates of a few numbers left out.
    """

    layers: Layers
    matrices: int
    parameters: int

    def flops(self, length: int) -> float:
        """Operations of training on one position of a row of ``length``, causal attention."""
        layers = self.layers
        return 6 * self.matrices + 6 * layers.depth * layers.width * length


def of(peer: str, shape: Shape) -> Architecture:
    """The architecture with which ``peer`` runs against zaohua's ``shape``."""
    layers = Layers(
        width=shape.width,
        depth=shape.depth,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        inner=shape.inner,
        context=shape.context,
        vocab=shape.vocab,
    )
    depth_one, more = _PARTS.get(peer, (_qwen, _nothing))
    head = shape.width * shape.vocab
    one = depth_one(layers)
    depth = min(range(1, 65), key=lambda n: abs(n * one + head - shape.matrices))
    found = replace(layers, depth=depth)
    matrices = depth * one + head
    return Architecture(found, matrices, matrices + more(found))


def _qwen(layers: Layers) -> int:
    keys = layers.width * layers.kv_heads // layers.heads
    return 2 * layers.width * (layers.width + keys) + 3 * layers.width * layers.inner


def _nothing(_: Layers) -> int:
    return 0


def _gpt(layers: Layers) -> int:
    return 12 * layers.width**2


def _positions(layers: Layers) -> int:
    return layers.context * layers.width


def _minimind(layers: Layers) -> int:
    """Its heads (8, of which 4 keys) and its inner width cannot be chosen."""
    inner = math.ceil(layers.width * math.pi / 64) * 64
    return 3 * layers.width**2 + 3 * layers.width * inner


def _lookups(layers: Layers) -> int:
    """An untied embedding, and one of values in every second layer."""
    return layers.vocab * layers.width * (1 + (layers.depth + 1) // 2)


_PARTS = {
    "nanogpt": (_gpt, _positions),
    "minimind": (_minimind, _nothing),
    "nanochat": (_gpt, _lookups),
}
