"""Names that a question asks about, and whether a text has them, in whatever way it writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zaohua.knowledge.grounding.chinese_names import bodies, persons, places
from zaohua.knowledge.grounding.english_names import MEASURE, english, is_english, latin
from zaohua.knowledge.grounding.facts import plain
from zaohua.knowledge.grounding.letters import NUMBERED, Letters, Name, with_digits

_HAN_ONE = re.compile("[\u3400-\u9fff]")
_CODE = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
    r"|(?<![\d.,])\d{6,}(?![\d.,])"
)
_QUOTED = re.compile(r"《([^》\n]{1,40})》|[“「\"]([^”」\"\n]{2,12})[”」\"]")
_PERSONAL = re.compile(r"我|\b(?:i|i'm|i've|my|we|our)\b", re.IGNORECASE)
_EVERYWHERE = re.compile(
    r"全国|各地|其他(?:地区|省|城市)|所有(?:地区|城市)|全球|境外|海外|国外|worldwide|anywhere|everywhere|abroad"
    r"|nationwide|outside (?:the|of)|overseas|only (?:with)?in (?:the )?[A-Z]|all (?:countries|cities|regions)|international|other countries",
    re.IGNORECASE,
)
_AMONG_ALL = re.compile(
    r"[仅只]|所有|任何|一律|全部|均|凡|\b(?:all|any|every|only|no|each)\b", re.IGNORECASE
)


def names_in(question: str) -> list[Name]:
    """The names, codes, numbered things and years of a folded ``question``, each once."""
    found = [*_numbered(question), *_codes(question), *_quoted(question)]
    if _HAN_ONE.search(question):
        found += english(question) if is_english(question) else latin(question)
        found += [*bodies(question), *places(question), *persons(question)]
    else:
        found += english(question)
    return list({name.forms or (name.pattern,): name for name in found}.values())


def lacking(names: Sequence[Name], texts: Sequence[Letters]) -> list[Name]:
    """Those of ``names`` that none of ``texts`` has, nor speaks of all that are like it."""
    return [
        name
        for name in names
        if not any(text.has(name) for text in texts) and not _compares(name, texts)
    ]


def speaks_of_all(text: str) -> bool:
    """Whether a sentence is about all things of a kind: *only*, 所有."""
    return _AMONG_ALL.search(text) is not None


def _compares(name: Name, texts: Sequence[Letters]) -> bool:
    """Whether the want of it says nothing: another script, or a place where all are meant."""
    if name.place and any(_EVERYWHERE.search(text.text) for text in texts):
        return True
    if name.pattern.startswith(_SAME_NUMBER):
        return False
    chinese = _HAN_ONE.search(name.said) is not None
    if chinese:
        return not any(_HAN_ONE.search(text.text) for text in texts)
    return False


_SAME_NUMBER = "(?<!"


def _numbered(question: str) -> Iterator[Name]:
    personal = _PERSONAL.search(question) is not None
    for match in NUMBERED.finditer(question):
        said = next(filter(None, match.groups()))
        if match["nian"] or match["year"]:
            if not personal:
                yield Name(said, (), rf"{_SAME_NUMBER}\d){said}(?!\d)")
        else:
            yield Name(said, (), rf"(?i){_digits_pattern(with_digits(said))}")


def _digits_pattern(said: str) -> str:
    """The same numbered thing with digits or Chinese numerals: 第12条, 第十二条."""
    number = re.search(r"\d+", said)
    if number is None:
        return re.escape(said)
    before, after = said[: number.start()], said[number.end() :]
    ways = "|".join((number.group(), *_chinese_ways(int(number.group()))))
    return rf"{re.escape(before.strip())}\s*(?<!\d)(?:{ways})(?!\d)\s*{re.escape(after)}"


def _chinese_ways(number: int) -> list[str]:
    digits = "零一二三四五六七八九"
    if number < 10:
        return [digits[number], *(["两"] if number == 2 else [])]
    tens, ones = divmod(number, 10)
    if number < 100:
        return [("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")]
    return []


def _codes(question: str) -> Iterator[Name]:
    for match in _CODE.finditer(question):
        if not MEASURE.fullmatch(match.group()):
            yield Name(match.group(), (plain(match.group()),))


def _quoted(question: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(question):
        said = next(filter(None, match.groups()))
        whole = plain(said)
        half = max(2, (len(whole) + 1) // 2)
        parts = {whole[at : at + half] for at in range(len(whole) - half + 1)}
        yield Name(said, (whole, *sorted(parts)) if match[1] is None else (whole,))
