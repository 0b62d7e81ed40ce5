"""Computes pieces of texts by the library, those of all texts in one step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from zaohua.generate.ik.crew import Crew
from zaohua.generate.ik.library import Library
from zaohua.generate.ik.texts import Held
from zaohua.generate.pipeline.pieces import Piece

_Row = tuple[int, int, int, bool]


class Steps:
    """The model of ``library``, whose cache holds texts by `texts.Held`.

    Guesses change nothing of a text that is alone. Other texts change its numbers a little: where
    theirs lie between its cells, it is summed in other groups, and rounded to eight bits after.
    """

    def __init__(self, library: Library, threads: int) -> None:
        self._library = library
        self._crew = Crew(threads)
        self._ends: dict[int, int] = {}
        """Of each text, up to where something was computed."""

    def logits(self, pieces: Sequence[Piece[Held]]) -> npt.NDArray[np.float32]:
        """Compute ``pieces``; what was asked to be told, in their order:
        float32[rows, vocabulary], valid until the next call.

        Raises:
            RuntimeError: it failed.
        """
        for piece in pieces:
            self._forget_what_follows(piece)
        rows = [row for piece in pieces for row in _rows(piece)]
        most = self._library.batch
        if len(rows) <= most:
            return self._step(rows)
        parts = (rows[begin : begin + most] for begin in range(0, len(rows), most))
        return np.concatenate([self._step(part).copy() for part in parts])

    def _step(self, rows: Sequence[_Row]) -> npt.NDArray[np.float32]:
        self._library.use(self._crew.size)
        begun = time.perf_counter()
        told = self._library.step(*zip(*rows, strict=True))
        self._crew.note(len(rows), time.perf_counter() - begun)
        return told

    def _forget_what_follows(self, piece: Piece[Held]) -> None:
        """What was computed in vain, as wrong guesses, makes room."""
        text = piece.held.text
        if self._ends.get(text, 0) > piece.start:
            self._library.forget(text, piece.start)
        self._ends[text] = piece.start + len(piece.tokens)


def _rows(piece: Piece[Held]) -> Iterator[_Row]:
    """Token, place, text, and whether its logits are told, of each token."""
    first = len(piece.tokens) - piece.told
    for number, token in enumerate(piece.tokens):
        yield token, piece.start + number, piece.held.text, number >= first
