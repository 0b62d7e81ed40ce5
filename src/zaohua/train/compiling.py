"""Compiling the repeated block of a model: one compilation serves all of its layers."""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch
from torch import nn

WORTH_SECONDS = 300.0
"""Of training; for less the compilation takes longer than it saves."""


def blocks(model: nn.Module) -> list[nn.Module]:
    """The layers of the longest stack of equal ones; empty if there is no stack."""
    stacks = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList) and _alike(m)]
    return max(stacks, key=len, default=[])


def can_compile(device: torch.device) -> bool:
    """Whether there is what Inductor needs: on a CPU a C++ compiler."""
    if device.type != "cpu":
        return True
    named = os.environ.get("CXX")
    return any(shutil.which(name) for name in (named, "g++", "clang++") if name)


def compile_blocks(model: nn.Module, cache: Path) -> int:
    """Compile the layers in place at their next call; how many. Names of parameters stay.

    Args:
        model: whose layers are compiled; all of it if it has no stack of layers.
        cache: folder for compiled code, so that the next run starts at once.
    """
    cache.mkdir(parents=True, exist_ok=True)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(cache)
    found = blocks(model) or [model]
    for block in found:
        block.compile()
    return len(found)


def forget_compiled(model: nn.Module) -> None:
    """Run as written again, after a compilation that failed."""
    for module in model.modules():
        module._compiled_call_impl = None
    torch.compiler.reset()


def as_written(model: nn.Module) -> AbstractContextManager[object]:
    """While inside, compiled layers run as written: a new mode would compile them again."""
    if all(module._compiled_call_impl is None for module in model.modules()):
        return nullcontext()
    stance: AbstractContextManager[object] = torch.compiler.set_stance("force_eager")
    return stance


def _alike(stack: nn.ModuleList) -> bool:
    return len(stack) > 1 and len({type(module) for module in stack}) == 1
