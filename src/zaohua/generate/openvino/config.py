"""What an OpenVINO worker is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenVinoConfig:
    """Lengths are tokens.

    Attributes:
        path: of the GGUF file.
        rewritten: the file to write if OpenVINO cannot read that one as it is.
        cached: what the prefix cache may hold beside the context.
        ends: the tokens that end an answer.
        precision: of the arithmetic: ``f32``, ``bf16``, or ``mixed``, which reads in bf16 and
            writes in f32; only with a ``folder``.
        folder: of a graph with weights in few bits (`paged.weights`), which stands for the file.
    """

    path: str
    rewritten: str
    key: str
    context_length: int
    slots: int
    threads: int
    batch: int
    cached: int
    ends: tuple[int, ...]
    precision: str = "f32"
    folder: str = ""

    def __repr__(self) -> str:
        return f"OpenVinoConfig({self.path!r}, context_length={self.context_length})"
