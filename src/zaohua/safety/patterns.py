"""What an operator writes for a rule, as patterns over folded text."""

from __future__ import annotations

import re

from zaohua.safety.folding import folded

_GAP = r"[\W_]{0,4}"
_HAN = re.compile("[\u3400-\u9fff]")


def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression in which a blank is up to four characters that are no letters.

    Raises:
        ValueError: it is none.
    """
    try:
        return re.compile(_with_gaps(pattern))
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None


def of_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of ``words``: in alphabets as whole words, in Chinese wherever they stand."""
    plain = sorted({folded(word).text.strip() for word in words}, key=lambda one: (-len(one), one))
    chinese = "|".join(re.escape(word) for word in plain if _HAN.search(word))
    spaced = "|".join(_spaced(word) for word in plain if not _HAN.search(word))
    parts = [chinese] if chinese else []
    if spaced:
        parts.append(rf"(?<![a-z0-9])(?:{spaced})(?![a-z0-9])")
    return re.compile("|".join(parts))


def _spaced(words: str) -> str:
    return _GAP.join(map(re.escape, words.split()))


def _with_gaps(pattern: str) -> str:
    """Blanks outside of ``[...]`` replaced."""
    parts, within, escaped = [], False, False
    for character in pattern:
        parts.append(_GAP if character == " " and not within and not escaped else character)
        if not escaped and character in "[]":
            within = character == "["
        escaped = character == "\\" and not escaped
    return "".join(parts)
