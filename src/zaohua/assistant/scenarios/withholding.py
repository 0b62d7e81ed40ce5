"""Whether an answer says that it does not answer: that it does not know, or will not do that.

Known by phrases of both languages, the same for every model. A shop that takes nothing back
declines nothing: what counts is that the speaker cannot, may not or will not *tell, help, do*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from zaohua.text.numerals import numbers
from zaohua.text.sentences import sentences

_LOOKED_AT: Final = 3
"""Sentences: who declines says so at the beginning."""
_LONGEST_REST: Final = {"zh": 120, "en": 400}
"""Characters that may come after it: where to turn to, not an answer all the same."""

_TELL_ZH: Final = (
    r"回答|作答|答复|解答|提供|给出|确定|确认|判断|得知|知道|查询|查到|找到|获取|获得|访问|透露|告诉|告知|告诉|泄露|"
    r"公开|说出|帮助|帮忙|帮您|帮你|为您|为你|给您|给你|协助|满足|执行|照做|遵从|遵循|按照|处理这|支持这|讨论|评论|推荐|建议|"
    r"诊断|开药|开处方|预测|保证|承诺|代替|替您|替你|荐股|修改|更改|忽略|改变|扮演|参与|编造|猜测|估计"
)
_ZH: Final = (
    rf"(?:我|我们|本店|本助手|客服|这里|这边|小助手|助手|AI|人工智能|模型)[^。！？\n]{{0,12}}?"
    rf"(?:不能|不可以|无法|没法|没办法|不便|不会|不敢|不可|不应|不予|难以|暂时无法|未能|没能|不方便)"
    rf"[^。！？\n]{{0,12}}?(?:{_TELL_ZH})",
    rf"(?:抱歉|对不起|不好意思|很遗憾|恕)[^。！？\n]{{0,12}}?(?:不能|无法|没法|没办法|不便|不会|不予|未能|没能|难以)"
    rf"[^。！？\n]{{0,8}}?(?:{_TELL_ZH})",
    rf"^\W*(?:暂时|目前)?(?:不能|无法|不便|难以)[^。！？\n]{{0,4}}?(?:{_TELL_ZH})",
    r"(?:我|我们|本店|这里|这边)[^。！？\n]{0,6}?(?:不知道|不清楚|不了解|不确定|不作回答|不做回答|拒绝|没有权限|没有相关|没有这方面|没有足够)",
    r"(?:抱歉|对不起|不好意思|很遗憾)[^。！？\n]{0,10}?(?:没有|不)(?:找到|查到|相关|这方面|这个|关于|您|你|知道|清楚|了解)",
    r"(?:资料|文档|文件|来源|知识库|材料|原文|文中|条款|记录)(?:里|中|内|上|库)?[^。！？\n]{0,12}?"
    r"(?:没有|未|并未|找不到|查不到|不包含|不含|无)(?:提到|提及|说明|相关|找到|涉及|包含|记载|给出|写|关于|这|答案|与|有关|对应|列出)?",
    r"(?:没有|未能?|找不到|查不到)(?:找到|查到|检索到)?(?:任何)?(?:相关|有关|对应|足够|这方面)的?(?:信息|资料|内容|依据|记录|答案|说明|文档|规定)",
    r"(?:不作|不做|不予|拒绝)(?:回答|答复|提供|透露|评论|执行)|不在[^。！？\n]{0,12}?(?:范围|资料|职责|服务)",
    r"请勿|这个要求我|此类要求|这类(?:要求|请求|问题)[^。！？\n]{0,6}?(?:不|无法|没法)|不接受[^。！？\n]{0,6}?(?:要求|指令)",
)
_TELL_EN: Final = (
    r"answer|provide|help|assist|tell|give|share|disclose|reveal|say|find|know|do (?:that|this|so)|comply|confirm|"
    r"determine|access|discuss|recommend|advise|diagnose|prescribe|predict|guess|offer|grant|follow|ignore|"
    r"change|play|speculate|generate|fulfil|carry|look (?:that|this|it) up|see|verify|speak|promise|guarantee|"
    r"make (?:that|this|such|up|an exception)|pretend|approve|apply|process (?:that|this)|write (?:that|this)"
)
_CANNOT: Final = (
    r"(?:can(?:no|')t|cannot|could not|couldn't|won't|will not|would not|wouldn't|must not|may not|"
    r"am not able to|are not able to|'m not able to|(?:am|are|'m|'re) unable to|unable to|"
    r"am not allowed to|'m not allowed to|am not permitted to|do not|don't|didn't|did not|"
    r"am not going to|'m not going to|not in a position to)"
)
_EN: Final = (
    rf"\b(?:i|we)(?: am| are)?\s?{_CANNOT}(?: \w+){{0,3}}? ?(?:{_TELL_EN})\b",
    rf"\b(?:i|we)(?:'m|'re) (?:unable|not able|not allowed|not going) to (?:\w+ ){{0,2}}?(?:{_TELL_EN})\b",
    r"\bi(?:'m| am) (?:sorry|afraid)[^.!?\n]{0,40}?\b(?:can't|cannot|can not|unable|not able|won't|don't (?:have|know)"
    r"|no information|not something|couldn't)",
    r"\b(?:i|we) (?:do not|don't) have (?:\w+ ){0,4}?(?:information|access|details|data|knowledge|record|answer|that|this|"
    r"anything)",
    r"\b(?:documents?|sources?|passages?|text|context|records?|policy|policies|information (?:given|provided)|materials?|"
    r"knowledge base|notes)\b[^.!?\n]{0,40}?"
    r"\b(?:do(?:es)? not|don't|doesn't|did not|didn't|never|nothing|no)\b ?(?:say|state|mention|contain|include|cover|bear|specify|tell|list|"
    r"give|provide|answer|describe|address)?",
    r"\bnothing (?:in|about|on|was found|relevant)\b|\bno (?:relevant )?(?:information|mention|record|details|answer)\b",
    r"\b(?:is|are|was) not (?:mentioned|stated|covered|specified|listed|given|provided|included|available|known) (?:in|by|here)\b",
    r"\bnot (?:in|within|part of) (?:the|my|our|these) (?:documents?|sources?|scope|records?|materials?)\b",
    r"\b(?:i|we) (?:must|have to) (?:decline|refuse)\b|\bi decline\b|\bi refuse\b|\bthat is not something i\b",
    r"\bagainst (?:my|our) (?:rules|policy|policies|guidelines)\b|\bnot allowed to (?:share|tell|give|do)\b",
)
_PHRASES: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*_ZH, *_EN))
_TURNING: Final = re.compile(r"^\W*(?:但|不过|然而|可是|but|however|that said|nevertheless)", re.I)


def withholds(answer: str, question: str = "", told: Iterable[str] = ()) -> bool:
    """Whether ``answer`` gives no answer to ``question``.

    It says so near its beginning, and what comes after it is short and has no number that is not in
    the question: *I do not know, but it usually takes 5 days* answers.

    Args:
        answer: of any model.
        question: the last that was asked.
        told: texts that are said, by code, in the place of an answer.
    """
    if any(text.strip() and text.strip() in answer for text in told):
        return True
    parts = [part for part in sentences(_straight(answer)) if part.strip()]
    for place, part in enumerate(parts[:_LOOKED_AT]):
        if any(phrase.search(part) for phrase in _PHRASES):
            return not _answers("".join(parts[:place] + parts[place + 1 :]), question)
    return False


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'").replace("*", "")


def _answers(rest: str, question: str) -> bool:
    """Whether what else is said is an answer all the same."""
    known = {number.value for number in numbers(question)}
    if any(number.value not in known for number in numbers(rest)):
        return True
    turning = any(_TURNING.match(part) for part in sentences(rest))
    language = "zh" if re.search("[\u4e00-\u9fff]", rest) else "en"
    longest = _LONGEST_REST[language] // (2 if turning else 1)
    return len(rest.strip()) > longest
