"""The tool that checks rules, over any book of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.values import BoundTool, ToolOutput

Value = str | int | float | bool


class Outcome(Protocol):
    """What one rule comes to: ``holds`` is None where facts are ``missing``."""

    @property
    def rule(self) -> str:
        """Its name."""

    @property
    def holds(self) -> bool | None:
        """Whether its conditions are met."""

    @property
    def says(self) -> str:
        """What follows from it."""

    @property
    def because(self) -> tuple[str, ...]:
        """The conditions that decided."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that are needed and not known."""


class Rules(Protocol):
    """Rules that can be evaluated."""

    def evaluate(self, facts: Mapping[str, Value]) -> Sequence[Outcome]:
        """What each rule comes to, given ``facts``."""


def rules_tool(rules: Rules, facts: Sequence[str] = ()) -> BoundTool:
    """``check_rules``.

    Args:
        rules: evaluated exactly, in code.
        facts: names of those they know, told to the model.
    """

    def check_rules(facts: dict[str, str | int | float | bool]) -> ToolOutput:
        """Check which rules apply to given facts. The result is binding."""
        outcomes = rules.evaluate(facts)
        text = "\n".join(_line(one) for one in outcomes)
        return ToolOutput(text or "No rule is about these facts.", [_plain(o) for o in outcomes])

    named = f" Facts: {', '.join(facts)}." if facts else ""
    summary = "Check which rules apply to given facts, by name. The result is binding."
    made = tool_of(check_rules, description=f"{summary}{named}")
    return replace(made, harmless=True)


def _line(outcome: Outcome) -> str:
    if outcome.missing:
        return f"{outcome.rule}: unknown, missing {', '.join(outcome.missing)}"
    reason = f" (because {'; '.join(outcome.because)})" if outcome.because else ""
    verdict = "applies" if outcome.holds else "does not apply"
    return f"{outcome.rule}: {verdict}: {outcome.says}{reason}"


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "rule": outcome.rule,
        "holds": outcome.holds,
        "says": outcome.says,
        "because": list(outcome.because),
        "missing": list(outcome.missing),
    }
