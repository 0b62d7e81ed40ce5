"""A passage that was retrieved, or what a tool said: data, whatever orders it gives."""

from __future__ import annotations

from zaohua.safety import hidden
from zaohua.safety.folding import folded, tightened
from zaohua.safety.orders import orders, sentence_around
from zaohua.safety.policy import Policy
from zaohua.safety.values import Finding, Ruling
from zaohua.text.chat_tokens import broken
from zaohua.text.instructions import is_chinese

_Edit = tuple[int, int, str]


def judge_passage(policy: Policy, text: str) -> Ruling:
    """Flagged if it gives orders, hides text or carries role tokens; its text made harmless.

    What is left out of the text stands in the findings with its place, never silently.
    """
    found = list(orders(policy.injection, tightened(folded(text))))
    if policy.injection.passage == "pass":
        found = []
    unseen, edits = _unseen(text, policy)
    images = list(hidden.carrying_images(text))
    roles = list(hidden.role_tokens(text))
    tricks, silent = _invisible(text)
    if policy.injection.passage == "withhold":
        edits += _withheld(text, found, policy)
    edits += [(one.start, one.end, new) for one, new in images]
    edits += [(one.start, one.end, broken(text[one.start : one.end])) for one in roles]
    edits += silent
    findings = sorted(
        [*found, *unseen, *(one for one, _ in images), *roles, *tricks],
        key=lambda one: (one.start, one.end),
    )
    return Ruling("flag" if findings else "pass", hidden.joined(text, edits), tuple(findings))


def _unseen(text: str, policy: Policy) -> tuple[list[Finding], list[_Edit]]:
    """Parts that no reader sees: what a document says does not stand there."""
    if policy.injection.passage == "pass":
        return [], []
    parts = list(hidden.unseen_parts(text))
    findings = [
        Finding("hidden", how, start, end, "no reader sees it") for start, end, how in parts
    ]
    put = policy.notices["unseen"].of(_language(text))
    return findings, [(start, end, put) for start, end, _ in parts]


def _withheld(text: str, found: list[Finding], policy: Policy) -> list[_Edit]:
    """The sentences with orders, those that touch as one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted(sentence_around(text, one.start, one.end) for one in found):
        if spans and start <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    put = policy.notices["withheld"].of(_language(text))
    return [(start, end, put) for start, end in spans]


def _language(text: str) -> str:
    return "zh" if is_chinese(text) else "en"


def _invisible(text: str) -> tuple[list[Finding], list[_Edit]]:
    runs = list(hidden.invisible(text))
    tricks = [
        Finding("hidden", "characters", start, end, "without width")
        for start, end, trick in runs
        if trick
    ]
    return tricks, [(start, end, "") for start, end, _ in runs]
