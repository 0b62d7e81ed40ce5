"""What form a poem has: lines and characters a line, told from the text alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["五绝", "七绝", "五律", "七律", "词", "曲", "other"]

KINDS: tuple[Kind, ...] = get_args(Kind)

HANZI = r"\u3400-\u9fff\U00020000-\U0003ffff〇"
STOPS = "，。！？；：、"
_QUOTES = str.maketrans("", "", "「」『』“”‘’《》〈〉 \u3000\t")
_SOUND = re.compile(f"[{HANZI}][{HANZI}{STOPS}]*")
_BETWEEN = re.compile(f"[{STOPS}\\s]+")


@dataclass(frozen=True, slots=True)
class Form:
    """A regular form.

    Attributes:
        kind: its short name.
        title: its full name.
        english: what it is called in English.
        lines, characters: how many lines, and characters in each.
    """

    kind: Kind
    title: str
    english: str
    lines: int
    characters: int


FORMS: Mapping[Kind, Form] = MappingProxyType(
    {
        form.kind: form
        for form in (
            Form("五绝", "五言绝句", "five-character quatrain", 4, 5),
            Form("七绝", "七言绝句", "seven-character quatrain", 4, 7),
            Form("五律", "五言律诗", "five-character regulated verse", 8, 5),
            Form("七律", "七言律诗", "seven-character regulated verse", 8, 7),
        )
    }
)


def without_quotes(text: str) -> str:
    """The text without quotation marks and spaces, which editors added."""
    return text.translate(_QUOTES)


def is_sound(text: str) -> bool:
    """Whether there is nothing but characters and stops: no gap (□), note, bracket or digit."""
    return _SOUND.fullmatch(text) is not None


def verses(text: str) -> tuple[str, ...]:
    """The lines of a poem without stops: what stands between two of them, or line breaks."""
    return tuple(line for line in _BETWEEN.split(text) if line)


def regular_form(lines: tuple[str, ...]) -> Form | None:
    """The regular form that these lines have by count, if any."""
    for form in FORMS.values():
        if len(lines) == form.lines and all(len(line) == form.characters for line in lines):
            return form
    return None


def laid_out(lines: tuple[str, ...]) -> str:
    """Lines of a regular poem as text: a couplet a line, closed by a comma and a full stop."""
    couplets = (f"{a}，{b}。" for a, b in zip(lines[::2], lines[1::2], strict=True))
    return "\n".join(couplets)
