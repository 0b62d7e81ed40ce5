"""The formats of GGUF files that zaohua writes, and what a file says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Quant = Literal["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"]
QUANTS: Final[tuple[Quant, ...]] = get_args(Quant)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says about itself beside its weights."""

    name: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
