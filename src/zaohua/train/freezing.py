"""Parameters that do not train, by patterns of their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from torch import nn

from zaohua.errors import UsageError


def freeze(model: nn.Module, patterns: Sequence[str]) -> int:
    """Freeze what the patterns match; how many parameters (numbers) were frozen.

    A pattern is a name, a part of the model (``model.embed_tokens``, ``model.layers.0``) or a glob
    over names (``*.mlp.*``). A tied parameter is frozen by any of its names.

    Raises:
        UsageError: a pattern matches nothing (says which names are near), or nothing is left.
    """
    named = dict(model.named_parameters(remove_duplicate=False))
    unknown = [p for p in patterns if not any(matches(name, p) for name in named)]
    if unknown:
        raise _unknown(unknown, named)
    for name, parameter in named.items():
        if any(matches(name, pattern) for pattern in patterns):
            parameter.requires_grad_(False)
    if patterns and not any(parameter.requires_grad for parameter in named.values()):
        raise UsageError(
            "every parameter of the model is frozen", where="frozen", mend="leave some to train"
        )
    return sum(p.numel() for p in model.parameters() if not p.requires_grad)


def matches(name: str, pattern: str) -> bool:
    """Whether ``pattern`` names the parameter ``name`` or a module around it."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def _unknown(patterns: Sequence[str], names: Iterable[str]) -> UsageError:
    places = {name.rsplit(".", part)[0] for name in names for part in range(name.count(".") + 1)}
    near = [match for p in patterns for match in get_close_matches(p, sorted(places), n=3)]
    shown = near or sorted(places, key=lambda place: (place.count("."), place))[:8]
    what = f"no parameter is named like {', '.join(repr(pattern) for pattern in patterns)}"
    return UsageError(what, where="frozen", mend=f"near names: {', '.join(dict.fromkeys(shown))}")
