"""How many rows fit into memory, by measuring one; and what is said when they did not."""

from __future__ import annotations

import gc
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zaohua.errors import UnavailableError
from zaohua.hardware import hardware

SPARED = 0.8
"""Of the free memory, at most; the rest is for what others and the allocator need."""

EXHAUSTED = re.compile(
    r"out of memory|can't allocate memory|not enough memory|cannot allocate memory|bad_alloc"
    r"|could not create a (primitive|memory)|could not execute a primitive",
    re.IGNORECASE,
)


TRANSIENT = 1.5
"""What a forward and backward pass takes at its height, over what it keeps for the way back."""


def kept(model: nn.Module, run: Callable[[], object]) -> int:
    """Bytes that a forward pass keeps for the backward pass, parameters aside.

    A matter of shapes, so it is the same every time; what a process takes is not.
    """
    storages: dict[int, int] = {}

    def see(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(see, lambda tensor: tensor):
        outcome = run()
    del outcome  # until here its graph held the tensors, so no address was used twice
    parameters = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    return sum(size for address, size in storages.items() if address not in parameters)


def free(device: torch.device) -> int:
    """Bytes free on ``device``."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return hardware().free


def rows_that_fit(row: int, fixed: int, free: int) -> int:
    """Rows of a micro-batch, at least 1.

    Args:
        row: bytes that a row keeps (`kept`).
        fixed: bytes for gradients and the optimiser's state.
        free: bytes there are.
    """
    return max(1, int((SPARED * free - fixed) // max(TRANSIENT * row, 1)))


@contextmanager
def explained(rows: int, length: int, attempt: Callable[[int], None]) -> Iterator[None]:
    """Turn exhausted memory into one line that says which micro-batch fits.

    Args:
        rows: of a micro-batch, when memory ran out.
        length: of a row, in tokens.
        attempt: computes a micro-batch of so many rows without consequences.

    Raises:
        UnavailableError: memory ran out inside.
    """
    try:
        yield
        return
    except (MemoryError, RuntimeError) as error:
        if not exhausted(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold what filled the memory
    raise _too_large(rows, length, _largest(rows // 2, attempt))


def exhausted(error: BaseException) -> bool:
    """Whether an error says that there was no memory left."""
    kinds = (MemoryError, torch.OutOfMemoryError)
    return isinstance(error, kinds) or EXHAUSTED.search(str(error)) is not None


def _largest(rows: int, attempt: Callable[[int], None]) -> int:
    """The largest of ``rows``, half of it, … that can be computed with room to spare; 0: none."""
    while rows > 0:
        gc.collect()
        try:
            attempt(rows + -(-rows // 4))
        except (MemoryError, RuntimeError) as error:
            if not exhausted(error):
                raise
            traceback.clear_frames(error.__traceback__)
        else:
            return rows
        rows //= 2
    return 0


def _too_large(rows: int, length: int, fits: int) -> UnavailableError:
    what = f"memory ran out with micro-batches of {rows} x {length} tokens"
    if fits:
        return UnavailableError(what, mend=f"{fits} rows fit: set rows: {fits}")
    mend = "not even one row fits: set gradient_checkpointing, a shorter context or a smaller model"
    return UnavailableError(what, mend=mend)
