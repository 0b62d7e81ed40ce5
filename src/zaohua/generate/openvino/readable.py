"""Files whose weights OpenVINO reads rightly; others are written anew, once, a little finer.

It also takes Q4_1 and Q4_K, but rounds the least value of a block to a whole number of steps: with
SmolLM2-135M in Q4_1 none of 20 greedy answers began like that of the same weights elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import gguf

from zaohua.generate.weights import rewrite
from zaohua.store.gguf import read_metadata

_Type = gguf.GGMLQuantizationType
READABLE = frozenset({_Type.F32, _Type.F16, _Type.BF16, _Type.Q4_0, _Type.Q8_0})
INSTEAD = _Type.Q8_0
"""Of the others: finer than any of them, so that nothing is lost but room."""


def readable(path: Path, rewritten: Path) -> Path:
    """The file itself, or ``rewritten``, in which its other tensors are Q8_0.

    Raises:
        IntegrityError: the file is no GGUF file.
        OSError: the new file cannot be written.
    """
    if READABLE.issuperset(read_metadata(path)["tensor_types"]):
        return path
    if not rewritten.exists():
        rewrite(path, rewritten, _finer)
    return rewritten


def _finer(tensor: gguf.ReaderTensor) -> gguf.GGMLQuantizationType:
    return tensor.tensor_type if tensor.tensor_type in READABLE else INSTEAD
