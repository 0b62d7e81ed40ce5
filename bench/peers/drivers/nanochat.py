"""nanochat: its ``scripts/base_train.py``, as shipped.

It always compiles. Its default is what its ``runs/runcpu.sh`` says for a processor. Run-time
change: its fixed seed is moved by ours. bf16 is its own switch, ``NANOCHAT_DTYPE``.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from bench.peers import stepping
from bench.peers.order import Order

RATES = {"matrix-lr": 0.02, "embedding-lr": 0.3, "unembedding-lr": 0.008}
"""Its defaults, which it scales by batch and width; swept together."""

TAG = "bench"


def options(order: Order) -> list[str]:
    """Its command line."""
    layers = order.layers
    chosen: dict[str, object] = {
        "device-type": "cpu",
        "depth": layers.depth,
        "aspect-ratio": layers.width // layers.depth,  # it rounds depth x ratio up to whole heads
        "head-dim": layers.width // layers.heads,
        "window-pattern": "L",
        "max-seq-len": order.length,
        "device-batch-size": order.rows,
        "total-batch-size": order.rows * order.length,
        "num-iterations": order.steps,
        "eval-every": -1,
        "core-metric-every": -1,
        "sample-every": -1,
        "model-tag": TAG,
    }
    if not order.default:
        chosen |= {name: rate * order.factor for name, rate in RATES.items()}
        chosen["warmup-steps"] = order.warmup
    return [f"--{name}={value}" for name, value in chosen.items()]


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    base = Path(order.folder).absolute() / "base"
    base.mkdir(exist_ok=True)
    for name in ("base_data_climbmix", "tokenizer"):
        if not (base / name).exists():
            (base / name).symlink_to(Path(order.materials).absolute() / "nanochat" / name)
    os.environ["NANOCHAT_BASE_DIR"] = str(base)
    os.environ["NANOCHAT_DTYPE"] = "bfloat16" if order.precision == "bf16" else "float32"
    os.environ["WANDB_MODE"] = "disabled"
    stepping.reseed(order.seed)
    sys.argv = ["base_train", *options(order)]
    sys.path.insert(0, order.repository)
    os.chdir(order.folder)
    stepping.begin(order)
    runpy.run_module("scripts.base_train", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
