"""Rules in a turn: worked out exactly for what the question says, told to the model as sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath

from zaohua.assistant.turn.sources import stated
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language
from zaohua.assistant.values import Citation
from zaohua.errors import UsageError
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.rules import Outcome, RuleBook, Value

_MOST = 6
"""Rules told of one question, those of high priority first."""
_BECAUSE: dict[Language, str] = {"zh": "依据：{}", "en": "Because: {}"}


def apply_rules(
    trace: Trace,
    book: RuleBook | None,
    question: str,
    known: Mapping[str, str],
    language: Language,
) -> list[Citation]:
    """What the rules say of ``question``; ``known`` is what else is known of the case.

    Rules that lack facts say nothing. Where one fact alone would decide, the trace names it.
    """
    if book is None:
        return []
    with trace.step("rules") as step:
        today = date.today()
        seen = book.facts_in(question, language, today)
        facts = {**seen, **{name: one for name, one in known.items() if name in book.facts}}
        if not facts:
            return []
        outcomes = _outcomes(book, seen, facts, language, today)
        told = [one for one in outcomes if one.holds is not None and one.says and not one.missing]
        sources = [_source(book, one, language) for one in told[:_MOST]]
        step.note(
            _said(told[:_MOST]),
            tokens=sum(tokens_of(source["text"]) for source in sources),
            facts={name: str(value) for name, value in facts.items()},
            rules=[one.rule for one in told[:_MOST]],
            would_decide=_decisive(outcomes),
        )
    return sources


def _outcomes(
    book: RuleBook,
    seen: Mapping[str, Value],
    facts: Mapping[str, Value],
    language: Language,
    today: date,
) -> list[Outcome]:
    try:
        return book.evaluate(facts, language, today)
    except UsageError:  # what is known besides is in no form that the rules take
        return book.evaluate(seen, language, today)


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
