"""What a question asks for, read with the turns before it. No model is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zaohua.assistant.turn.following import Followed, followed
from zaohua.assistant.values import Message
from zaohua.text.instructions import is_chinese

Language = Literal["zh", "en"]

_HAN = re.compile("[\u3400-\u9fff]")
_SMALL_TALK = re.compile(
    r"^\W*(?:你好|您好|嗨|哈喽|早上好|下午好|晚上好|谢谢|多谢|感谢|再见|拜拜|好的|好吧|明白了?"
    r"|知道了|嗯+|行|在吗|你是谁|你能做什么"
    r"|hi|hello|hey|thanks?(?:\s+you)?|thank you(?: very much)?|bye|goodbye|ok(?:ay)?|great"
    r"|good (?:morning|afternoon|evening)|who are you|what can you do)"
    r"(?:[了啊呀呢吗哦]|\s+there|\s+a lot)?\W*$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?=\D*\d)[\W\d_]*[A-Za-z]{0,5}[\W\d_]*")
_LOOKED_BACK = 12
"""So many questions of a branch are read to know what the last one leans on."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question as it is looked up.

    Attributes:
        question: as it was asked.
        query: what is searched for: the question as it stands by itself, or with the one that it
            leans on before it.
        language: in which it is answered.
        small_talk: whether it wants no sources: a greeting, thanks.
        built: whether the query is one question, made of two by rule.
    """

    question: str
    query: str
    language: Language
    small_talk: bool
    built: bool = False

    @property
    def leans(self) -> bool:
        """Whether the question is read with one before it."""
        return self.query != self.question

    @property
    def standing(self) -> str:
        """The question for a reader who does not know those before it."""
        return self.query


def understand(branch: Sequence[Message]) -> Understanding:
    """Read the last message of ``branch``."""
    asked = [message.content for message in branch if message.role == "user"][-_LOOKED_BACK:]
    question = asked[-1]
    read = _followed(_topic(asked[:-1]), question)
    return Understanding(
        question=question,
        query=read.text if read else question,
        language=spoken(asked),
        small_talk=_is_small_talk(question),
        built=read is not None and read.built,
    )


def spoken(asked: Sequence[str]) -> Language:
    """The language of the last question that has words: 15 and 15 kg have none."""
    said = next((one for one in reversed(asked) if not _AMOUNT.fullmatch(one)), asked[-1])
    return "zh" if is_chinese(said) else "en"


def _topic(asked: Sequence[str]) -> str:
    """The last question that stands by itself, or was made to."""
    topic = ""
    for question in asked:
        if _is_small_talk(question):
            continue
        read = _followed(topic, question)
        if read is None:
            topic = question
        elif read.built:
            topic = read.text
    return topic


def _followed(topic: str, question: str) -> Followed | None:
    if not topic or _is_small_talk(question):
        return None
    chinese = is_chinese(question) or (is_chinese(topic) and _HAN.search(question) is not None)
    return followed(topic, question, chinese=chinese)


def _is_small_talk(question: str) -> bool:
    return _SMALL_TALK.match(question) is not None
