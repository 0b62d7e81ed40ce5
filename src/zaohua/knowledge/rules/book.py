"""A rule file that was read: facts recognised in texts, rules worked out for a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zaohua.errors import UsageError
from zaohua.knowledge.rules.evaluating import evaluate
from zaohua.knowledge.rules.expressions import Expression, ExpressionError
from zaohua.knowledge.rules.facts import Fact, checked, shown
from zaohua.knowledge.rules.form import RuleSpec, Text, in_language
from zaohua.knowledge.rules.recognition.recognition import recognise
from zaohua.knowledge.rules.templates import Template
from zaohua.knowledge.rules.values import Given, Language, Outcome, Unknown, Value
from zaohua.problems import nearest

TODAY = "today"


@dataclass(frozen=True, slots=True)
class Derived:
    """A value made from others: an expression, or the row of a table that ``by`` chooses."""

    name: str
    expression: Expression
    rows: Mapping[str, Expression]
    otherwise: Expression | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The values it is made from."""
        parts = [self.expression, *self.rows.values(), *filter(None, [self.otherwise])]
        return tuple(dict.fromkeys(name for part in parts for name in part.names))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its condition and texts read."""

    spec: RuleSpec
    condition: Expression
    then: Mapping[Language, Template]
    otherwise: Mapping[Language, Template]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of one file; made by `load_rules`.

    Attributes:
        path: of the file.
        heading: its title in all languages.
        facts: by name, in the order of the file.
        derived: each after those it is made from.
        ordered: the rules, each after those that may forbid it.
        rules: their names, those of high priority first.
    """

    path: str
    heading: Text
    facts: Mapping[str, Fact]
    derived: tuple[Derived, ...]
    ordered: tuple[Rule, ...]
    rules: tuple[str, ...]

    def title(self, language: Language = "en") -> str:
        """What people call it."""
        return in_language(self.heading, language)

    def ask(self, fact: str, language: Language = "en") -> str:
        """The question that gets a missing fact."""
        found = self.facts[fact]
        return in_language(found.spec.ask, language) or found.title(language)

    def facts_in(
        self, text: str, language: str = "", today: date | None = None
    ) -> dict[str, Value]:
        """The facts that stand in ``text``; what is ambiguous is left out.

        Args:
            text: what somebody wrote.
            language: ``zh`` or ``en``: whose words are looked for; of both if empty.
            today: to which ``9 days ago`` refers.
        """
        return recognise(list(self.facts.values()), text, language, today or date.today())

    def used_by(self, rule: str) -> frozenset[str]:
        """The facts that the condition of ``rule`` rests on."""
        condition = next(one.condition for one in self.ordered if one.spec.name == rule)
        return frozenset(self.roots(condition.names) & set(self.facts))

    def evaluate(
        self,
        facts: Mapping[str, Given],
        language: Language = "en",
        today: date | None = None,
    ) -> list[Outcome]:
        """What each rule says of a case, rules of high priority first.

        Args:
            facts: what is known; numbers in the fact's own unit, days as dates or in ISO form.
            language: of the texts.
            today: the day on which it is asked.

        Raises:
            UsageError: a fact that the file does not have, or a value that is none of it.
        """
        values, problems = self._values(facts, today or date.today())
        outcomes: dict[str, Outcome] = {}
        for rule in self.ordered:
            case = _Case(self, rule, values, problems, language)
            outcomes[rule.spec.name] = case.outcome(outcomes)
        return [outcomes[name] for name in self.rules]

    def explained(
        self, names: Iterable[str], values: Mapping[str, Value | Unknown], language: Language
    ) -> tuple[str, ...]:
        """``title: value`` of the facts that ``names`` and what they are made from rest on."""
        used = self.roots(names)
        return tuple(
            f"{fact.title(language)}: {shown(value, language, fact)}"
            for name, fact in self.facts.items()
            if name in used and not isinstance(value := values[name], Unknown)
        )

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Facts in the order of the file."""
        wanted = set(names)
        return tuple(name for name in self.facts if name in wanted)

    def roots(self, names: Iterable[str]) -> set[str]:
        """``names`` and all that they are made from."""
        made = {one.name: one for one in self.derived}
        found: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left.extend(made[name].names if name in made else ())
        return found

    def _values(
        self, facts: Mapping[str, Given], today: date
    ) -> tuple[dict[str, Value | Unknown], dict[str, str]]:
        for name in facts:
            if name not in self.facts:
                raise UsageError(f"there is no fact '{name}', {nearest(name, self.facts)}")
        values: dict[str, Value | Unknown] = {TODAY: today}
        for name, fact in self.facts.items():
            values[name] = (
                checked(fact, facts[name]) if name in facts else Unknown(frozenset([name]))
            )
        problems: dict[str, str] = {}
        for one in self.derived:
            try:
                values[one.name] = _derive(one, values)
            except ExpressionError as error:
                values[one.name], problems[one.name] = Unknown(frozenset([one.name])), str(error)
        return values, problems


def _derive(one: Derived, values: Mapping[str, Value | Unknown]) -> Value | Unknown:
    chosen = evaluate(one.expression, values)
    if isinstance(chosen, Unknown) or not (one.rows or one.otherwise):
        return chosen
    row = one.rows.get(str(chosen), one.otherwise)
    if row is None:
        raise ExpressionError(f"'{one.name}' has no row for '{chosen}'")
    return evaluate(row, values)


@dataclass(frozen=True, slots=True)
class _Case:
    """One rule for one case."""

    book: RuleBook
    rule: Rule
    values: Mapping[str, Value | Unknown]
    problems: Mapping[str, str]
    language: Language

    def outcome(self, before: Mapping[str, Outcome]) -> Outcome:
        try:
            holds = evaluate(self.rule.condition, self.values)
        except ExpressionError as error:
            return Outcome(self.rule.spec.name, None, problem=str(error))
        if holds is False:
            return self._told(False, self.rule.otherwise)
        against = [before[name] for name in self.rule.spec.unless]
        vetoes = tuple(one.rule for one in against if one.holds)
        if vetoes:
            return Outcome(self.rule.spec.name, False, "", self._because(), (), vetoes)
        missing = set(holds.names) if isinstance(holds, Unknown) else set()
        for one in against:
            missing.update(one.missing if one.holds is None else ())
        problem = self._problem(missing) or "".join(one.problem for one in against)
        if missing or problem:
            names = self.book.in_order(missing)
            return Outcome(self.rule.spec.name, None, "", self._because(), names, problem=problem)
        return self._told(True, self.rule.then)

    def _problem(self, missing: Iterable[str]) -> str:
        return "; ".join(self.problems[name] for name in missing if name in self.problems)

    def _told(self, holds: bool, texts: Mapping[Language, Template]) -> Outcome:
        template = texts.get(self.language) or next(iter(texts.values()), None)
        says, missing = (
            template.filled(self.values, self.language, self.book.facts)
            if template
            else ("", set())
        )
        return Outcome(
            self.rule.spec.name, holds, says, self._because(), self.book.in_order(missing)
        )

    def _because(self) -> tuple[str, ...]:
        ground = in_language(self.rule.spec.because, self.language)
        facts = self.book.explained(self.rule.condition.names, self.values, self.language)
        return ((ground,) if ground else ()) + facts
