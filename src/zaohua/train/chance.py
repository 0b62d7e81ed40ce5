"""Chance inside a model (dropout): seeded anew at every step, so that nothing needs to be saved.

What validation or samples draw between two steps thus cannot change the next one either.
"""

from __future__ import annotations

import random

import numpy as np
import torch


def seed(*numbers: int) -> None:
    """Seed torch, numpy and Python from a tuple such as (seed, step, rank)."""
    words = np.random.SeedSequence(numbers).generate_state(2, np.uint64)
    # torch.manual_seed writes down its caller for each kind of device, 0.3 ms a step
    torch.default_generator.manual_seed(int(words[0]) >> 1)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(int(words[0]) >> 1)
    np.random.seed(int(words[1]) & 0xFFFFFFFF)
    random.seed(int(words[1]))
