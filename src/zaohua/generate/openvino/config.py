"""What an OpenVINO worker is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenVinoConfig:
    """Lengths are tokens.

    Attributes:
        folder: of the graph and the tokenizer (`openvino.weights`).
        cached: what the prefix cache may hold beside the context.
        ends: the tokens that end an answer.
        precision: of the arithmetic: ``f32``, or ``mixed``, which reads in bf16 and writes in f32.
    """

    folder: str
    key: str
    context_length: int
    slots: int
    threads: int
    batch: int
    cached: int
    ends: tuple[int, ...]
    precision: str = "f32"

    def __repr__(self) -> str:
        return f"OpenVinoConfig({self.folder!r}, context_length={self.context_length})"
