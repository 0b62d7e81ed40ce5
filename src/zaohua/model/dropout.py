"""Dropout where a layout has it, and on the residual stream where transformers has none."""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn
from torch.nn import functional

ADDED: Final = ("o_proj", "down_proj")
"""Layers of Llama-like models whose output is added to the residual stream."""


class _ResidualDropout:
    """A hook that drops outputs while its module trains."""

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        return functional.dropout(output, self.share, module.training)


def set_dropout(model: nn.Module, share: float) -> None:
    """Drop ``share`` of attention weights and of what layers add, in training mode only.

    Llama and Qwen3 know attention dropout alone; for them the outputs of attention and
    feed-forward get it too, as in GPT-2. The configuration is left as it is, so that checkpoints
    say nothing of it.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        elif hasattr(module, "attention_dropout"):
            module.attention_dropout = share
        if name.endswith(ADDED):
            _hook(module, share)


def _hook(module: nn.Module, share: float) -> None:
    old = [key for key, hook in module._forward_hooks.items() if isinstance(hook, _ResidualDropout)]
    for key in old:
        del module._forward_hooks[key]
    if share:
        module.register_forward_hook(_ResidualDropout(share))
