"""A text made shorter in its own words, without a model: what says most of it stays."""

from __future__ import annotations

import re
from typing import Any, Final

from zaohua.text.instructions import is_chinese

_PIECE: Final = re.compile(r"[^，,；;。！？!?\n]+(?:[，,；;。！？!?\n]+\s*|$)|.", re.DOTALL)
_FIGURE: Final = re.compile(r"\d+")
_NAME: Final = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][a-z]+|[“\"《][^”\"》]+[”\"》]")
_FILLER: Final = re.compile(
    r"大家|正如|众所周知|也许|可能已经|总的来说|实际上|事实上|值得一提|表示|歉意|感谢|非常|十分|深深|一直以来"
    r"|\b(?:as you|perhaps|may|might|would like|sorry|thank|hardly|very|quite|really|actually"
    r"|of course|which|who|such|so to speak|in fact|it goes without saying)\b",
    re.IGNORECASE,
)
_END: Final = "，,；;。！？!?.、 \n"


def gist(text: Any, most: float) -> str:
    """The clauses of ``text`` that say most, in their order, in ``most`` characters or so.

    Clauses with numbers and names come first, those of courtesy and comment last.
    """
    text = str(text).strip()
    found = [piece for piece in _PIECE.findall(text) if piece.strip(_END)]
    order = sorted(range(len(found)), key=lambda place: (-_worth(found[place]), place))
    kept: list[int] = []
    for place in order:
        if not kept or sum(len(found[at]) for at in kept) + len(found[place]) <= most:
            kept.append(place)
    said = "".join(found[place] for place in sorted(kept)).strip(_END)
    stop = "。" if is_chinese(said) else "."
    return said[:1].upper() + said[1:] + stop if said else text


def _worth(piece: str) -> float:
    """Of a clause: what it states, against what it only says by the way."""
    facts = 2 * len(_FIGURE.findall(piece)) + len(_NAME.findall(piece))
    return facts - 2 * len(_FILLER.findall(piece)) + min(len(piece), 40) / 100
