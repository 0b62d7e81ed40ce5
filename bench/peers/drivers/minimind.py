"""minimind: its ``trainer/train_pretrain.py``, as shipped.

It reads its tokenizer from ``../model`` of the working directory, which is given ours. One epoch
of a file with exactly the documents of the run makes it stop in time with its schedule at its end.
In its default every document is a row, padded; at its best, documents are joined to full rows in
the data file. Run-time changes: its fixed seed is moved by ours; with bf16, which its processor
branch ignores, ``nullcontext()`` is autocast.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import runpy
import sys
from pathlib import Path

from bench.peers import stepping
from bench.peers.order import LONG, Order

LEARNING_RATE = 2e-3


def write_rows(order: Order, path: Path) -> None:
    """As many documents as the run takes, in an order drawn by its seed, again when they end."""
    name = "documents" if order.default else "packed"
    lines = (Path(order.materials) / f"{name}.jsonl").read_text().splitlines()
    random.Random(order.seed).shuffle(lines)
    count = min(order.steps, LONG // 10) * order.rows
    with path.open("w") as file:
        for line in itertools.islice(itertools.cycle(lines), count):
            file.write(line + "\n")


def options(order: Order, data: Path) -> list[str]:
    """Its command line."""
    chosen = {
        "device": "cpu",
        "dtype": "bfloat16",  # its default; on a processor it computes in fp32 all the same
        "save_dir": str(Path(order.folder) / "out"),
        "epochs": 1,
        "batch_size": order.rows,
        "accumulation_steps": 1,
        "hidden_size": order.layers.width,
        "num_hidden_layers": order.layers.depth,
        "max_seq_len": order.length,
        "data_path": str(data),
        "use_compile": int(order.compiled),
        "save_interval": LONG * order.rows,
    }
    if not order.default:
        chosen |= {"learning_rate": LEARNING_RATE * order.factor, "num_workers": 1}
    return [word for name, value in chosen.items() for word in (f"--{name}", str(value))]


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    here = Path(order.folder).absolute()
    data = here / "rows.jsonl"
    write_rows(order, data)
    (here / "trainer").mkdir(exist_ok=True)
    if not (here / "model").exists():
        (here / "model").symlink_to(
            json.loads((Path(order.materials) / "made.json").read_text())["tokenizer"]
        )
    stepping.reseed(order.seed)
    if order.precision == "bf16":
        stepping.autocast_instead_of_nothing()
    script = Path(order.repository).absolute() / "trainer" / "train_pretrain.py"
    os.environ["HF_DATASETS_CACHE"] = str(here / "cache")
    sys.argv = [script.name, *options(order, data)]
    sys.path[:0] = [str(script.parent), str(script.parent.parent)]
    os.chdir(here / "trainer")
    stepping.begin(order)
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
