"""What may stand in a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from zaohua.knowledge.rules.values import Language
from zaohua.spec import Spec

FactType = Literal["number", "money", "duration", "date", "choice", "yes/no", "text"]

Text = str | dict[Language, str]
"""One text for all, or one for each language."""

Words = list[str] | dict[Language, list[str]]
"""Words that count in every language, or lists by language."""


class FactSpec(Spec):
    """What has to be known of a case.

    Attributes:
        type: of its value; a duration is a number of ``unit``, money is one in a currency.
        title: what people call it.
        ask: the question that gets it.
        unit: of numbers; of a duration ``day`` and of money ``CNY`` if not given.
        unit_words: how a unit that zaohua does not know is written.
        words: near which it stands in a text; of yes/no: those that say yes.
        opposites: of yes/no: words that say no.
        choices: the values of a choice with the words that say them.
        patterns: regular expressions; group 1, else all, is read as the value.
        ahead: whether a day without a year is the next one, not the last one.
    """

    type: FactType
    title: Text = ""
    ask: Text = ""
    unit: str = ""
    unit_words: list[str] = Field(default=[])
    words: Words = Field(default=[])
    opposites: Words = Field(default=[])
    choices: dict[str, Words] = Field(default={})
    patterns: list[str] = Field(default=[])
    ahead: bool = False


class TableSpec(Spec):
    """A derived value that is looked up: the row of what ``by`` is."""

    by: str
    rows: dict[str, str | int]
    otherwise: str | int | None = None


class RuleSpec(Spec):
    """If–then, with what stands against it.

    Attributes:
        name: unique.
        title: what people call it.
        condition: ``if``: an expression that is yes or no.
        then: what is said if it holds; ``{expression}`` is filled in.
        otherwise: ``else``: what is said if it does not.
        because: what the rule rests on: a clause, a page, a law.
        priority: outcomes of rules with a higher one come first.
        unless: names of rules that forbid this one when they hold.
    """

    name: str
    title: Text = ""
    condition: str | bool = Field(alias="if")
    then: Text
    otherwise: Text = Field(default="", alias="else")
    because: Text = ""
    priority: int = 0
    unless: list[str] = Field(default=[])


class BookSpec(Spec):
    """A rule file."""

    name: str = ""
    title: Text = ""
    facts: dict[str, FactSpec]
    derived: dict[str, str | int | TableSpec] = Field(default={})
    rules: list[RuleSpec] = Field(min_length=1)


def in_language(text: Text, language: Language) -> str:
    """``text`` in ``language``, in another one if it lacks that."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), "")


def words_of(words: Words, language: str = "") -> list[str]:
    """The words that count in ``language``, or all of them."""
    if not isinstance(words, Mapping):
        return list(words)
    chosen = [found for name, found in words.items() if not language or name == language]
    return [word for found in chosen or words.values() for word in found]
