"""Names of things: which are the same, which are names at all."""

from __future__ import annotations

import re

from zaohua.text.search_terms import search_terms

LONGEST = 60
"""Characters of a name; what is longer is a value."""
MOST_TERMS = 20
"""Terms of a name that can be found in a question."""

_KEY = 200
_EDGES = " \t　,，。;；:：、.!！?？\"'“”‘’「」《》<>()（）[]【】*_`|-–—·"
_UNIT = (
    "元|块|角|天|日|号|年|月|周|岁|时|点|分钟?|秒|小时|个|只|条|种|名|位|家|人|件|台|片|粒|颗|次|倍|页|章"
    "|万|亿|公?斤|毫?克|千克|吨|平方米|厘米|毫米|公里|千米|米|毫?升|度|℃|美元|欧元|英镑|港币|日元|以上|以下|左右"
    "|[a-z]{1,3}|%|years?|days?|hours?|minutes?|months?|weeks?|people|percent|dollars?|yuan"
)
_VALUE = re.compile(
    r"^[约近达共逾超]?[\d零〇一二两三四五六七八九十百千万亿][\d,.零〇一二两三四五六七八九十百千万亿]*"
    r"\s*(?:" + _UNIT + r"){0,3}$"
    r"|^[¥$€£]\s?\d|\d{4}[-/年]\d{1,2}|^[\d\W_]+$|^(?:yes|no|是|否|有|无|true|false)$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:他|她|它|其|我|你|您|他们|她们|它们|我们|这|那|此|该|本|这个|那个|这里|那里|这些|那些|以下|以上"
    r"|he|she|it|they|we|you|i|this|that|these|those|there|here|who|which|what|one|some|all|any"
    r"|the following|the above)$",
    re.IGNORECASE,
)


def cleaned(name: str) -> str:
    """``name`` without marks and spaces at its edges."""
    return " ".join(name.split()).strip(_EDGES)


def key_of(name: str) -> str:
    """What is equal for names that are: case, width, spaces and marks do not count."""
    return " ".join(search_terms(name))[:_KEY]


def is_value(name: str) -> bool:
    """Whether ``name`` is a number, a day, or a clause, rather than the name of something."""
    return len(name) > LONGEST or _VALUE.search(name) is not None


def is_name(name: str) -> bool:
    """Whether something may be called ``name``: no pronoun, no number, not only marks."""
    return bool(key_of(name)) and not _NO_NAME.match(name) and not is_value(name)
