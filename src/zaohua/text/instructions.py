"""What an assistant is told when nobody told it anything: in the language of the question.

A chat template that speaks English to its model makes a small one answer Chinese questions with
courtesies, refusals or English. Chinese questions therefore get a Chinese system prompt; for all
others the model's own template decides.
"""

from __future__ import annotations

import re
from typing import Final

CHINESE: Final = "你是一个乐于助人的中文助手。请直接、具体、有条理地回答用户的问题。"
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_OTHER_SCRIPTS = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


def default_instructions(question: str) -> str:
    """The system prompt for a conversation that began with ``question``; empty for none."""
    return CHINESE if is_chinese(question) else ""


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese rather than in an alphabet, kana or Hangul."""
    han = len(re.findall(f"[{_HAN}]", text))
    words = len(re.findall(rf"[^\W\d_{_HAN}]+", text))
    return han > words and not _OTHER_SCRIPTS.search(text)
