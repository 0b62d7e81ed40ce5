"""What the rules can use of what was said: in the question, and in the turns that it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zaohua.assistant.turn.understanding import Language, understand
from zaohua.assistant.values import Message
from zaohua.knowledge.rules import RuleBook, Value, carried, completed
from zaohua.knowledge.rules.values import LANGUAGES

_LOOKED_BACK = 6
"""Questions before the last that may belong to its case."""
_LONGEST_ANSWER = 60
"""Characters of what is taken for an answer to what was asked."""
_ASKS = re.compile(
    r"[?？吗呢]|什么|多少|多久|怎么|怎样|如何|哪|谁|几|是否|能不能|可不可以"
    r"|\b(?:what|which|who|when|where|why|how|is|are|do|does|can|could|may|will|should)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a case.

    Attributes:
        facts: by name.
        fresh: those of them that the last question gave.
        said: answers before it.
    """

    facts: dict[str, Value]
    fresh: frozenset[str]
    said: tuple[str, ...] = ()


def case_of(book: RuleBook, branch: Sequence[Message], language: Language, today: date) -> Case:
    """The facts of the last question of ``branch``, and of those before it to which it belongs.

    A question belongs to the one before if it leans on it; so does what is no question, but tells
    more of the case.
    """
    places = [place for place, one in enumerate(branch) if one.role == "user"]
    first = len(places) - 1
    while first and len(places) - first <= _LOOKED_BACK and _goes_on(book, branch, places[first]):
        first -= 1
    facts: dict[str, Value] = {}
    fresh: dict[str, Value] = {}
    for place in places[first:]:
        fresh = _read(book, branch[: place + 1], language, today)
        facts = carried(book, facts, fresh)
    said = tuple(one.content for one in branch[places[first] :] if one.role == "assistant")
    return Case(facts, frozenset(fresh), said)


def _goes_on(book: RuleBook, branch: Sequence[Message], place: int) -> bool:
    upto = branch[: place + 1]
    told = _is_told(upto[-1]) and bool(book.facts_in(upto[-1].content))
    return told or bool(_asked(book, upto)) or understand(upto).leans


def _read(
    book: RuleBook, branch: Sequence[Message], language: Language, today: date
) -> dict[str, Value]:
    """What the last message gives: alone, as it stands by itself, as an answer."""
    asked = understand(branch)
    texts = [asked.query] if asked.built else []
    if ask := _asked(book, branch):
        texts.append(completed(ask, asked.question))
    found: dict[str, Value] = {}
    for text in (*texts, asked.question):
        found = carried(book, found, book.facts_in(text, language, today))
    return found


def _is_told(message: Message) -> bool:
    """Whether it is no question, and short enough to be told in one breath."""
    text = message.content.strip()
    return len(text) <= _LONGEST_ANSWER and _ASKS.search(text) is None


def _asked(book: RuleBook, branch: Sequence[Message]) -> str:
    """What the answer before asked for, if the last message may be what was wanted."""
    if len(branch) < 2 or not _is_told(branch[-1]):
        return ""
    asking = [name for name, fact in book.facts.items() if fact.spec.ask]
    asks = [book.ask(name, language) for name in asking for language in LANGUAGES]
    return next((ask for ask in asks if branch[-2].content.rstrip().endswith(ask)), "")
