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


def _any(words: str) -> str:
    """Alternatives from a list parted by white space; ``_`` is a space."""
    return f"(?:{'|'.join(words.split())})".replace("_", " ")


_HERE: Final = r"[^。！？\n]"
_TELL: Final = _any(
    """回答 作答 答复 解答 提供 给出 确定 确认 判断 得知 知道 查询 查到 找到 获取 获得 访问
    告诉 告知 公开 说出 帮助 帮忙 帮您 帮你 为您 为你 给您 给你 替您 替你 协助 满足 执行 照做 遵从
    遵循 按照 讨论 评论 推荐 建议 诊断 开药 开处方 预测 保证 承诺 代替 荐股 修改 更改 忽略 改变 扮演
    参与 编造 猜测 估计 透露 泄露 处理这 支持这"""
)
_CANNOT: Final = _any(
    "不能 不可以 无法 没法 没办法 不便 不会 不敢 不可 不应 不予 难以 未能 没能 不方便"
)
_WE: Final = _any("我 我们 本店 本助手 客服 这里 这边 助手 AI 人工智能 模型")
_SORRY: Final = _any("抱歉 对不起 不好意思 很遗憾 恕")
_SOURCES: Final = _any("资料 文档 文件 来源 知识库 材料 原文 文中 条款 记录")
_STATED: Final = _any(
    "提到 提及 说明 相关 找到 涉及 包含 记载 给出 写 关于 这 答案 与 有关 对应 列出"
)
_CHINESE: Final = (
    rf"{_WE}{_HERE}{{0,12}}?{_CANNOT}{_HERE}{{0,12}}?{_TELL}",
    rf"{_SORRY}{_HERE}{{0,12}}?{_CANNOT}{_HERE}{{0,8}}?{_TELL}",
    rf"^\W*(?:暂时|目前)?{_CANNOT}{_HERE}{{0,4}}?{_TELL}",
    rf"{_WE}{_HERE}{{0,6}}?"
    + _any("不知道 不清楚 不了解 不确定 不作回答 拒绝 没有权限 没有相关 没有这方面 没有足够"),
    rf"{_SORRY}{_HERE}{{0,10}}?(?:没有|不)"
    + _any("找到 查到 相关 这方面 这个 关于 您 你 知道 清楚 了解"),
    rf"{_SOURCES}[里中内上库]?{_HERE}{{0,12}}?(?:没有|未|找不到|查不到|不包含|不含|无){_STATED}",
    r"(?:没有|未能?|找不到|查不到)(?:找到|查到|检索到)?(?:任何)?"
    + _any("相关 有关 对应 足够 这方面")
    + "的?"
    + _any("信息 资料 内容 依据 记录 答案 说明 文档 规定"),
    rf"(?:不作|不做|不予|拒绝){_any('回答 答复 提供 透露 评论 执行')}",
    rf"不在{_HERE}{{0,12}}?{_any('范围 资料 职责 服务')}",
    rf"(?:此类|这类){_any('要求 请求 问题')}{_HERE}{{0,6}}?(?:不|无法|没法)",
)

_DO: Final = _any(
    """answer provide help assist tell give share disclose reveal say find know do_(?:that|this|so)
    comply confirm determine access discuss recommend advise diagnose prescribe predict guess offer
    grant follow ignore change play speculate generate fulfil carry see verify speak promise
    guarantee pretend approve make_(?:that|this|such|up|an_exception)
    (?:process|write)_(?:that|this)
    look_(?:that|this|it)_up"""
)
_NOT: Final = _any(
    """cannot can't can_not couldn't could_not won't will_not wouldn't would_not must_not may_not
    (?:(?:am|are|'m|'re)_)?(?:unable|not_able|not_allowed|not_permitted|not_going)_to
    (?:am|'m)_not_in_a_position_to"""
)
_PAPERS: Final = _any(
    """documents? sources? passages? texts? context records? polic(?:y|ies) materials?
    knowledge_base information_(?:given|provided) notes"""
)
_SAID: Final = _any(
    "say state mention contain include specify tell list give provide answer describe"
)
_ENGLISH: Final = (
    rf"\b(?:i|we)(?: am| are)?[ ]?{_NOT}(?: \w+){{0,3}}? {_DO}\b",
    r"\bi(?:'m| am) (?:sorry|afraid)\b[^.!?\n]{0,40}?"
    + _any(
        "can't cannot can_not unable not_able won't don't_(?:have|know) no_information couldn't"
    ),
    rf"\b(?:sorry|unfortunately)\b[^.!?\n]{{0,12}}?\b(?:i|we) {_NOT}(?: \w+){{0,3}}? {_DO}\b",
    r"\b(?:i|we) (?:do|did)(?: not|n't) (?:\w+ ){0,2}?(?:know|see|find)\b",
    r"\b(?:i|we) (?:do not|don't) have (?:\w+ ){0,4}?"
    + _any("information access details data knowledge record answer that this anything"),
    rf"\b{_PAPERS}\b[^.!?\n]{{0,40}}?\b(?:do|does|did)(?: not|n't) {_SAID}\b",
    rf"\b{_PAPERS}\b[^.!?\n]{{0,40}}?\b(?:nothing|no) (?:\w+ )?(?:about|on|information|mention)\b",
    r"\bnothing (?:in|about|was found|relevant)\b",
    r"\bno (?:relevant )?(?:information|mention|record|details|answer)\b",
    r"\b(?:is|are|was|were) not (?:mentioned|stated|covered|specified|listed|given|provided"
    r"|included|available|known) (?:in|by|here)\b",
    r"\bnot (?:in|within|part of) (?:the|my|our|these) (?:documents?|sources?|scope|materials?)\b",
    r"\b(?:i|we) (?:must |have to )?(?:decline|refuse)\b|\bthat is not something i\b",
    r"\bagainst (?:my|our) (?:rules|policy|policies|guidelines|instructions)\b",
)
_PHRASES: Final = tuple(re.compile(one, re.IGNORECASE) for one in (*_CHINESE, *_ENGLISH))
_TURNING: Final = re.compile(r"\W*(?:但|不过|然而|可是|but\b|however|that said|nevertheless)", re.I)


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
        if found := next(filter(None, (phrase.search(part) for phrase in _PHRASES)), None):
            rest = "".join((*parts[:place], part[found.end() :], *parts[place + 1 :]))
            return not _answers(rest, question)
    return False


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'").replace("*", "")


def _answers(rest: str, question: str) -> bool:
    """Whether what else is said is an answer all the same."""
    known = {number.value for number in numbers(question)}
    if any(number.value not in known for number in numbers(rest)):
        return True
    turning = any(map(_TURNING.match, sentences(rest)))
    language = "zh" if re.search("[\u4e00-\u9fff]", rest) else "en"
    return len(rest.strip()) > _LONGEST_REST[language] // (2 if turning else 1)
