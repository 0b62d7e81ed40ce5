"""Rules in a turn: worked out exactly for what is known of a case, and said as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from zaohua.assistant.turn.case import Case, case_of
from zaohua.assistant.turn.sources import read, stated
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language
from zaohua.assistant.values import Citation, Message
from zaohua.errors import UsageError
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.grounding import Fit, asks_for
from zaohua.knowledge.rules import Outcome, RuleBook, Value

_MOST = 6
"""Rules told of one question, those of high priority first."""
_BECAUSE: dict[Language, str] = {"zh": "依据：{}", "en": "Because: {}"}


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules say of a question.

    Attributes:
        sources: one for each rule that is decided.
        words: what these say.
        ask: the question for the one fact that would decide another; empty if any is decided.
    """

    sources: tuple[Citation, ...] = ()
    words: str = ""
    ask: str = ""


def apply_rules(
    trace: Trace,
    book: RuleBook | None,
    branch: Sequence[Message],
    known: Mapping[str, str],
    language: Language,
) -> Ruled:
    """What the rules say of the last question of ``branch``; ``known`` is known of it besides.

    Rules that lack facts say nothing. Where one fact alone would decide, the trace names it.
    """
    if book is None:
        return Ruled()
    with trace.step("rules") as step:
        today = date.today()
        case = case_of(book, branch, language, today)
        facts = {**case.facts, **{name: one for name, one in known.items() if name in book.facts}}
        if not facts:
            return Ruled()
        outcomes = _outcomes(book, case.facts, facts, language, today)
        told = [one for one in outcomes if _is_told(book, one, case)][:_MOST]
        sources = tuple(_source(book, one, language) for one in told)
        missing = _decisive(outcomes)
        step.note(
            _said(told),
            tokens=sum(tokens_of(source["text"]) for source in sources),
            facts={name: str(value) for name, value in facts.items()},
            rules=[one.rule for one in told],
            would_decide=missing,
        )
    ask = "" if told else _asked(book, missing, case, branch[-1].content, language)
    return Ruled(sources, "\n".join(one.says for one in told), ask)


def _outcomes(
    book: RuleBook,
    seen: Mapping[str, Value],
    facts: Mapping[str, Value | str],
    language: Language,
    today: date,
) -> list[Outcome]:
    try:
        return book.evaluate(facts, language, today)
    except UsageError:  # what is known besides is in no form that the rules take
        return book.evaluate(seen, language, today)


def _is_told(book: RuleBook, one: Outcome, case: Case) -> bool:
    """Whether a rule is decided, and was not told before of the same facts."""
    if one.holds is None or not one.says or one.missing:
        return False
    return bool(book.used_by(one.rule) & case.fresh) or all(one.says not in t for t in case.said)


def _source(book: RuleBook, outcome: Outcome, language: Language) -> Citation:
    parts = [outcome.says]
    if outcome.because:
        parts.append(_BECAUSE[language].format("；".join(outcome.because)))
    title = book.title(language) or outcome.rule
    return {
        **stated("rule", PurePath(book.path).name, title, "\n".join(parts)),
        "headings": [outcome.rule],
    }


def _said(told: Sequence[Outcome]) -> str:
    if not told:
        return "no rule can be decided"
    return f"{len(told)} rules decided: {', '.join(one.rule for one in told)}"


def _decisive(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The one missing fact of each rule that lacks no other."""
    return {
        one.rule: one.missing[0] for one in outcomes if one.holds is None and len(one.missing) == 1
    }


def _asked(
    book: RuleBook, missing: Mapping[str, str], case: Case, question: str, language: Language
) -> str:
    """The file's own question for the first such fact, unless the user asks that himself."""
    askable = [
        (len(_topics(book, rule, case)), fact)
        for rule, fact in missing.items()
        if book.facts[fact].spec.ask and _topics(book, rule, case)
    ]
    if not askable:
        return ""
    _, fact = max(askable, key=lambda one: one[0])
    ask = book.ask(fact, language)
    return "" if asks_for(question, ask) else ask


def settled(ruled: Ruled, question: str, others: Sequence[Citation]) -> bool:
    """Whether what the rules say is all that is known of what is asked."""
    if not ruled.words:
        return False
    return not Fit.of(question, [read(one) for one in others]).open_beside(ruled.words)


def _topics(book: RuleBook, rule: str, case: Case) -> list[str]:
    """What the question gave that shows that it is about ``rule``; a day may be any day."""
    given = sorted(book.used_by(rule) & case.fresh)
    specs = {name: book.facts[name].spec for name in given}
    return [name for name in given if specs[name].type != "date" or specs[name].patterns]
