"""Which cleaning steps with which settings suit which sort of text.

A preset is a row of steps in the order in which they run. Steps that look at one record alone come
first; the last ones compare records. What is not named here has the step's own default.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Options = Mapping[str, Any]

ORDER = (
    "repair",
    "normalise",
    "markup",
    "language",
    "chinese_script",
    "length",
    "composition",
    "lines",
    "repetition",
    "harmful_words",
    "personal",
    "contamination",
    "duplicates",
    "near_duplicates",
    "duplicate_lines",
)
"""All steps, in running order, whichever of them a preset has."""

WEB: dict[str, Options] = {
    "repair": {},
    "normalise": {},
    "markup": {},
    "language": {},
    "length": {"least_words": 50, "least_characters": 80},
    "composition": {},
    "lines": {},
    "repetition": {},
    "harmful_words": {},
    "personal": {},
    "duplicates": {},
    "near_duplicates": {},
    "duplicate_lines": {},
}
"""Pages of unknown quality: every rule of Gopher, C4 and FineWeb, Chinese, English or both."""

DOCUMENTS: dict[str, Options] = {
    "repair": {},
    "normalise": {},
    "language": {"keep": ()},
    "length": {},
    "personal": {},
    "duplicates": {},
    "near_duplicates": {},
}
"""A person's own documents and books, in any language: what is there is wanted.

No rules of composition, lines and repetition: manuals full of commands, licences with their
formulas and tables break them. No removal of markup: a text about HTML keeps its tags.
"""

VERSE: dict[str, Options] = {
    "repair": {},
    "normalise": {},
    "language": {"keep": ()},
    "length": {"least_words": 4, "least_characters": 8},
    "duplicates": {},
    "near_duplicates": {"characters": 4, "words": 3},
}
"""Poems and songs: short lines, refrains and short texts are right. Shingles are shorter, as a
quatrain has but twenty characters."""

CHAT: dict[str, Options] = {
    "repair": {},
    "normalise": {},
    "language": {"keep": ()},
    "length": {"least_words": 1, "least_characters": 1},
    "repetition": {"most_lines": None, "most_paragraphs": None},
    "harmful_words": {},
    "personal": {},
    "duplicates": {},
}
"""Conversations. Code repeats its lines, so only n-grams are judged. No near-duplicates: like
questions with other answers are wanted."""

LABELLED: dict[str, Options] = {
    "repair": {},
    "normalise": {},
    "language": {"keep": ()},
    "length": {"least_words": 1, "least_characters": 1},
    "duplicates": {},
}
"""Texts with a label: nothing may change what the label was given for. The same text under the same
label counts once."""

PRESETS: Mapping[str, Mapping[str, Options]] = MappingProxyType(
    {
        "web": WEB,
        "documents": DOCUMENTS,
        "verse": VERSE,
        "chat": CHAT,
        "labelled": LABELLED,
        "none": {},
    }
)
