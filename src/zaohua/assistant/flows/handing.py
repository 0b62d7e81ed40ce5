"""What a person who takes over needs to know of a dialogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zaohua.assistant.flows.case import Case
from zaohua.assistant.flows.phrases import plain
from zaohua.assistant.flows.values import Language
from zaohua.knowledge.rules.facts import shown

_MESSAGES = 5
_CHARACTERS = 200
_FORMS: dict[Language, tuple[str, str, str]] = {
    "zh": ("事项：{}", "{}：{}", "客户说过：「{}」"),
    "en": ("Matter: {}", "{}: {}", "The customer said: “{}”"),
}


def known_facts(case: Case) -> dict[str, str]:
    """What is known of a matter, by titles of slots and facts, as people read it."""
    language, matter = case.language, case.matter
    facts = {name: slot.fact for name, slot in case.known.slots.items()}
    facts |= dict(case.known.book.facts) if case.known.book else {}
    return {
        facts[name].title(language): _named(case, name) or shown(value, language, facts[name])
        for name, value in (matter.slots | matter.facts).items()
    }


def _named(case: Case, slot: str) -> str:
    """What people call the row that a slot stands for; empty if it stands for none."""
    spec = case.known.slots[slot].spec if slot in case.known.slots else None
    if spec is None or not spec.by:
        return ""
    cells = case.known.tables[spec.table].rows[plain(str(case.matter.slots[slot]))]
    own = [head for head in spec.by if head.endswith(f"_{case.language}")]
    return cells[(own or spec.by)[0]]


def summary(title: str, facts: Mapping[str, str], said: Sequence[str], language: Language) -> str:
    """The matter, what is known of it, and the last messages, one a line."""
    matter, fact, message = _FORMS[language]
    lines = [matter.format(title), *(fact.format(name, value) for name, value in facts.items())]
    told = [" ".join(text.split())[:_CHARACTERS] for text in said[-_MESSAGES:]]
    return "\n".join([*lines, *(message.format(text) for text in told)])
