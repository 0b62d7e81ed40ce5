"""The guard of a turn: what comes in, what is read beside it, what goes out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from zaohua.safety.answer import AnswerGuard
from zaohua.safety.folding import Folded, folded, tightened
from zaohua.safety.hidden import joined, role_tokens
from zaohua.safety.orders import orders
from zaohua.safety.passages import judge_passage
from zaohua.safety.policy import Policy, load_policy
from zaohua.safety.topics import blocked
from zaohua.safety.values import Action, Finding, Masked, Ruling
from zaohua.text.instructions import is_chinese
from zaohua.text.personal import MASKS, personal

_LONG_ENOUGH_TO_REPEAT = 2000


def check(text: str, role: Literal["question", "passage", "answer"], home: Path) -> Ruling:
    """What the guard of ``home`` says of ``text`` as a part of a turn.

    Raises:
        UsageError: the policy in ``home`` is wrong.
    """
    guard = Guard(load_policy(home))
    language = "zh" if is_chinese(text) else "en"
    if role == "passage":
        return guard.passage(text)
    if role == "question":
        return guard.question(text, language)
    answer = guard.answer(language)
    answer.feed(text)
    answer.finish()
    return answer.ruling


class Guard:
    """Judges by the rules of one policy. It keeps nothing, so one serves all turns.

    Args:
        policy: what it knows and does.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def question(self, text: str, language: str) -> Ruling:
        """What becomes of what a person wrote; ``language`` (``zh``, ``en``) is that of notices."""
        policy = self._policy
        if len(text) > policy.most_characters:
            size = Finding("size", "characters", policy.most_characters, len(text))
            return Ruling("refuse", policy.notices["too_long"].of(language), (size,))
        read = folded(text)
        tight = tightened(read)
        for topic, finding in blocked(policy.topics, tight):
            return Ruling("refuse", topic.answer.of(language), (finding,))
        flags = [*self._orders(tight), *role_tokens(text), *_repeated(text, policy.most_repeats)]
        refused = self._refused(read, flags, language)
        return refused or self._masked(text, read, flags, language)

    def passage(self, text: str) -> Ruling:
        """What becomes of a passage or of what a tool said: flagged, made harmless, never lost."""
        return judge_passage(self._policy, text)

    def answer(self, language: str, allowed: Sequence[str] = ()) -> AnswerGuard:
        """A guard for one answer; personal data that stands in ``allowed`` texts may be said."""
        return AnswerGuard(self._policy, language, allowed)

    def _orders(self, tight: Folded) -> Iterator[Finding]:
        if self._policy.injection.question != "pass":
            yield from orders(self._policy.injection, tight)

    def _refused(self, read: Folded, flags: list[Finding], language: str) -> Ruling | None:
        policy = self._policy
        given = [one for one in flags if one.kind == "order"]
        if given and policy.injection.question == "refuse":
            return Ruling("refuse", policy.notices["order"].of(language), tuple(given))
        kinds = tuple(k for k, what in policy.personal_question.items() if what == "refuse")
        private = tuple(
            Finding("personal", one.kind, *read.original(one.start, one.end))
            for one in personal(read.text, kinds)
        )
        if private:
            return Ruling("refuse", policy.notices["personal"].of(language), private)
        return None

    def _masked(self, text: str, read: Folded, flags: list[Finding], language: str) -> Ruling:
        kinds = tuple(k for k, what in self._policy.personal_question.items() if what == "mask")
        masks = _Masks(language)
        edits, private = [], []
        for one in personal(read.text, kinds):
            start, end = read.original(one.start, one.end)
            edits.append((start, end, masks.of(one.kind, text[start:end])))
            private.append(Finding("personal", one.kind, start, end))
        findings = tuple(sorted([*flags, *private], key=lambda one: one.start))
        action: Action = "mask" if private else "flag" if flags else "pass"
        return Ruling(action, joined(text, edits), findings, Masked(masks.values))


class _Masks:
    """Masks of one text: the same value the same mask, a second value of a kind a number."""

    def __init__(self, language: str) -> None:
        self.values: dict[str, str] = {}
        self._place = 0 if language == "zh" else 1

    def of(self, kind: str, value: str) -> str:
        plain = MASKS[kind][self._place]
        number = 1
        mask = plain
        while self.values.get(mask, value) != value:
            number += 1
            mask = f"{plain[:-1]} {number}]"
        self.values[mask] = value
        return mask


def _repeated(text: str, most: int) -> Iterator[Finding]:
    """Whether a long text says the same again and again: how far it can be compressed tells."""
    if len(text) < _LONG_ENOUGH_TO_REPEAT:
        return
    raw = text.encode("utf-8", "replace")
    times = len(raw) // len(zlib.compress(raw, 1))
    if times > most:
        yield Finding("repetition", "text", 0, len(text), f"about {times} times")
