"""Finds the calls that a question plainly asks for, so that a small model need not find them.

Only what stands in the question in so many words: a calculation, a conversion, a date to reckon
from, a table of options with weights. What could mean something else is left to the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from zaohua.assistant.tools.calculating.parser import compute
from zaohua.assistant.tools.converter import unit_named
from zaohua.assistant.tools.date_words import DATE_FORMS
from zaohua.assistant.tools.deciding.tables import table_in
from zaohua.errors import ZaohuaError
from zaohua.generate.request import ToolCall
from zaohua.generate.tool_calls import new_call_id

LONGEST = 400
"""Longer texts are tasks of another kind, unless they hold a table."""
_NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?"
_DAY_WORDS = ("今天", "明天", "昨天", "后天", "前天", "today", "tomorrow", "yesterday")
_DATES = re.compile(
    "|".join((*(re.sub(r"\?P<\w+>", "?:", form) for form in DATE_FORMS), *_DAY_WORDS)), re.I
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORDS = (
    (re.compile(r"(?<=[\d)）%])\s*(?:加上?|plus|add(?:ed to)?)\s*(?=[\d(（])", re.I), " + "),
    (re.compile(r"(?<=[\d)）%])\s*(?:减去?|minus)\s*(?=[\d(（])", re.I), " - "),
    (re.compile(r"(?<=[\d)）%])\s*(?:乘以?|times|multiplied by|x)\s*(?=[\d(（])", re.I), " * "),
    (re.compile(r"(?<=[\d)）%])\s*(?:除以|divided by|over)\s*(?=[\d(（])", re.I), " / "),
    (re.compile(r"(\d[\d.]*)\s*的\s*(\d+)\s*次方"), r"\1^\2"),
    (re.compile(r"(\d[\d.]*)\s+to the power (?:of )?(\d+)", re.I), r"\1^\2"),
    (re.compile(r"(?:the )?square root of (\d+(?:\.\d+)?)", re.I), r"sqrt(\1)"),
    (re.compile(r"(\d[\d.]*)\s*(?:的平方根|开平方)"), r"sqrt(\1)"),
    (re.compile(r"(\d[\d.]*)\s*(?:的平方|squared)", re.I), r"\1^2"),
    (re.compile(r"(?<=[\d万亿])\s*元?的\s*(\d[\d.]*%)"), r"的\1"),
)
_CALCULATION = re.compile(
    r"(?:sqrt\(|[-(（√]*)\d[\d.,]*[\d万亿]*"
    r"(?:\s*(?:\*\*|[-+*/×÷^%!)）(（.,]|of|的|mod|sqrt)+\s*|[\d万亿]+)*"
)
_JOINED = re.compile(r"[\d)）%万亿]\s*(?:\*\*|[-+*/×÷^%]|of|的)\s*[\d(（√s]|sqrt\(|\d!")
_DOUBTFUL = re.compile(r"\d+(?:[-/]\d+)+")
"""A range, a house number, a telephone number or a calculation."""
_ASKS = re.compile(
    r"多少|几|等于|计算|算|求|=|what(?:'s| is| are)|how (?:much|many)|calculate|compute|work out"
    r"|evaluate|solve",
    re.I,
)
_CALCULATES = re.compile(r"等于|计算|算|=|what(?:'s| is)|calculate|compute|work out|evaluate", re.I)
_CONVERSIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"how (?:many|much) (?P<two>[\w./°² -]+?) (?:are |is |do |does )?(?:there )?"
        rf"(?:in|equals?|makes?(?: up)?) (?P<value>{_NUMBER}) ?(?P<one>[\w./°² -]+?)[?.!]*$",
        rf"(?P<value>{_NUMBER}) ?(?P<one>[\w./°² -]+?),? (?:in|to|into|as)(?: how many)? "
        r"(?P<two>[\w./°² -]+?)[?.!]*$",
        rf"(?P<value>{_NUMBER}) ?(?P<one>[\w./°² -]+?) (?:is|are|equals?) how many "
        r"(?P<two>[\w./°² -]+?)[?.!]*$",
        rf"(?P<value>{_NUMBER})\s*个?(?P<one>[^\s\d，,。]+?)\s*"
        r"(?:等于|相当于|换算[成为到]|转换[成为]|换成|转成|合|是|有|为)\s*(?:多少|几)?个?"
        r"\s*(?P<two>[^\s\d，,。？?]+?)[？?。！吗呢呀]*$",
    )
)
_ASKED_WEEKDAY = re.compile(
    r"星期几|周几|礼拜几|(?:what|which) (?:day of the week|weekday)|what day (?:is|was|will)", re.I
)
_ASKED_DAYS = re.compile(r"多少天|几天|how many days|number of days|days between", re.I)
_ASKED_NOW = re.compile(
    r"^(?:请问)?(?:今天|现在)是?(?:几号|几月几[日号]|什么日期|几点|什么时间|星期几|周几)"
    r"|what(?:'s| is) (?:the date today|today's date|the current (?:date|time))"
    r"|what time is it|what day is (?:it )?today",
    re.I,
)
_SPANS = {"天": "days", "日": "days", "周": "weeks", "星期": "weeks", "个星期": "weeks",
          "个月": "months", "年": "years", "day": "days", "week": "weeks", "month": "months",
          "year": "years"}  # fmt: skip
_SHIFTS = tuple(
    re.compile(pattern.replace("N", r"(?P<number>\d{1,5})\s*"), re.I)
    for pattern in (
        "N(?P<span>个?星期|个月|天|日|周|年)(?:之|以)?(?P<way>后|前)",
        "(?P<way>加|过|后|前)上? *N(?P<span>个?星期|个月|天|日|周|年)",
        r"N(?P<span>day|week|month|year)s?\s*(?P<way>after|before|from)",
        r"\b(?P<way>in|add|after) N(?P<span>day|week|month|year)s?",
    )
)
_BACK = ("前", "before")


def calls_in(question: str) -> tuple[ToolCall, ...]:
    """The calls of `plain_tools` that ``question`` asks for; none if it is not plain."""
    text = question.strip()
    if table := table_in(text):
        return (_call("weigh", table),)
    if not text or len(text) > LONGEST:
        return ()
    for found in (_calendar(text), _conversion(text), _calculation(text)):
        if found is not None:
            return (_call(*found),)
    return ()


def _call(name: str, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(new_call_id(), name, json.dumps(arguments, ensure_ascii=False))


def _calendar(text: str) -> tuple[str, dict[str, Any]] | None:
    if _ASKED_NOW.search(text):
        return "today", {}
    dates = [found[0].strip() for found in _DATES.finditer(text.lower())]
    if len(dates) == 2 and _ASKED_DAYS.search(text):
        return "days_between", {"start": dates[0], "end": dates[1]}
    if len(dates) != 1:
        return None
    rest = _DATES.sub("", text)
    for pattern in _SHIFTS:
        if found := pattern.search(rest):
            amount = int(found["number"]) * (-1 if found["way"].lower() in _BACK else 1)
            return "add_to_date", {"start": dates[0], _SPANS[found["span"].lower()]: amount}
    return ("weekday", {"date": dates[0]}) if _ASKED_WEEKDAY.search(text) else None


def _conversion(text: str) -> tuple[str, dict[str, Any]] | None:
    for pattern in _CONVERSIONS:
        found = pattern.search(text)
        if found is None:
            continue
        try:
            one, two = unit_named(found["one"]), unit_named(found["two"])
        except ZaohuaError:
            continue
        if one.measures == two.measures and one.name != two.name:
            value = found["value"].replace(",", "")
            return "convert_unit", {"value": value, "from_unit": one.name, "to_unit": two.name}
    return None


def _calculation(text: str) -> tuple[str, dict[str, Any]] | None:
    text = _THOUSANDS.sub("", text)
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    found = [one for one in _expressions(text) if _JOINED.search(one)]
    if len(found) != 1 or not _ASKS.search(text):
        return None
    [expression] = found
    if _DOUBTFUL.fullmatch(expression) and not _CALCULATES.search(text):
        return None
    try:
        compute(expression)
    except ZaohuaError:
        return None
    return "calculate", {"expression": expression}


def _expressions(text: str) -> Iterator[str]:
    bare = _DATES.sub(" ", text)
    for match in _CALCULATION.finditer(bare):
        yield match[0].lstrip(" .,*/×÷^的").rstrip(" .,*/+-×÷^的(（")
