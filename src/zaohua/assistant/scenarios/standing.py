"""Whether a text stands in another one, however numbers, spaces and emphasis are written."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from zaohua.text.numerals import numbers

_MARKS: Final = re.compile(r"\[\d{1,3}\]|[*`]|(?<!\w)_|_(?!\w)")
"""Citations and emphasis."""
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_EASTERN: Final = r"[^\x00-\u024f]"
_LOOSE: Final = re.compile(rf"(?<={_EASTERN})\s+|\s+(?={_EASTERN})")
_CODE: Final = re.compile(r"0\d")
"""Begins what is no number but a sign: 0937."""
_ENDINGS: Final = r"(?:s|es|d|ed|ing|ly|'s)?(?![a-z])"


def stands(part: str, text: str) -> bool:
    """Whether ``part`` stands in ``text``.

    Letters count alike in upper and lower case, 14 天, 14天 and 十四天 are the same, 14 does not
    stand in 114, and a word of Latin letters stands as a word (with the endings of its forms).
    """
    wanted, said = plain(part), plain(text)
    if not wanted:
        return False
    return _found(wanted, said) or _found(in_digits(wanted), in_digits(said))


def plain(text: str) -> str:
    """Without what does not count: case, width, emphasis, spaces beside Chinese characters."""
    read = unicodedata.normalize("NFKC", _MARKS.sub("", text)).casefold()
    read = _THOUSANDS.sub("", " ".join(read.split()))
    return _LOOSE.sub("", read)


def in_digits(text: str) -> str:
    """``text`` with its numbers in digits: 十四天 as 14天."""
    parts, place = [], 0
    for number in numbers(text):
        said = text[number.start : number.end]
        kept = said if _CODE.match(said) else f"{number.value.normalize():f}"
        parts += [text[place : number.start], kept]
        place = number.end
    return "".join([*parts, text[place:]])


def _found(part: str, text: str) -> bool:
    return re.search(_pattern(part), text) is not None


def _pattern(part: str) -> str:
    before, after = "", ""
    if part[0].isdigit():
        before = r"(?<!\d)(?<!\d[.])"
    elif _is_latin(part[0]):
        before = r"(?<![a-z])"
    if part[-1].isdigit():
        after = r"(?!\d|[.]\d)"
    elif _is_latin(part[-1]):
        after = _ENDINGS
    return f"{before}{re.escape(part)}{after}"


def _is_latin(character: str) -> bool:
    return "a" <= character <= "z"
