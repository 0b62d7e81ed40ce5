"""The parts of a pack, read and ready to be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zaohua.assistant.scenarios.pack import Pack
from zaohua.assistant.turn.plan import Flows
from zaohua.errors import UsageError
from zaohua.generate.prompts import PromptLibrary
from zaohua.knowledge.rules import RuleBook, load_rules
from zaohua.safety import Guard
from zaohua.safety.policy import load_policy


def guard_of(pack: Pack, home: Path | None) -> Guard:
    """The guard: the shipped policy, changed by the pack's, and at last by that of ``home``.

    Raises:
        UsageError, NotFoundError: a policy is wrong.
    """
    return Guard(load_policy(home, scenario=pack.guard if pack.guard.exists() else None))


def rules_of(pack: Pack) -> RuleBook | None:
    """All rules of the pack as one book; None if it has none.

    Raises:
        UsageError: a file is wrong, or two do not go together.
        NotFoundError: one cannot be read.
    """
    books = [load_rules(path) for path in pack.rules]
    return joined(books) if books else None


def flows_of(pack: Pack, book: RuleBook | None) -> Flows | None:
    """The dialogues led by code; None if it has none.

    Raises:
        UsageError: the file or a table is wrong.
    """
    if not pack.flows.exists():
        return None
    from zaohua.assistant.flows import read_flows

    return read_flows(pack.flows, pack.tables, book)


def templates_of(pack: Pack) -> PromptLibrary:
    """The pack's own prompt templates, which stand in for shipped ones, and all shipped ones."""
    return PromptLibrary(pack.templates)


def joined(books: Sequence[RuleBook]) -> RuleBook:
    """Several books as one; a fact may stand in several if it is the same in all.

    Raises:
        UsageError: something else has the same name in two of them.
    """
    if len(books) == 1:
        return books[0]
    facts = {name: fact for book in books for name, fact in book.facts.items()}
    rules = [rule for book in books for rule in book.ordered]
    made = [one for book in books for one in book.derived]
    names = [name for book in books for name, fact in book.facts.items() if fact != facts[name]]
    names += _twice([one.name for one in made]) + _twice([rule.spec.name for rule in rules])
    names += [one.name for one in made if one.name in facts]
    if names:
        raise UsageError(
            f"two rule files have something named '{names[0]}'",
            where=str(Path(books[0].path).parent),
            mend="names are unique in a scenario",
        )
    order = sorted(rules, key=lambda rule: -rule.spec.priority)
    return RuleBook(
        path=str(Path(books[0].path).parent),
        heading=books[0].heading,
        facts=facts,
        derived=tuple(made),
        ordered=tuple(rules),
        rules=tuple(rule.spec.name for rule in order),
    )


def _twice(names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if name in names[:place]]
