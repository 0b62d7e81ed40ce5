"""Bits per byte of any contestant's checkpoint: the same documents, windows and sums for all.

    python -m bench.peers.evaluator ORDER.json RESULT.json

Each checkpoint is loaded into its own model class. Documents are scored one by one, each after the
boundary token (``documents``), and as one stream of windows (``stream``), for those who have only
ever seen streams. Tokens that stand for no bytes are predicted but not counted.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bench.peers.order import Order

BATCH = 8192
"""Positions at once."""

Ids = npt.NDArray[np.int64]
Logits = Callable[[Tensor], Tensor]


def load(order: Order) -> tuple[nn.Module, Logits]:
    """The model of a finished run, and what gives its logits [rows, length, vocabulary]."""
    return _LOADERS.get(order.peer, _transformers)(order)


def _transformers(order: Order) -> tuple[nn.Module, Logits]:
    from transformers import AutoModelForCausalLM

    folder = str(Path(order.folder) / "model")
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return model, lambda ids: model(ids, use_cache=False).logits


def _nanogpt(order: Order) -> tuple[nn.Module, Logits]:
    sys.path.insert(0, order.repository)
    module: Any = __import__("model")
    saved = torch.load(Path(order.folder) / "out" / "ckpt.pt", map_location="cpu")
    model: Any = module.GPT(module.GPTConfig(**saved["model_args"]))
    model.load_state_dict({k.removeprefix("_orig_mod."): v for k, v in saved["model"].items()})
    return model, lambda ids: model(ids, ids)[0]  # without targets it gives the last only


def _minimind(order: Order) -> tuple[nn.Module, Logits]:
    sys.path.insert(0, order.repository)
    from importlib import import_module

    module: Any = import_module("model.model_minimind")
    layers = order.layers
    config = module.MiniMindConfig(hidden_size=layers.width, num_hidden_layers=layers.depth)
    model: Any = module.MiniMindForCausalLM(config)
    saved = Path(order.folder) / "out" / f"pretrain_{layers.width}.pth"
    model.load_state_dict({k: v.float() for k, v in torch.load(saved).items()})
    return model, lambda ids: model(ids).logits


def _nanochat(order: Order) -> tuple[nn.Module, Logits]:
    from importlib import import_module

    from bench.peers.drivers.nanochat import TAG

    base = Path(order.folder).absolute() / "base"
    os.environ["NANOCHAT_BASE_DIR"] = str(base)
    os.environ["NANOCHAT_DTYPE"] = "float32"
    sys.path.insert(0, order.repository)
    manager: Any = import_module("nanochat.checkpoint_manager")
    folder = str(base / "base_checkpoints" / TAG)
    model, _, _ = manager.build_model(folder, order.steps, torch.device("cpu"), "eval")
    return model, model


_LOADERS = {"nanogpt": _nanogpt, "minimind": _minimind, "nanochat": _nanochat}


def documents(ids: Ids, starts: Ids, length: int) -> list[Ids]:
    """Windows of ``length`` predictions over each document, the boundary token before it."""
    found = []
    for first, last in pairwise(starts):
        found += _windows(np.concatenate([[0], ids[first:last]]), length)
    return found


def stream(ids: Ids, starts: Ids, length: int) -> list[Ids]:
    """Windows over all documents joined by the boundary token."""
    pieces = [np.concatenate([[0], ids[a:b]]) for a, b in pairwise(starts)]
    return _windows(np.concatenate(pieces), length)


def _windows(ids: Ids, length: int) -> list[Ids]:
    return [ids[i : i + length + 1] for i in range(0, len(ids) - 1, length)]


def batches(windows: Sequence[Ids]) -> Iterator[tuple[Tensor, Tensor]]:
    """Windows of like length as inputs and targets; -1 where a row is filled up."""
    held: list[Ids] = []
    for window in sorted(windows, key=len):
        if held and (len(held) + 1) * len(window) > BATCH:
            yield _batch(held)
            held = []
        held.append(window)
    if held:
        yield _batch(held)


def _batch(windows: Sequence[Ids]) -> tuple[Tensor, Tensor]:
    length = max(max(map(len, windows)) - 1, 2)  # nanochat wants two positions at least
    inputs = torch.zeros(len(windows), length, dtype=torch.int64)
    targets = torch.full((len(windows), length), -1)
    for row, window in enumerate(windows):
        inputs[row, : len(window) - 1] = torch.from_numpy(window[:-1])
        targets[row, : len(window) - 1] = torch.from_numpy(window[1:])
    return inputs, targets


@torch.inference_mode()
def bits_per_byte(logits: Logits, windows: Sequence[Ids], lengths: Tensor) -> float:
    """Bits the model needs for a byte of the text in ``windows``."""
    nats = count = 0.0
    for inputs, targets in batches(windows):
        scores = logits(inputs).flatten(0, 1).float()
        wanted = targets.flatten()
        size = torch.where(wanted >= 0, lengths[wanted.clamp(min=0)], 0)
        nll = cross_entropy(scores, wanted, ignore_index=-1, reduction="none").double()
        nats += float(nll[size > 0].sum())
        count += float(size.sum())
    return nats / math.log(2) / count


def main() -> None:
    """Evaluate one run."""
    order = Order.read(Path(sys.argv[1]))
    told = np.load(Path(order.materials) / "validation.npz")
    ids, starts = told["ids"], told["starts"]
    lengths = torch.from_numpy(told["lengths"].astype(np.int64))
    model, logits = load(order)
    model.eval()
    result = {
        "bits_per_byte": bits_per_byte(logits, documents(ids, starts, order.length), lengths),
        "stream": bits_per_byte(logits, stream(ids, starts, order.length), lengths),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    Path(sys.argv[2]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
