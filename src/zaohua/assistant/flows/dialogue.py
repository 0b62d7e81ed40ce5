"""The dialogue of a branch, gone through anew from its first message to its last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zaohua.assistant.flows.case import Case, Known
from zaohua.assistant.flows.form import FlowSpec, TextsSpec
from zaohua.assistant.flows.intents import Intents
from zaohua.assistant.flows.replay import Replay
from zaohua.assistant.flows.steps import DONE, Step, Stop
from zaohua.assistant.flows.values import FlowStep, Language, Said
from zaohua.text.instructions import is_chinese

_WORDS = re.compile("[\u3400-\u9fff]|[A-Za-z]{3}")

MOST_MESSAGES = 24
"""So many messages of the user are gone through; what was said before them is forgotten."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow that was read.

    Attributes:
        wants: slots and facts of the rules that its steps use, and the flows it goes on with.
    """

    name: str
    spec: FlowSpec
    steps: tuple[Step, ...]
    wants: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows of one file; made by `read_flows`."""

    flows: Mapping[str, Flow]
    known: Known
    intents: Intents
    texts: TextsSpec

    def step(self, branch: Sequence[Said], language: Language, today: date) -> FlowStep | None:
        """What is said to the last message of ``branch``; None if no flow is about it.

        Args:
            branch: messages from the first to the last, which is the user's.
            language: of the answer, unless the last message is a bare number: then that of the
                one before it.
            today: on which the last message was said; the days of the others follow from it.

        Raises:
            UsageError: a text of the file cannot be filled.
        """
        asked = [message for message in branch if message.role == "user"][-MOST_MESSAGES:]
        spoken = _spoken([message.content for message in asked], language)
        replay, found = Replay(self, spoken), None
        for message in asked:
            days = asked[-1].created_at.date() - message.created_at.date()
            found = replay.hear(message.content, _earlier(today, days))
        return found

    def run(self, case: Case) -> Stop:
        """Take the steps of a case's flow until one ends it."""
        flow = case.matter.flow
        while True:
            stop = _run(self.flows[flow].steps, case)
            if stop.how != "goes on":
                return stop
            flow = stop.flow


def _run(steps: Sequence[Step], case: Case) -> Stop:
    for step in steps:
        stop = step.do(case)
        if stop is not None:
            return stop
    return DONE if case.said else Stop("documents")


def _spoken(texts: Sequence[str], language: Language) -> Language:
    """``language``; of a last text without words (``A1003``) that of the last one with words."""
    if not texts or _WORDS.search(texts[-1]):
        return language
    worded = (text for text in reversed(texts) if _WORDS.search(text))
    before = next(worded, None)
    return language if before is None else "zh" if is_chinese(before) else "en"


def _earlier(today: date, days: timedelta) -> date:
    """``today`` itself where clocks went backwards."""
    return today - max(days, timedelta())
