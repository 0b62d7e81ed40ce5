"""What the machine is good at, by trying: matrix products in each precision, in under a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import torch

SIZES = (64, 128, 256, 512, 1024, 2048, 4096)
SECONDS = 0.3
"""For one precision; larger products than fit into it are not tried."""

WORTH = 1.15
"""How much faster bfloat16 must be to be chosen."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """Floating point operations a second of matrix products."""

    fp32: float
    bf16: float

    def of(self, precision: torch.dtype) -> float:
        """The peak in a precision."""
        return self.bf16 if precision is torch.bfloat16 else self.fp32

    def choose(self, asked: Literal["auto", "fp32", "bf16"]) -> torch.dtype:
        """The precision asked for, or the faster one."""
        faster = "bf16" if self.bf16 > WORTH * self.fp32 else "fp32"
        return torch.bfloat16 if (faster if asked == "auto" else asked) == "bf16" else torch.float32


def measure(device: torch.device) -> Peaks:
    """The peaks of a device.

    A processor without bfloat16 multiplies in it a hundred times slower, so sizes grow from tiny
    ones and end when it is clear which is faster.
    """
    fp32 = matmul_peak(device, torch.float32)
    return Peaks(fp32=fp32, bf16=matmul_peak(device, torch.bfloat16, enough=fp32 / 4))


def matmul_peak(device: torch.device, dtype: torch.dtype, *, enough: float = 0.0) -> float:
    """Operations a second of the best square product that could be tried in `SECONDS`.

    Args:
        device: to multiply on.
        dtype: of the matrices.
        enough: a precision that does not reach this at 256 is not tried further.
    """
    begun, best = time.perf_counter(), 0.0
    for size in SIZES:
        matrix = torch.ones(size, size, device=device, dtype=dtype)
        seconds = min(_seconds(matrix) for _ in range(3))
        best = max(best, 2.0 * size**3 / seconds)
        left = SECONDS - (time.perf_counter() - begun)
        if 4 * 8 * seconds > left or (size >= 256 and best < enough):
            break
    return best


def _seconds(matrix: torch.Tensor) -> float:
    begun = time.perf_counter()
    torch.mm(matrix, matrix)
    if matrix.device.type == "cuda":
        torch.cuda.synchronize(matrix.device)
    return time.perf_counter() - begun
