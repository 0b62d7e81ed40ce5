"""HF ``Trainer``: a new Qwen3 of the same widths, on the token stream cut into blocks.

Its default has `TrainingArguments` as they come (fp32, not compiled, AdamW at 5e-5, linear decay).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    Trainer,
    TrainingArguments,
    set_seed,
)

from bench.peers import stepping
from bench.peers.order import LONG, Order

LEARNING_RATE = 2e-3


class Blocks(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """The stream in blocks of one length."""

    def __init__(self, path: Path, length: int) -> None:
        stream = np.memmap(path, dtype=np.uint16, mode="r")
        self._blocks = stream[: len(stream) // length * length].reshape(-1, length)

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        tokens = torch.from_numpy(self._blocks[index].astype(np.int64))
        return {"input_ids": tokens, "labels": tokens}


def new_model(order: Order) -> PreTrainedModel:
    """Qwen3 with the widths of the order, initialised by Transformers."""
    layers = order.layers
    set_seed(order.seed)
    config = Qwen3Config(
        vocab_size=layers.vocab,
        hidden_size=layers.width,
        num_hidden_layers=layers.depth,
        num_attention_heads=layers.heads,
        num_key_value_heads=layers.kv_heads,
        head_dim=layers.width // layers.heads,
        intermediate_size=layers.inner,
        max_position_embeddings=layers.context,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=3,
        use_cache=False,
    )
    config._attn_implementation = order.options.get("attention", "sdpa")
    return Qwen3ForCausalLM(config)


def arguments(order: Order) -> dict[str, Any]:
    """Of `TrainingArguments`; shared with TRL, whose are the same and more."""
    chosen: dict[str, Any] = {
        "output_dir": str(Path(order.folder) / "out"),
        "max_steps": order.steps,
        "per_device_train_batch_size": order.rows,
        "use_cpu": True,
        "report_to": "none",
        "save_strategy": "no",
        "disable_tqdm": True,
        "seed": order.seed,
        "bf16": order.precision == "bf16",
        "torch_compile": order.compiled,
    }
    if not order.default:
        chosen |= {
            "learning_rate": LEARNING_RATE * order.factor,
            "warmup_steps": order.warmup,
            "weight_decay": 0.1,
            "adam_beta2": 0.95,
            "logging_steps": 100,
        }
    return chosen


def finish(trainer: Trainer, order: Order) -> None:
    """Train, and keep the model."""
    stepping.begin(order)
    trainer.train()
    if order.steps < LONG:
        trainer.save_model(str(Path(order.folder) / "model"))


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    data = Blocks(Path(order.materials) / "nanogpt" / "train.bin", order.length)
    model = new_model(order)
    trainer = Trainer(model=model, args=TrainingArguments(**arguments(order)), train_dataset=data)
    finish(trainer, order)


if __name__ == "__main__":
    main()
