"""What a question asks for, read with the turns before it. No model is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zaohua.assistant.values import Message
from zaohua.knowledge.terms import asked_phrases
from zaohua.text.instructions import is_chinese

Language = Literal["zh", "en"]

_LEANS = re.compile(
    r"^(?:那|那么|还有|另外|然后|为什么|怎么|多久|多少|哪|如果|要是)|[它他她这那](?:个|些|种|样|款|件|们|家|里)?"
    r"|^(?:and|but|so|then|what about|how about|why|how long|how much|if)\b"
    r"|\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|one|ones)\b",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"^\W*(?:你好|您好|嗨|哈喽|早上好|下午好|晚上好|谢谢|多谢|感谢|再见|拜拜|好的|好吧|明白了?"
    r"|知道了|嗯+|行|在吗|你是谁|你能做什么"
    r"|hi|hello|hey|thanks?(?:\s+you)?|thank you(?: very much)?|bye|goodbye|ok(?:ay)?|great"
    r"|good (?:morning|afternoon|evening)|who are you|what can you do)"
    r"(?:[了啊呀呢吗哦]|\s+there|\s+a lot)?\W*$",
    re.IGNORECASE,
)
_LEANING_PHRASES = 8
"""A question with more telling words than this stands alone whatever pronouns it has."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question as it is looked up.

    Attributes:
        question: as it was asked.
        query: what is searched for: the question, with the one before it if it leans on that.
        language: in which it is answered.
        small_talk: whether it wants no sources: a greeting, thanks.
    """

    question: str
    query: str
    language: Language
    small_talk: bool

    @property
    def leans(self) -> bool:
        """Whether the question is read with the one before it."""
        return self.query != self.question


def understand(branch: Sequence[Message]) -> Understanding:
    """Read the last message of ``branch``."""
    asked = [message.content for message in branch if message.role == "user"]
    question = asked[-1]
    before = asked[-2] if len(asked) > 1 else ""
    return Understanding(
        question=question,
        query=f"{before}\n{question}" if before and _leans(question) else question,
        language="zh" if is_chinese(question) else "en",
        small_talk=bool(_SMALL_TALK.match(question)),
    )


def _leans(question: str) -> bool:
    phrases = asked_phrases(question)
    return len(phrases) <= _LEANING_PHRASES and (
        len(phrases) <= 2 or _LEANS.search(question.strip()) is not None
    )
