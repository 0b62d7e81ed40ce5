"""The kinds of facts: what they are called, what takes the place of what, how fast they fade."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zaohua.text.search_terms import search_terms

NOTE = "note"
LASTING, USUAL, PASSING = 720.0, 360.0, 120.0
_LONGEST_KEY = 128


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact.

    Attributes:
        chinese: the words before a value in Chinese.
        english: those in English.
        single: one of them holds at a time.
        standing: goes with every question.
        half_life: days in which an unused fact loses half its weight.
    """

    chinese: str
    english: str
    single: bool = False
    standing: bool = False
    half_life: float = USUAL


KINDS = {
    "name": Kind("称呼", "Name", single=True, standing=True, half_life=LASTING),
    "language": Kind("回答用", "Answer in", single=True, standing=True, half_life=LASTING),
    "style": Kind("回答方式", "How to answer", standing=True),
    "city": Kind("住在", "Lives in", single=True),
    "hometown": Kind("来自", "Comes from", single=True, half_life=LASTING),
    "job": Kind("职业", "Job", single=True),
    "age": Kind("年龄", "Age", single=True),
    "birthday": Kind("生日", "Birthday", single=True, half_life=LASTING),
    "diet": Kind("饮食", "Diet", single=True, half_life=LASTING),
    "allergy": Kind("过敏", "Allergic to", half_life=LASTING),
    "avoid": Kind("不吃不喝", "Does not eat or drink"),
    "like": Kind("喜欢", "Likes", half_life=PASSING),
    "dislike": Kind("不喜欢", "Dislikes", half_life=PASSING),
    "child": Kind("孩子", "Child"),
    "pet": Kind("宠物", "Pet"),
    "learning": Kind("在学", "Learning", half_life=PASSING),
    NOTE: Kind("", ""),
}
"""By name, in the order in which they are listed."""

_SLOTS = {"like": "taste", "dislike": "taste", "avoid": "taste"}
_TASTE = re.compile(
    r"^(?:吃|喝|抽|(?:to )?(?:eat|drink|smok)(?:ing|e)? |to )(?=.)|^(?:a|an|the) ", re.IGNORECASE
)
_LENGTH = re.compile(
    r"简短|简洁|简练|详细|详尽|长|短|\b(?:brief|short|concise|long|detail|terse)", re.IGNORECASE
)
_RELATIVE = re.compile(
    r"女儿|闺女|儿子|双胞胎|孩子|宝宝|娃|\b(?:daughter|son|twin|kid|child|baby)", re.IGNORECASE
)
_ANIMAL = re.compile(
    r"猫|狗|犬|鸟|鹦鹉|兔|仓鼠|鱼|龟|马|"
    r"\b(?:cat|kitten|dog|pupp|parrot|rabbit|hamster|horse|goldfish)",
    re.IGNORECASE,
)


def text_of(kind: str, value: str, language: str) -> str:
    """``Lives in: Chengdu``; a note is its value."""
    chinese = language == "zh"
    label = KINDS[kind].chinese if chinese else KINDS[kind].english
    return f"{label}{'：' if chinese else ': '}{value}" if label else value


def value_of(kind: str, text: str) -> str:
    """The value of a text that may begin as `text_of` has it."""
    labels = filter(None, (KINDS[kind].chinese, KINDS[kind].english))
    labelled = re.match(rf"(?:{'|'.join(labels)})\s*[:：]\s*", text) if kind != NOTE else None
    return text[labelled.end() :] if labelled and labelled.end() < len(text) else text


def key_of(kind: str, value: str) -> str:
    """What a fact is about: of one key, one fact holds."""
    if KINDS[kind].single:
        return kind
    return f"{_SLOTS.get(kind, kind)}:{_topic(kind, value)}"[:_LONGEST_KEY]


def _topic(kind: str, value: str) -> str:
    if kind == "style" and _LENGTH.search(value):
        return "length"
    named = {"child": _RELATIVE, "pet": _ANIMAL}.get(kind)
    if named and (found := named.search(value)):
        return found.group().lower()
    plain = _TASTE.sub("", value) if kind in _SLOTS else value
    return " ".join(search_terms(plain)) or plain
