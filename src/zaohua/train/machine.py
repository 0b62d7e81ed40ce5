"""What the machine is good at, by trying: matrix products in each precision, in under a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}
SIZES = (64, 128, 256, 512, 1024, 2048, 4096)
CLEAR = 512
"""Up to this size all products are tried: what else the machine does can delay small ones."""

SECONDS = 0.3
"""For one precision; larger products than fit into it are not tried."""

WORTH = 1.15
"""How much faster bfloat16 must be to be chosen."""


def choose(asked: Literal["auto", "fp32", "bf16"], device: torch.device) -> str:
    """The precision asked for, or the faster one.

    That is tried in one thread: several wait for each other when other programs run, and a run
    would take another precision, and make other weights, than the same one in a quiet hour.
    """
    if asked != "auto":
        return asked
    with _one_thread():
        fp32 = matmul_peak(device, torch.float32)
        bf16 = matmul_peak(device, torch.bfloat16, enough=fp32 / 4)
    return "bf16" if bf16 > WORTH * fp32 else "fp32"


def matmul_peak(device: torch.device, dtype: torch.dtype, *, enough: float = 0.0) -> float:
    """Operations a second of the best square product that could be tried in `SECONDS`.

    Args:
        device: to multiply on.
        dtype: of the matrices.
        enough: a precision that does not reach this at 256 is not tried further: without bfloat16
            a processor multiplies in it a hundred times slower.
    """
    begun, best = time.perf_counter(), 0.0
    for size in SIZES:
        matrix = torch.ones(size, size, device=device, dtype=dtype)
        seconds = min(_seconds(matrix) for _ in range(3))
        best = max(best, 2.0 * size**3 / seconds)
        left = SECONDS - (time.perf_counter() - begun)
        if (size >= 256 and best < enough) or (size >= CLEAR and 4 * 8 * seconds > left):
            break
    return best


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _seconds(matrix: torch.Tensor) -> float:
    begun = time.perf_counter()
    torch.mm(matrix, matrix)
    if matrix.device.type == "cuda":
        torch.cuda.synchronize(matrix.device)
    return time.perf_counter() - begun
