"""The guard of an answer while it is written: a few characters behind it.

Every decision falls after a number of characters that does not depend on how the text comes in
pieces, so the same text gives the same result whatever its pieces are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zaohua.safety.folding import Folded, folded, tightened
from zaohua.safety.policy import Policy, Topic
from zaohua.safety.topics import blocked
from zaohua.safety.values import Action, Finding, Ruling
from zaohua.text.personal import MASKS, Personal, may_be_personal, personal

STEP = 8
"""Characters from one decision to the next."""
HOLD = 24
"""Characters held back in any case."""
LONGEST = 120
"""Characters of the longest piece that is held back as a whole: a number, an address, a topic."""
WORST_DELAY = LONGEST + STEP
"""Characters that can be held back at most; the usual is `HOLD` to `HOLD` + `STEP`."""

_CONTEXT = 160
_SURE = 3
"""Characters after personal data that tell whether it ends there."""
_OPEN = re.compile(r"(?:[+(（]?[0-9][0-9 \-.()（）]*|[A-Za-z0-9._%+\-@:]+)\Z")
_SEPARATORS = re.compile(r"[^a-z0-9@.:\u3400-\u9fff\n]")


class AnswerGuard:
    """Masks personal data that nobody gave, and ends an answer that comes to a blocked topic.

    Args:
        policy: what it knows and does.
        language: ``zh`` or ``en``: of masks and notices.
        allowed: texts (the question, the sources) whose personal data may be said again.
    """

    def __init__(self, policy: Policy, language: str, allowed: Sequence[str] = ()) -> None:
        self._policy = policy
        self._language = language
        self._allowed = "\n".join(_squeezed(text) for text in allowed)
        self._kinds = tuple(k for k, what in policy.personal_answer.items() if what != "pass")
        self._new = ""
        self._held = ""
        self._context = ""
        self._place = 0
        self._stopped = False
        self._shown: list[str] = []
        self._findings: list[Finding] = []

    def feed(self, text: str) -> str:
        """What may be shown now that ``text`` has come."""
        self._new += text
        first, shown = 0, []
        while len(self._new) - first >= STEP and not self._stopped:
            self._held += self._new[first : first + STEP]
            first += STEP
            shown.append(self._released(last=False))
        self._new = self._new[first:]
        return self._kept("".join(shown))

    def finish(self) -> str:
        """The rest, once all has come."""
        if self._stopped:
            return ""
        self._held, self._new = self._held + self._new, ""
        shown = self._released(last=True)
        self._stopped = True
        return self._kept(shown)

    @property
    def ended(self) -> bool:
        """Whether it came to a topic that is not talked about: nothing more will be shown."""
        return any(one.kind == "topic" for one in self._findings)

    @property
    def ruling(self) -> Ruling:
        """What became of it so far; the text is what was shown."""
        kinds = {one.kind for one in self._findings}
        action: Action = "refuse" if "topic" in kinds else "mask" if kinds else "pass"
        return Ruling(action, "".join(self._shown), tuple(self._findings))

    def _kept(self, shown: str) -> str:
        self._shown.append(shown)
        return shown

    def _released(self, *, last: bool) -> str:
        """What of the held text can go, judged with what went before it."""
        window, base = self._context + self._held, len(self._context)
        read = folded(window)
        topic = self._topic(read, base)
        if topic and (last or topic[1].end <= len(window) - HOLD):
            return self._ended(window, base, read, *topic)
        limit = len(window) if last else self._limit(window, base, topic)
        spans = self._personal(read, base)
        for start, end, _ in spans:
            if start < limit < end or (start < limit and end + _SURE > len(window) and not last):
                limit = start
        return self._passed(window, base, limit, spans)

    def _limit(self, window: str, base: int, topic: tuple[Topic, Finding] | None) -> int:
        """How far the window can go: not into what may still become a number or a topic."""
        starts = [len(window) - HOLD]
        open_end = _OPEN.search(window, max(base, len(window) - LONGEST))
        if open_end:
            starts.append(open_end.start())
        if topic:
            starts.append(topic[1].start)
        return max(base, len(window) - LONGEST, min(starts))

    def _topic(self, read: Folded, base: int) -> tuple[Topic, Finding] | None:
        found = (one for one in blocked(self._policy.topics, tightened(read)) if one[1].end > base)
        return min(found, key=lambda one: one[1].start, default=None)

    def _personal(self, read: Folded, base: int) -> list[tuple[int, int, str]]:
        """Personal data nobody gave, in places of the window."""
        if not may_be_personal(read.text):
            return []
        spans = [
            (*read.original(one.start, one.end), one.kind)
            for one in personal(read.text, self._kinds)
            if not self._was_given(read, one)
        ]
        return [one for one in spans if one[0] >= base and one[1] - one[0] <= LONGEST]

    def _was_given(self, read: Folded, one: Personal) -> bool:
        return _squeezed(read.text[one.start : one.end]) in self._allowed

    def _passed(
        self, window: str, base: int, limit: int, spans: Sequence[tuple[int, int, str]]
    ) -> str:
        """Characters ``base`` to ``limit`` with masks; the rest is held."""
        parts, place = [], base
        for start, end, kind in spans:
            if end <= limit:
                parts += [window[place:start], MASKS[kind][0 if self._language == "zh" else 1]]
                place = end
                self._note(Finding("personal", kind, start, end), base)
        parts.append(window[place:limit])
        self._place += limit - base
        self._context, self._held = window[:limit][-_CONTEXT:], window[limit:]
        return "".join(parts)

    def _ended(self, window: str, base: int, read: Folded, topic: Topic, finding: Finding) -> str:
        """What stands before the topic, and a notice in the place of all that follows."""
        self._note(finding, base)
        shown = self._passed(window, base, max(base, finding.start), self._personal(read, base))
        self._stopped, self._held, self._new = True, "", ""
        return f"{shown.rstrip()}\n\n{topic.answer.of(self._language)}"

    def _note(self, finding: Finding, base: int) -> None:
        """Keep a finding with its places in the whole answer."""
        moved = self._place - base
        start, end = finding.start + moved, finding.end + moved
        self._findings.append(Finding(finding.kind, finding.rule, start, end, finding.note))


def _squeezed(text: str) -> str:
    """Letters and digits alone, folded: a number is the same however it is spaced."""
    return _SEPARATORS.sub("", folded(text).text)
