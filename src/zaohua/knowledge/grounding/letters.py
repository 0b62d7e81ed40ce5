"""Names, and texts as names are looked for in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from zaohua.knowledge.grounding.facts import plain
from zaohua.text.numerals import number
from zaohua.text.simplified import simplified

# What has a number for its name: 第十二条, 3号楼, Article 12; and years.
_NUMERAL = "[0-9零〇一二两三四五六七八九十百]"
NUMBERED = re.compile(
    rf"(?P<di>第{_NUMERAL}+[条章款节期届版季集号批])"
    rf"|(?P<hao>{_NUMERAL}+号(?:楼|线|店|馆|门|窗口|教室|车间|仓库?))|(?P<nian>(?:19|20)\d{{2}}(?=年))"
    r"|(?P<en>\b(?:article|section|chapter|clause|room|building|gate|line|platform|grade|version"
    r"|appendix|paragraph)\s+\d+)\b"
    r"|(?:\b(?:in|of|for|since|year)\s+)(?P<year>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
_NUMERALS = re.compile("[零〇一二两三四五六七八九十百]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question.

    Attributes:
        said: as it stands there.
        forms: letters of it (see `Letters.of`) of which one is enough in a text.
        pattern: or this in the text itself; empty for none.
        place: whether it may be that of a place.
    """

    said: str
    forms: tuple[str, ...]
    pattern: str = ""
    place: bool = False


@dataclass(frozen=True, slots=True)
class Letters:
    """A text as names are looked for in it.

    Attributes:
        text: in simplified characters and half width.
        letters: the same without case, spaces and marks; numbered things with digits.
        lower: the text without case.
    """

    text: str
    letters: str
    lower: str

    @classmethod
    def of(cls, text: str) -> Letters:
        """Read a text."""
        narrow = folded(text)
        return cls(narrow, plain(with_digits(narrow)), narrow.casefold())

    def has(self, name: Name) -> bool:
        """Whether the text has ``name``."""
        if any(form in self.letters and self._whole(form) for form in name.forms):
            return True
        return bool(name.pattern) and re.search(name.pattern, self.text) is not None

    def _whole(self, form: str) -> bool:
        """Whether Latin letters that stand in it are whole words of the text."""
        if not form.isascii():
            return True
        spread = r"[\W_]*".join(map(re.escape, form))
        return re.search(rf"(?<![a-z0-9]){spread}(?:['’]?s)?(?![a-z0-9])", self.lower) is not None


def folded(text: str) -> str:
    """``text`` in half width and simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text))


def with_digits(text: str) -> str:
    """``text`` with the numerals of numbered things as digits."""
    return NUMBERED.sub(lambda match: _NUMERALS.sub(_digits, match.group()), text)


def _digits(match: re.Match[str]) -> str:
    value = number(match.group())
    return match.group() if value is None else f"{value:f}"
