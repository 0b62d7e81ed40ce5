"""What a worker with ik_llama.cpp is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IkConfig:
    """Lengths are tokens.

    Attributes:
        path: of the GGUF file.
        library: what was compiled here.
        batch: tokens of a step.
        kept: bytes of texts that nobody goes on with.
        ends: the tokens that end an answer.
    """

    path: str
    library: str
    key: str
    context_length: int
    slots: int
    threads: int
    batch: int
    kept: int
    ends: tuple[int, ...]

    def __repr__(self) -> str:
        return f"IkConfig({self.path!r}, context_length={self.context_length})"
