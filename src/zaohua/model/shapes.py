"""One dial: from a size's name to every width of a model, each of which can be overridden.

Nothing here needs PyTorch. Depth follows width (one layer for about 64 of width, as nanochat has
it); heads are 64 wide, 32 in the smallest size; the feed-forward layer is 8/3 of the width in
gated layouts (Shazeer 2020, arXiv:2002.05202) and 4 times the width in BERT's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final, Literal

from zaohua.errors import UsageError
from zaohua.model.spec import ModelSpec, Size

Layout = Literal["qwen3", "llama", "bert", "modernbert"]
DECODERS: Final = ("qwen3", "llama")
VOCAB_STEP: Final = 64
"""Rows of the embedding are padded to a multiple of this: products of odd sizes are slower."""

SUPERBLOCK: Final = 256
"""llama.cpp's k-quants need rows of a multiple of this; others fall back to blocks of 32."""

BLOCK: Final = 32
"""Rows that are no multiple of this cannot be quantised at all."""


@dataclass(frozen=True, slots=True)
class _Dial:
    width: int
    depth: int
    heads: int
    kv_heads: int
    context: int


DIAL: Final[Mapping[Size, _Dial]] = MappingProxyType(
    {
        "nano": _Dial(width=128, depth=4, heads=4, kv_heads=2, context=256),
        "micro": _Dial(width=256, depth=3, heads=4, kv_heads=2, context=512),
        "mini": _Dial(width=384, depth=6, heads=6, kv_heads=2, context=512),
        "small": _Dial(width=512, depth=8, heads=8, kv_heads=2, context=512),
        "base": _Dial(width=768, depth=16, heads=12, kv_heads=4, context=1024),
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The widths of a model. Made by `shape`.

    Attributes:
        vocab: rows of the embedding, a multiple of `VOCAB_STEP`.
        inner: width of the feed-forward layer.
        context: tokens that the model can see.
        tie: whether embedding and head are one matrix.
    """

    layout: Layout
    vocab: int
    width: int
    depth: int
    heads: int
    kv_heads: int
    inner: int
    context: int
    tie: bool

    @property
    def head_width(self) -> int:
        """Of one attention head."""
        return self.width // self.heads

    @property
    def causal(self) -> bool:
        """Whether it is a decoder."""
        return self.layout in DECODERS

    @property
    def matrices(self) -> int:
        """Weights that every token is multiplied with: all matrices of the layers, and the head."""
        keys = self.kv_heads * self.head_width
        attention = 2 * self.width * self.width + 2 * self.width * keys
        products = 2 if self.layout == "bert" else 3
        layer = attention + products * self.width * self.inner
        head = self.width * self.vocab + (0 if self.causal else self.width * self.width)
        return self.depth * layer + head

    @property
    def parameters(self) -> int:
        """All parameters, exactly (that of a masked model for encoders)."""
        return self.matrices + self._vectors() + self._lookups()

    def _lookups(self) -> int:
        """Embeddings that are only looked up."""
        rows = 0 if self.tie else self.vocab
        return self.width * (rows + (self.context + 2 if self.layout == "bert" else 0))

    def _vectors(self) -> int:
        """Norms and biases."""
        if self.layout == "bert":
            layer = 4 * self.width + self.inner + self.width + 4 * self.width
            biases = self.vocab * (1 if self.tie else 2)  # untied, the head keeps its own beside
            return self.depth * layer + 5 * self.width + biases
        if self.layout == "modernbert":  # its first layer has no norm before attention
            return 2 * self.depth * self.width + 2 * self.width + self.vocab
        heads = 2 * self.head_width if self.layout == "qwen3" else 0
        return self.depth * (2 * self.width + heads) + self.width

    def flops_per_token(self, length: int) -> float:
        """Floating point operations of training on one token of a row of ``length``.

        Six for each weight that takes part in a product (Kaplan 2020, arXiv:2001.08361), and the
        products of attention, of which a causal model needs half.
        """
        attention = 12 * self.depth * self.heads * self.head_width * length
        return 6 * self.matrices + (attention / 2 if self.causal else attention)

    def table(self) -> str:
        """Two columns to print: what was chosen, how much it is."""
        values = {**asdict(self), "head width": self.head_width}
        values["parameters"] = f"{self.parameters:,}"
        values["flops a token"] = f"{self.flops_per_token(self.context):,.0f}"
        if odd := self.fallbacks():
            values["k-quants"] = f"not for {', '.join(odd)} (no multiple of {SUPERBLOCK})"
        return "\n".join(f"{name:<14} {value}" for name, value in values.items())

    def fallbacks(self) -> list[str]:
        """The widths for which llama.cpp's k-quants fall back to larger formats."""
        return [name for name in ("width", "inner") if getattr(self, name) % SUPERBLOCK]


def shape(spec: ModelSpec, vocab: int) -> Shape:
    """What ``spec`` asks for, with everything it leaves open taken from its size.

    Args:
        spec: size, layout and what is overridden.
        vocab: number of tokens of the tokenizer.

    Raises:
        UsageError: the widths do not fit together; names **all** that is wrong.
    """
    dial = DIAL[spec.size]
    heads = spec.heads or _heads(spec, dial)
    width = spec.width or dial.width
    found = Shape(
        layout=spec.layout,
        vocab=_padded(vocab),
        width=width,
        depth=spec.depth or dial.depth,
        heads=heads,
        kv_heads=spec.kv_heads or _kv_heads(spec, dial, heads),
        inner=spec.inner or _inner(spec.layout, width),
        context=spec.context or dial.context,
        tie=True if spec.tie is None else spec.tie,
    )
    if problems := [*_problems(found)]:
        raise UsageError(
            "the model's widths do not fit together: " + "; ".join(problems),
            where="model",
            mend="leave them out to take those of the size",
        )
    return found


def _heads(spec: ModelSpec, dial: _Dial) -> int:
    """As many heads of the size's head width as fill the width."""
    head_width = dial.width // dial.heads
    return max(1, (spec.width or dial.width) // head_width)


def _kv_heads(spec: ModelSpec, dial: _Dial, heads: int) -> int:
    """Grouped in decoders: the greatest number up to the size's that divides the heads."""
    if spec.layout not in DECODERS:
        return heads
    return next(n for n in range(min(dial.kv_heads, heads), 0, -1) if heads % n == 0)


def _inner(layout: Layout, width: int) -> int:
    return 4 * width if layout == "bert" else -(-width * 8 // (3 * 64)) * 64


def _padded(vocab: int) -> int:
    return -(-vocab // VOCAB_STEP) * VOCAB_STEP


def _problems(found: Shape) -> Iterator[str]:
    if found.width % found.heads:
        yield f"width {found.width} is no multiple of heads {found.heads}"
    elif found.head_width % 2:
        yield f"a head's width, {found.head_width}, is odd and cannot be rotated"
    if found.heads % found.kv_heads:
        yield f"heads {found.heads} is no multiple of kv_heads {found.kv_heads}"
    if not found.causal and found.kv_heads != found.heads:
        yield f"{found.layout} has no grouped heads: kv_heads must be {found.heads}"
    for name in ("width", "inner"):
        if getattr(found, name) % BLOCK:
            yield f"{name} {getattr(found, name)} is no multiple of {BLOCK}"
    if found.context < 2:
        yield "context must be at least 2"
