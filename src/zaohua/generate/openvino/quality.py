"""How well the weights of a graph know language: bits per byte of answers to questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from zaohua.generate.openvino.blocks import BLOCK, Held
from zaohua.generate.openvino.graph import Compiled
from zaohua.generate.openvino.vocabulary import OpenVinoVocabulary
from zaohua.generate.pipeline.choosing import log_probability
from zaohua.generate.pipeline.pieces import Piece

_LONGEST: Final = 1024
"""Tokens of a question and its answer."""


def bits_of_graph(folder: Path, answers: Mapping[str, str], threads: int) -> float:
    """Bits that a byte of the ``answers`` costs, given the questions, computed in f32."""
    vocabulary = OpenVinoVocabulary(folder)
    graph = Compiled(folder, "f32", threads)
    graph.use(graph.new_cache(_LONGEST // BLOCK))
    nats = sum(_nats(graph, vocabulary, question, text) for question, text in answers.items())
    return nats / math.log(2) / sum(len(text.encode()) for text in answers.values())


def _nats(graph: Compiled, vocabulary: OpenVinoVocabulary, question: str, text: str) -> float:
    messages = [{"role": "user", "content": question}]
    asked = vocabulary.render(messages, add_generation_prompt=True)
    prompt, answer = (vocabulary.encode(one, ends=False) for one in (asked, text))
    tokens = [*prompt, *answer][:_LONGEST]
    expected = tokens[len(prompt) :]
    piece = Piece(tokens[:-1], 0, Held([*range(_LONGEST // BLOCK)]), told=len(expected))
    rows = graph.logits([piece])
    return -sum(log_probability(row, token) for row, token in zip(rows, expected, strict=True))
