"""Which facts a user means who says "forget my name" or "forget that I like coffee"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zaohua.assistant.memory.kinds import key_of
from zaohua.assistant.memory.rules import claims_in
from zaohua.knowledge.terms import asked_phrases
from zaohua.store.tables import MemoryRow
from zaohua.text.search_terms import search_terms

_MINE = re.compile(r"我|\b(?:i|i'm|my|me|mine)\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:关于)?我的?|^(?:about )?(?:my|that|what|where|who|how) ", re.IGNORECASE)
_NAMES = {
    "name": r"名字|姓名|称呼|叫什么|\bname\b|i am called",
    "city": r"住址|地址|城市|住在?(?:哪|的地方)|\bcity\b|\baddress\b|i live$|\bhome\b",
    "hometown": r"家乡|老家|\bhometown\b|i am from$",
    "job": r"工作$|职业|\bjob\b|\boccupation\b|\bprofession\b|for a living",
    "age": r"年龄|岁数|多大|\bage\b|old i am",
    "birthday": r"生日|\bbirthday\b",
    "allergy": r"^过敏|过敏$|过敏的|\ballerg(?:y|ies)\b",
    "diet": r"饮食|\bdiet\b",
    "like": r"^(?:喜好|爱好)|喜欢什么|\bhobb(?:y|ies)\b|what i like",
    "child": r"^(?:孩子|儿子|女儿)|\b(?:kids?|child(?:ren)?|son|daughter)\b",
    "pet": r"^(?:宠物|猫|狗)|\bpets?\b",
    "language": r"语言|\blanguage\b",
    "style": r"回答方式|\bstyle\b",
}


def speaks_of_oneself(told: str) -> bool:
    """Whether what is to be forgotten is something of the user's."""
    return _MINE.search(told) is not None


def meant(told: str, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    """The rows that ``told`` speaks of, the past ones too: by what it says, by kind, by words."""
    keys = {key_of(claim.kind, claim.value) for claim in claims_in(told)}
    said = [row for row in rows if row.key in keys]
    return said or _of_kind(told, rows) or _with_words(told, rows)


def _of_kind(told: str, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    if not _MINE.search(told):
        return []
    rest = _LEAD.sub("", told.strip())
    kinds = {kind for kind, names in _NAMES.items() if re.search(names, rest, re.IGNORECASE)}
    return [row for row in rows if row.kind in kinds]


def _with_words(told: str, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    """Rows that have every word that tells."""
    asked = [f" {' '.join(phrase)} " for phrase in asked_phrases(_LEAD.sub("", told))]
    return [row for row in rows if asked and all(one in _terms(row.text) for one in asked)]


def _terms(text: str) -> str:
    return f" {' '.join(search_terms(text))} "
