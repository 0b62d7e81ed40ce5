"""Whether a sentence only says that the sources do not hold something."""

from __future__ import annotations

import re

from zaohua.knowledge.terms import asked_phrases

_TOLD_ZH = "提到|提及|说明|写明|写|涉及|包含|包括|给出|记载|介绍|规定|列出|找到|查到|相关|有关|关于|信息|答案|说"
_PLACES_ZH = "资料|文档|文件|文中|原文|来源|手册|知识库|(?:以上|上述|提供的|给出的|现有的?)(?:内容|信息|文本)"
_SOURCES_EN = r"\b(?:documents?|sources?|passages?|texts?|context|handbook|excerpts?|information (?:given|provided))\b"
_DECLINES = re.compile(
    rf"(?:{_PLACES_ZH})[^，。；]{{0,12}}?(?:没有?|并?未|找不到|查不到|不包含|无)[^，。；]{{0,6}}?(?:{_TOLD_ZH})"
    r"|(?:没有?|未|找不到|查不到)[^，。；]{0,20}(?:相关|有关|关于)[^，。；]{0,16}(?:信息|内容|资料|规定|说明|记录)"
    rf"|(?:根据|从|由)[^，。；]{{0,12}}(?:{_PLACES_ZH})[^，。；]{{0,8}}[，,]?我?(?:无法|不能|看不出)"
    r"|我(?:也|暂时)?(?:无法|不能)(?:回答|确定|得知|判断|确认)|^(?:抱歉[，,]?)?无法(?:回答|得知|判断)|^我?(?:也|并)?(?:不知道|不清楚|不确定)"
    rf"|{_SOURCES_EN}[^.;]{{0,40}}?\b(?:do(?:es)?|did)(?:\s+not|n['’]t)\s+(?:\w+\s+)?"
    r"(?:say|mention|contain|state|include|specify|provide|cover|give|indicate|tell|have|list|address|discuss|describe)\b"
    r"|\bthere (?:is|are|was|were) (?:no|not any)\b[^.;]{0,20}?\b(?:information|mention|details?|answer)\b"
    r"|\b(?:is|are) not (?:\w+ )?(?:mentioned|stated|specified)\b"
    r"|\b(?:is|are) not (?:\w+ )?(?:given|covered|provided|listed|included|addressed)\b (?:in|by) (?:the|these|my|your) "
    r"(?:documents?|sources?|texts?|passages?|context)"
    rf"|{_SOURCES_EN}[^.;]{{0,20}}\b(?:say|contain|mention)s? nothing\b"
    r"|\bI\s+(?:can(?:not|['’]t| not)|could(?: not|n['’]t)|am unable to|do(?: not|n['’]t))\s+(?:find|answer|tell|determine|know|say)\b"
    r"|\bno (?:information|mention|details?)\b[^.;]{0,30}\b(?:provided|given|available|found|in the|about|on)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"但是?|不过|然而|只(?:提到|说|写)|通常|一般|\b(?:but|however|only|although|typically|usually|generally)\b",
    re.I,
)
_LEAST_PHRASES = 3


def declines(sentence: str) -> bool:
    """Whether ``sentence`` says that the sources do not hold something, and nothing else."""
    match = _DECLINES.search(sentence)
    if match is None:
        return False
    rest = _GOES_ON.split(sentence[match.end() :], maxsplit=1)[1:]
    return not rest or len(asked_phrases(rest[0], None)) < _LEAST_PHRASES
