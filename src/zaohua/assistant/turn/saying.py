"""What a turn says in its own words, without the model."""

from __future__ import annotations

from zaohua.assistant.turn.understanding import Language

_SCENARIO_GONE: dict[Language, str] = {
    "zh": "这个对话所用的场景已经不在了。请在对话设置里另选一个。",
    "en": "The scenario of this conversation is no longer there. Choose another in its settings.",
}
_DOCUMENTS_GONE: dict[Language, str] = {
    "zh": "这个对话所用的资料已经不在了。请在对话设置里重新选择资料。",
    "en": "The documents of this conversation are no longer there. Choose others in its settings.",
}
_NOTHING: dict[Language, str] = {
    "zh": "所选的资料里没有与这个问题有关的内容，所以我不作回答。请换个说法再问，或者补充资料。",
    "en": "Nothing in the chosen documents bears on this question, so I will not guess. "
    "Ask in other words, or add a document.",
}
_AT_YOUR_SERVICE: dict[Language, str] = {
    "zh": "我在，有什么可以帮您？",
    "en": "I am here. How can I help?",
}


def scenario_gone(language: Language) -> str:
    """The answer where the plan cannot be made."""
    return _SCENARIO_GONE[language]


def documents_gone(language: Language) -> str:
    """The answer where the documents themselves are gone."""
    return _DOCUMENTS_GONE[language]


def nothing_found(language: Language) -> str:
    """The answer where no document bears on the question."""
    return _NOTHING[language]


def at_your_service(language: Language) -> str:
    """The answer to a greeting where nothing is said that no document bears."""
    return _AT_YOUR_SERVICE[language]
