"""Not a contestant: the peak of matrix products, measured in the same turns as they step."""

from __future__ import annotations

import torch

from bench.peers.stepping import Turns
from zaohua.train import machine


def main() -> None:
    """Measure whenever it is its turn."""
    turns = Turns()
    while True:
        turns.tell(
            **{
                name: machine.matmul_peak(torch.device("cpu"), dtype)
                for name, dtype in machine.PRECISIONS.items()
            }
        )
        turns.wait()


if __name__ == "__main__":
    main()
