"""Whether a sentence only says that the sources do not hold something."""

from __future__ import annotations

import re

from zaohua.knowledge.terms import asked_phrases

_DECLINES = re.compile(
    r"(?:资料|文档|文件|文中|原文|来源|材料|手册|知识库|(?:以上|上述|提供的|给出的|现有的?)(?:内容|信息|资料|文本)|其中|里面?|中)[^，。；]{0,12}?"
    r"(?:没有?|并?未|并没有?|找不到|查不到|不包含|无)[^，。；]{0,6}?(?:提到|提及|说明|写明|写|涉及|包含|包括|给出|记载|介绍|规定|列出|找到|查到|相关|有关|关于|信息|答案|说)"
    r"|(?:没有?|未|找不到|查不到)[^，。；]{0,20}(?:相关|有关|关于)[^，。；]{0,16}(?:信息|内容|资料|规定|说明|记录)"
    r"|(?:无法|不能)[^，。；]{0,10}(?:回答|确定|得知|判断|确认|查到|提供)|^我?(?:也|并)?(?:不知道|不清楚|不确定)"
    r"|\b(?:documents?|sources?|passages?|texts?|context|information|materials?|handbook|excerpts?|they|it)\b"
    r"[^.;]{0,40}?\b(?:do(?:es)?|did)(?:\s+not|n['’]t)\s+(?:\w+\s+)?"
    r"(?:say|mention|contain|state|include|specify|provide|cover|give|indicate|tell|have|list|address|discuss|describe)\b"
    r"|\bthere (?:is|are|was|were) (?:no|not any|nothing)\b[^.;]{0,20}?\b(?:information|mention|details?|answer|in the (?:documents?|sources?|text))\b"
    r"|\b(?:is|are) not (?:\w+ )?(?:mentioned|stated|specified|given|covered|provided|listed|included|addressed)\b"
    r"(?: (?:in|by) (?:the|these|my|your)| (?:here|anywhere)|[.\s]*$)"
    r"|\b(?:sources?|documents?|text|passages?)\b[^.;]{0,20}\b(?:say|contain|mention)s? nothing\b"
    r"|\bI\s+(?:can(?:not|['’]t| not)|could(?: not|n['’]t)|am unable to|do(?: not|n['’]t))\s+(?:find|answer|tell|determine|know|say|have)\b"
    r"|\bno (?:information|mention|details?)\b[^.;]{0,30}\b(?:provided|given|available|found|in the|about|on)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"但是?|不过|然而|只(?:提到|说|写)|通常|一般|\b(?:but|however|only|although|typically|usually|generally)\b", re.I
)
_LEAST_PHRASES = 3


def declines(sentence: str) -> bool:
    """Whether ``sentence`` says that the sources do not hold something, and nothing else."""
    match = _DECLINES.search(sentence)
    if match is None:
        return False
    rest = _GOES_ON.split(sentence[match.end() :], maxsplit=1)[1:]
    return not rest or len(asked_phrases(rest[0], None)) < _LEAST_PHRASES
