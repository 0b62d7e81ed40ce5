"""How well the weights of a graph know language: bits per byte of answers to questions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from zaohua.generate.openvino.paged.blocks import BLOCK
from zaohua.generate.openvino.paged.choosing import log_probability
from zaohua.generate.openvino.paged.graph import Compiled, Piece

_LONGEST: Final = 1024
"""Tokens of a question and its answer."""


def bits_of_graph(folder: Path, answers: Mapping[str, str], threads: int) -> float:
    """Bits that a byte of the ``answers`` costs, given the questions, computed in f32."""
    import openvino_genai

    tokenizer = openvino_genai.Tokenizer(str(folder))
    graph = Compiled(folder, "f32", threads)
    graph.use(graph.new_cache(_LONGEST // BLOCK))
    nats = sum(_nats(graph, tokenizer, question, text) for question, text in answers.items())
    return nats / math.log(2) / sum(len(text.encode()) for text in answers.values())


def _nats(graph: Compiled, tokenizer: Any, question: str, text: str) -> float:
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": question}], add_generation_prompt=True
    )
    prompt, answer = _tokens(tokenizer, asked), _tokens(tokenizer, text)
    tokens = [*prompt, *answer][:_LONGEST]
    expected = tokens[len(prompt) :]
    piece = Piece(tokens[:-1], 0, range(_LONGEST // BLOCK), told=len(expected))
    rows = graph.logits([piece])
    return -sum(log_probability(row, token) for row, token in zip(rows, expected, strict=True))


def _tokens(tokenizer: Any, text: str) -> Sequence[int]:
    encoded = tokenizer.encode(text, add_special_tokens=False).input_ids.data
    return [int(token) for token in encoded.reshape(-1)]
