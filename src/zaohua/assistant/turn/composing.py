"""What goes into the prompt beside the conversation itself.

The sources stand in the question's own message: system prompt and history before it stay as they
were, so that the engine finds them in its prefix cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.assistant.memory import Remembered
from zaohua.assistant.turn.sources import heading
from zaohua.assistant.turn.understanding import Language, Understanding, understand
from zaohua.assistant.values import Citation, Message
from zaohua.safety.sources import with_sources as sourced


@dataclass(frozen=True, slots=True)
class Material:
    """What a turn adds; ``question`` stands in for the last message if it is given."""

    question: str | None = None


PLAIN = Material()

_GONE: dict[Language, str] = {
    "zh": "这个对话所用的资料已经不在了。请在对话设置里重新选择资料。",
    "en": "The documents of this conversation are no longer there. Choose others in its settings.",
}
_NOTHING: dict[Language, str] = {
    "zh": "所选的资料里没有与这个问题有关的内容，所以我不作回答。请换个说法再问，或者补充资料。",
    "en": "Nothing in the chosen documents bears on this question, so I will not guess. "
    "Ask in other words, or add a document.",
}


_ABOUT: dict[Language, str] = {
    "zh": "关于我（你记得的）：\n{facts}\n\n{question}",
    "en": "About me (as you remember):\n{facts}\n\n{question}",
}


def with_facts(asked: Understanding, facts: Sequence[Remembered]) -> Material:
    """The question with what is remembered of the user before it."""
    return Material(_told(asked, asked.question, facts)) if facts else PLAIN


def with_sources(
    asked: Understanding, sources: Sequence[Citation], facts: Sequence[Remembered] = ()
) -> Material:
    """The question with its numbered sources, and what is remembered of the user, before it."""
    texts = [f"{heading(source)}\n{source['text'].strip()}" for source in sources]
    question = sourced(asked.question, texts, asked.language)
    return Material(_told(asked, question, facts))


def _told(asked: Understanding, question: str, facts: Sequence[Remembered]) -> str:
    if not facts:
        return question
    listed = "\n".join(f"- {fact.text}" for fact in facts)
    return _ABOUT[asked.language].format(facts=listed, question=question)


def material_of(branch: Sequence[Message], sources: Sequence[Citation]) -> Material:
    """What an answer to the last message of ``branch`` was given."""
    return with_sources(understand(branch), sources) if sources else PLAIN


def gone(language: Language) -> str:
    """The answer where the documents themselves are gone."""
    return _GONE[language]


def nothing_found(language: Language) -> str:
    """The answer where no document bears on the question."""
    return _NOTHING[language]
