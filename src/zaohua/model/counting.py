"""How much a model is and how much work a token is, of any loaded model."""

from __future__ import annotations

from torch import nn
from transformers import PreTrainedModel


def parameters(model: nn.Module) -> int:
    """All parameters; shared ones once."""
    return sum(parameter.numel() for parameter in model.parameters())


def matrices(model: PreTrainedModel) -> int:
    """Weights that every token is multiplied with: no norms, no biases, no looked-up embeddings."""
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    shared = None if head is None else head.weight
    looked_up = {
        id(module.weight)
        for module in model.modules()
        if isinstance(module, nn.Embedding) and module.weight is not shared
    }
    products = (p for p in model.parameters() if p.dim() > 1 and id(p) not in looked_up)
    return sum(parameter.numel() for parameter in products)


def flops_per_token(model: PreTrainedModel, length: int) -> float:
    """Floating point operations of training on one token of a row of ``length``.

    As `zaohua.model.shapes.Shape.flops_per_token`; a sliding window is not counted as such.
    """
    config = model.config
    heads: int = config.num_attention_heads
    head_width: int = getattr(config, "head_dim", None) or config.hidden_size // heads
    attention: int = 12 * config.num_hidden_layers * heads * head_width * length
    causal = any(getattr(module, "is_causal", False) for module in model.modules())
    return 6 * matrices(model) + (attention / 2 if causal else attention)
