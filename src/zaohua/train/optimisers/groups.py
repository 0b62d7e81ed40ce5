"""Which parameter is what: each in exactly one group, tied weights once."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn


@dataclass(frozen=True, slots=True)
class Groups:
    """The parameters that train, by kind; each a mapping from name to parameter.

    Attributes:
        matrices: weights of hidden layers, 2-D. The only ones that decay.
        tables: embeddings and output layers (outside the model's base).
        vectors: norms, biases and all that is left.
    """

    matrices: dict[str, nn.Parameter] = field(default_factory=dict)
    tables: dict[str, nn.Parameter] = field(default_factory=dict)
    vectors: dict[str, nn.Parameter] = field(default_factory=dict)


def groups(model: nn.Module) -> Groups:
    """Sort the parameters of ``model`` that require a gradient."""
    found = Groups()
    tables = _tables(model)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if parameter.ndim < 2:
            found.vectors[name] = parameter
        elif id(parameter) in tables or parameter.ndim > 2:
            found.tables[name] = parameter
        else:
            found.matrices[name] = parameter
    return found


def _tables(model: nn.Module) -> set[int]:
    """Identities of the weights of embeddings and of everything outside the base model."""
    base = getattr(model, "base_model", model)
    inside = {id(parameter) for parameter in base.parameters()}
    outside = {id(p) for p in model.parameters() if id(p) not in inside}
    embeddings = (module for module in model.modules() if isinstance(module, nn.Embedding))
    return outside | {id(module.weight) for module in embeddings}
