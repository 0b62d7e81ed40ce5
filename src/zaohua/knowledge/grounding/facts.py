"""What of a text must agree exactly with its source: numbers, names, quoted words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from zaohua.text.numerals import numbers

_QUOTED = re.compile(
    r"“([^”\n]{2,80})”|\"([^\"\n]{2,80})\"|「([^」\n]{2,80})」|《([^》\n]{1,80})》"
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
)
_NAME = re.compile(
    r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9'’&-]+(?:\s+(?:of\s+|the\s+)?[A-Z][A-Za-z0-9'’&-]+)*"
)
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9'’&.-]*[A-Za-z0-9]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NO_NAME = frozenset(
    """a an the this that these those it its he she we they you i if in on at by for from to of and
    or but so yes no not as is are was were be been there here when where while after before please
    however therefore also according based your our my their his her all any each both only once
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Hard:
    """A thing said: as it stands in the text, and as it is compared."""

    said: str
    key: str | Decimal


def hard_facts(text: str) -> list[Hard]:
    """The numbers, names, codes and quoted words of ``text``, in that order, each once."""
    codes = [match.group() for match in _CODE.finditer(text)]
    bare = _CODE.sub(lambda match: " " * len(match.group()), text)
    found = [Hard(bare[n.start : n.end].strip(), n.value) for n in numbers(bare)]
    quoted = [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]
    found += [Hard(said, plain(said)) for said in (*codes, *quoted, *_names(text))]
    return list({fact.key: fact for fact in found}.values())


def plain(text: str) -> str:
    """``text`` as it is compared: without width, case, spaces and the marks between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a source states: its numbers, and all its letters without what parts them."""

    numbers: frozenset[Decimal]
    letters: str

    @classmethod
    def of(cls, *texts: str) -> Stated:
        """What ``texts`` state together."""
        values = frozenset(number.value for text in texts for number in numbers(text))
        return cls(values, "\n".join(map(plain, texts)))

    def has(self, fact: Hard) -> bool:
        """Whether ``fact`` stands in it."""
        if isinstance(fact.key, Decimal):
            return fact.key in self.numbers
        return fact.key in self.letters


def _names(text: str) -> list[str]:
    """Latin names: in Chinese every such word, in English words with a capital, unless common."""
    if _HAN.search(text):
        return [match.group() for match in _LATIN.finditer(text)]
    found = []
    for match in _NAME.finditer(text):
        words = match.group().split()
        while words and words[0].casefold().rstrip("'’s") in _NO_NAME | {""}:
            words = words[1:]
        if words and not (len(words) == 1 and _begins_sentence(text, match.start())):
            found.append(" ".join(words))
    return found


def _begins_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t\"'“‘(*#->")
    return not before or before[-1] in ".!?:;\n。！？：；"
