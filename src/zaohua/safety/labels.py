"""The notice that says a text was generated, for people to read (GB 45438-2025, 5.1 and 6).

The standard wants an element of AI (人工智能 or AI) and one of generation (生成 or 合成) in it.
Nothing here takes a notice away: nobody may.
"""

from __future__ import annotations

import re
from typing import Literal

NOTICES = {"zh": "本内容由 AI 生成", "en": "AI-generated"}
"""The notice in each language; English for all others."""

Where = Literal["start", "end"]

_CHINESE = (
    r"(?:[本该此]|以[上下])?(?:内容|文本|文章|文字|回答|回复|文件|作品|文档)?(?:均|全部|部分)?(?:是|由|为|系)?"
    r"\s*(?:人工智能|AI)\s*(?:技术|模型|助手|辅助)?\s*(?:生成|合成)(?:的)?(?:内容|文本)?"
    r"(?:[,，;；、\s].{0,40})?"
)
_ENGLISH = (
    r"(?:(?:this|the) (?:text|content|answer|document|reply|page|file)(?: above| below)? "
    r"(?:is|was) )?"
    r"(?:partly |entirely )?(?:AI[\s-]generated(?: content| text)?"
    r"|(?:generated|written|produced) (?:by|with|using) (?:an? )?(?:AI|artificial intelligence)"
    r"(?: model| assistant| system)?)(?:[,;.].{0,80})?"
)
_LABEL = re.compile(rf"^[^\w\n]*(?:{_CHINESE}|{_ENGLISH})[^\w\n]*$", re.MULTILINE | re.IGNORECASE)


def notice(language: str) -> str:
    """The notice in ``language``."""
    return NOTICES.get(language, NOTICES["en"])


def label(text: str, language: str, where: Where = "end") -> str:
    """``text`` with the notice in a paragraph of its own; as it is if it has one."""
    if has_label(text) or not text.strip():
        return text
    if where == "start":
        return f"{notice(language)}\n\n{text}"
    return f"{text.rstrip()}\n\n{notice(language)}{_ending(text)}"


def has_label(text: str) -> bool:
    """Whether a line of ``text`` is a notice and nothing else; speaking of AI is none."""
    return _LABEL.search(text) is not None


def _ending(text: str) -> str:
    return "\n" if text.endswith("\n") else ""
