"""TRL's ``SFTTrainer`` with packing, on the documents as text; the model of the HF driver.

Its default packs "bfd" and keeps gradient checkpointing on; at its best it packs "wrapped" without.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from datasets import load_dataset
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer  # type: ignore[import-not-found]

from bench.peers.drivers.hf import arguments, finish, new_model
from bench.peers.order import Order


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    materials = Path(order.materials)
    cache = str(materials / "trl")
    made = json.loads((materials / "made.json").read_text())
    data = load_dataset(
        "json", data_files=str(materials / "documents.jsonl"), split="train", cache_dir=cache
    )
    chosen = arguments(order) | {"packing": True, "max_length": order.length}
    if not order.default:
        chosen |= {"packing_strategy": "wrapped", "gradient_checkpointing": False}
    trainer = SFTTrainer(
        model=new_model(order),
        args=SFTConfig(**chosen),
        train_dataset=data,
        processing_class=AutoTokenizer.from_pretrained(made["tokenizer"]),
    )
    finish(trainer, order)


if __name__ == "__main__":
    main()
