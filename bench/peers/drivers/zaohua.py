"""zaohua: `zaohua.train.pretrain`, as a recipe calls it.

Validation and checkpoints are put off to the end of the run, as they are for all contestants.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.peers import stepping
from bench.peers.order import Order
from zaohua.model.spec import ModelSpec
from zaohua.settings import Settings
from zaohua.train import pretrain
from zaohua.train.optimisers.rates import derived
from zaohua.train.spec import OptimiserSpec, TrainSpec


def optimiser(order: Order) -> OptimiserSpec:
    """Rates as zaohua derives them, times the factor of the sweep."""
    plain = OptimiserSpec(name=order.options.get("optimiser", "muon"))
    if order.default:
        return plain
    rates = derived(
        plain,
        objective="causal",
        parameters=int(order.options["matrices"]),
        tokens=order.rows * order.length,
        fresh=True,
    )
    chosen = {"lr": rates.lr * order.factor}
    if plain.name == "muon":
        chosen["embedding_lr"] = rates.embedding_lr * order.factor
    return plain.model_copy(update=chosen)


def spec(order: Order, made: dict[str, Any]) -> TrainSpec:
    """The recipe's section."""
    compiled: Any = "auto" if order.default else "on" if order.compiled else "off"
    precision: Any = "auto" if order.default else order.precision
    return TrainSpec(
        data=made["data"],
        tokenizer=made["tokenizer_name"],
        objective="causal",
        model=ModelSpec(size=order.options["size"], context=order.length),
        steps=order.steps,
        batch_tokens=order.rows * order.length,
        optimiser=optimiser(order),
        compile=compiled,
        precision=precision,
        validate_every=1.0,
        checkpoint_minutes=1e6,
        seed=order.seed,
    )


def main() -> None:
    """Run it."""
    order = Order.read(Path(sys.argv[1]))
    made = json.loads((Path(order.materials) / "made.json").read_text())
    stepping.begin(order)
    artefact = pretrain(
        f"bench-{uuid4().hex[:12]}", spec(order, made), settings=Settings(home=Path(made["home"]))
    )
    model = Path(order.folder) / "model"
    model.symlink_to(artefact.path.absolute())


if __name__ == "__main__":
    main()
