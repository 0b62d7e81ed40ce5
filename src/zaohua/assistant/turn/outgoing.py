"""What of the engine's words may be shown, and when: the guard after the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from zaohua.assistant.turn.guarding import told
from zaohua.assistant.turn.trace import Step, Trace
from zaohua.assistant.turn.understanding import Language
from zaohua.safety import AnswerGuard, Guard

_SAID = {
    "pass": "nothing to say against it",
    "flag": "something was found",
    "mask": "personal data that nobody gave is masked",
    "refuse": "ended: it came to a topic that is not talked about",
}


class Outflow:
    """Words go in as they come and out as they may be shown.

    Args:
        guard: judges them; None lets all through.
        language: of its notices.
        allowed: texts whose personal data may be said.
        hold: nothing is shown until all has come, reasoning never.
    """

    def __init__(
        self,
        guard: Guard | None,
        language: Language,
        allowed: Sequence[str] = (),
        *,
        hold: bool = False,
    ) -> None:
        self._thoughts = guard.answer(language, allowed) if guard and not hold else None
        self._words = guard.answer(language, allowed) if guard else None
        self._hold = hold
        self._held: list[str] = []
        self._begun = False
        self._seconds = 0.0

    @property
    def ended(self) -> bool:
        """Whether the guard has ended the answer."""
        return self._words is not None and self._words.ended

    @property
    def notice(self) -> str:
        """What the guard put in the place of the rest, if it ended the answer."""
        return "".join(self._held).rpartition("\n\n")[2] if self.ended else ""

    def feed(self, reasoning: str, text: str) -> tuple[str, str]:
        """What may be shown now of reasoning and of content.

        Reasoning that comes after content is taken as content.
        """
        if self._hold:
            reasoning = ""
        elif self._begun:
            reasoning, text = "", reasoning + text
        with self._timed():
            shown = _fed(self._thoughts, reasoning)
            if text and not self._begun:
                self._begun = True
                shown += self._thoughts.finish() if self._thoughts else ""
            return shown, self._kept(_fed(self._words, text))

    def finish(self) -> tuple[str, str]:
        """The rest, once all has come; nothing where it is held."""
        with self._timed():
            shown = self._thoughts.finish() if self._thoughts else ""
            return shown, self._kept(self._words.finish() if self._words else "")

    def held(self) -> str:
        """All that was held, judged by the guard."""
        return "".join(self._held)

    def note(self, trace: Trace) -> None:
        """What the guard did, as a line of the trace."""
        if self._words is None:
            return
        ruling, step = self._words.ruling, Step("guard_out")
        step.note(_SAID[ruling.action], action=ruling.action, findings=told(ruling))
        trace.add(step, self._seconds)

    def _kept(self, text: str) -> str:
        if self._hold:
            self._held.append(text)
            return ""
        return text

    @contextmanager
    def _timed(self) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - begin


def _fed(guard: AnswerGuard | None, text: str) -> str:
    return guard.feed(text) if guard and text else text
