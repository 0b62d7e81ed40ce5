"""What `zaohua.knowledge.grounding` knows of questions and sources; simpler where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zaohua.knowledge import grounding
from zaohua.knowledge.terms import asked_phrases
from zaohua.text.sentences import sentences

_DECLINES = re.compile(
    r"(?:资料|文档|文件|来源|原文|文中)(?:里|中|内|上)?[^，。！？\n]{0,12}?(?:没有|未|并未|不包含|找不到|查不到)"
    r"|(?:没有|未能?|找不到|查不到)(?:找到|查到)?(?:任何)?(?:相关|有关|对应)的?(?:信息|资料|内容|规定)"
    r"|我(?:不知道|不清楚|无法(?:回答|确定|得知))"
    r"|\b(?:documents?|sources?|passages?|texts?|context)\b[^.!?,\n]{0,40}?"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not|didn['’]t|never|nothing)\b"
    r"|\b(?:is|are) not (?:mentioned|stated|specified)\b"
    r"|\bi (?:do not|don['’]t|cannot|can['’]t) (?:know|say|tell|find|answer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences word for word, and the sources that they are from."""

    text: str
    numbers: tuple[int, ...]


def _answerable(question: str, sources: Sequence[str]) -> bool:
    return bool(sources)


def _quote(question: str, sources: Sequence[str]) -> Quote | None:
    """The sentence that shares most telling words with ``question``, headings left out."""
    asked = set(asked_phrases(question))
    best, shared = None, 0
    for number, source in enumerate(sources, start=1):
        for sentence in sentences(source.partition("\n")[2]):
            common = len(asked.intersection(asked_phrases(sentence, None)))
            if common > shared and not sentence.startswith("#"):
                best, shared = Quote(sentence.strip(), (number,)), common
    return best


def declines(sentence: str) -> bool:
    """Whether ``sentence`` says that there is nothing to say."""
    return _DECLINES.search(sentence) is not None


answerable: Callable[[str, Sequence[str]], bool] = getattr(grounding, "answerable", _answerable)
"""Whether sources can hold what a question asks."""
quote: Callable[[str, Sequence[str]], Any] = getattr(grounding, "quote", _quote)
"""The sentences of sources that answer a question best: ``text`` and ``numbers``, or None."""
