"""nanoGPT: its ``train.py``, as shipped.

Run-time changes: its fixed seed is moved by ours; with bf16, which its processor branch ignores,
``nullcontext()`` is autocast. `--device=cpu` and, in its default, `--compile=False` are what its
README says for a processor.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from bench.peers import stepping
from bench.peers.order import Order

LEARNING_RATE = 2e-3


def options(order: Order) -> list[str]:
    """Its command line."""
    layers = order.layers
    chosen = {
        "device": "cpu",
        "dtype": "float32",
        "compile": order.compiled,
        "dataset": str(Path(order.materials) / "nanogpt"),
        "out_dir": str(Path(order.folder) / "out"),
        "n_layer": layers.depth,
        "n_head": layers.heads,
        "n_embd": layers.width,
        "block_size": order.length,
        "batch_size": order.rows,
        "gradient_accumulation_steps": 1,
        "max_iters": order.steps,
        "lr_decay_iters": order.steps,
        "warmup_iters": order.warmup,
        "eval_interval": order.steps,  # it saves only when it evaluates
        "eval_iters": 1,
        "log_interval": 100,
    }
    if not order.default:
        chosen |= {"learning_rate": LEARNING_RATE * order.factor, "min_lr": 0.0}
    return [f"--{name}={value}" for name, value in chosen.items()]


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    stepping.reseed(order.seed)
    if order.precision == "bf16":
        stepping.autocast_instead_of_nothing()
    sys.argv = ["train.py", *options(order)]
    sys.path.insert(0, order.repository)
    os.chdir(order.repository)
    stepping.begin(order)
    runpy.run_path("train.py", run_name="__main__")


if __name__ == "__main__":
    main()
