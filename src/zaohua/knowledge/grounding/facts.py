"""What of a text must agree exactly with its source: numbers, names, quoted words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from zaohua.text.numerals import Number, numbers

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
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛范彭郎鲁韦马苗"
    "凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝安常乐于时傅皮卞齐康伍余元顾孟平黄和穆萧尹姚邵汪祁毛禹狄"
    "米贝明臧计成戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房"
    "解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁段侯焦谷车巫涂冼欧聂关查曾沙温文庄柴阎连习向古易廖居步耿"
)
_PERSON = re.compile(
    rf"(?<=[由是叫为请找人理师长任和、，：:和与]) ?([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"(?=[于在说任创主负先女老，。、；）)！]|担任|医生|经理|教授|$)"
)
"""A Chinese name of a person, where what stands beside it says so."""
_ORGANISATION = re.compile(
    r"([\u4e00-\u9fff]{2}(?:科技|集团|股份|工坊|工厂|实业|商城|书店|银行|大学|学院|医院|研究院|研究所|基金会))"
)
"""The end of a Chinese name of an organisation; where it begins, nothing says."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATE = re.compile(
    r"下午|傍晚|晚上|今晚|明晚|当晚|夜里|午后|\bp\.?m\b|\b(?:afternoon|evening|night)\b", re.I
)
_LATE_BEFORE = re.compile(r"(?:下午|傍晚|晚上|今晚|明晚|当晚|夜里|午后)\s*$")
_HOUR_AFTER = re.compile(r"\s*[点时:：]")
_LATE_AFTER = re.compile(r"(?::\d\d)?\s*p\.?m\b", re.IGNORECASE)
_PART = re.compile(r"[。！？!?；;\n]")
_FULL_HOUR = re.compile(r"\d[:：]$")
_HALF_DAY = 12
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
    found = [
        Hard(bare[n.start : n.end].strip(), _by_the_day(n, bare))
        for n in numbers(bare)
        if n.value or not _FULL_HOUR.search(bare[: n.start])
    ]
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
        parts = [part for text in texts for part in _PART.split(text)]
        values = frozenset(value for part in parts for value in _values(part))
        return cls(values, "\n".join(map(plain, texts)))

    def has(self, fact: Hard) -> bool:
        """Whether ``fact`` stands in it."""
        if isinstance(fact.key, Decimal):
            return fact.key in self.numbers
        return fact.key in self.letters


def _by_the_day(number: Number, text: str) -> Decimal:
    """Its value; of an hour said to be after noon that of the whole day: 22 for 晚上10点."""
    before, after = text[: number.start], text[number.end :]
    spoken = _LATE_BEFORE.search(before) and _HOUR_AFTER.match(after)
    late = 1 <= number.value < _HALF_DAY and (spoken or _LATE_AFTER.match(after))
    return number.value + _HALF_DAY if late else number.value


def _values(part: str) -> set[Decimal]:
    """The numbers of a part of a text; where it speaks of times after noon, by the day as well."""
    found = {number.value for number in numbers(part)}
    if not _LATE.search(part):
        return found
    return found | {value + _HALF_DAY for value in found if 1 <= value < _HALF_DAY}


def _names(text: str) -> list[str]:
    """Names: in Chinese of persons and bodies and all Latin words, in English by capitals."""
    if _HAN.search(text):
        named = [*_PERSON.finditer(text), *_ORGANISATION.finditer(text)]
        return [
            *(match.group(1) for match in named),
            *(match.group() for match in _LATIN.finditer(text)),
        ]
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
