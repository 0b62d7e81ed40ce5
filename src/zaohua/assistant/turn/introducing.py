"""What the assistant is: a model does not know it, and agrees with what it is asked."""

from __future__ import annotations

import re
from typing import Final

from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language

_OTHERS_ZH = (
    r"chat\s?gpt|gpt[-\s]?[\d.o]*|open\s?ai|claude|gemini|copilot|deep\s?seek|kimi|qwen|llama|文心一言|文心|通义千问|通义|千问"
    r"|豆包|元宝|混元|讯飞星火|星火|智谱清言|智谱|小爱同学|小度|siri"
)
_MADE_ZH = "开发|创造|制造|训练|研发|设计|做|造"
_WHAT: Final = re.compile(
    rf"^\W*(?:请问|那么?|所以|那你?)?(?:你|您)(?:就|真的|其实|到底|究竟|不会)*是(?:不是)?\s*(?:一个|个)?"
    rf"(?:(?:{_OTHERS_ZH}|真人|人类|活人|机器人?|人工智能|ai|语言模型|大模型)(?:还是\S{{1,8}})?(?:[吗么吧呢])?"
    rf"|(?:什么|哪个|哪种|哪家|啥)(?:公司的?)?(?:大?语言)?(?:大?模型|人工智能|ai|机器人)"
    rf"|(?:谁|哪家公司|什么公司|哪个公司|哪里|哪家)(?:{_MADE_ZH})(?:出来)?的?)\W*$"
    rf"|^\W*(?:请问)?(?:是)?(?:谁|哪家公司|什么公司|哪个公司)(?:{_MADE_ZH})(?:出?了|出来)?(?:你|您)的?\W*$"
    r"|^\W*(?:so |and )?are you (?:really |actually |just )?(?:an? )?(?:real )?"
    r"(?:human(?: being)?|person|people|bot|chat\s?bot|robot|machine|ai|language model|"
    r"chat\s?gpt|gpt[-\s]?[\d.o]*|openai(?:'s)?|claude|gemini|copilot|deep\s?seek|kimi|qwen|llama|siri|alexa)"
    r"(?: or .{1,30})?\W*$"
    r"|^\W*(?:which|what) (?:ai |language |large language )*model "
    r"(?:are you|is this|do you (?:use|run on))\W*$"
    r"|^\W*(?:which company|who) (?:made|created|built|trained|developed|programmed) you\W*$"
    r"|^\W*who (?:were|are) you (?:made|created|built|trained|developed) by\W*$",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    r"^\W*(?:请问)?(?:你|您)(?:到底|究竟)?(?:是谁|是什么人?|叫什么(?:名字)?|的名字(?:是什么|叫什么)?)(?:[呀啊呢])?\W*$"
    r"|^\W*(?:介绍|说明)一?下(?:你|您)?自己\W*$"
    r"|^\W*(?:who|what) are you\W*$|^\W*what(?:'s| is) your name\W*$"
    r"|^\W*(?:please )?introduce yourself\W*$",
    re.IGNORECASE,
)
_TOLD: Final[dict[Language, str]] = {
    "zh": "我是人工智能助手，不是真人。我运行在造化（zaohua）上，回答由模型 {model} 写出，"
    "可能有错，重要的事请核对。",
    "en": "I am an AI assistant, not a person. I run on zaohua, and the model {model} writes my "
    "answers; they can be wrong, so check what matters.",
}


def introduced(
    trace: Trace, language: Language, asked: str, model: str, *, named: bool
) -> str | None:
    """The answer to a question about what answers; None for any other.

    Args:
        trace: notes it.
        language: of the answer.
        asked: the last message.
        model: that is asked otherwise.
        named: whether it was told who it is, so that who it is may be left to it.
    """
    if not (_WHAT.match(asked) or (not named and _WHO.match(asked))):
        return None
    with trace.step("understand") as step:
        step.note("asks what the assistant is: told by code, without the model")
    return _TOLD[language].format(model=model)
