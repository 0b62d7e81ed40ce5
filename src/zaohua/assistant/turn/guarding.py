"""The guard before the engine: the question, what was said before it, what is read beside it.

The model reads masks in the place of personal data. Questions that were refused are not told it
later either, nor what was said to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from zaohua.assistant.turn.language import language_of
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language
from zaohua.assistant.values import Citation, Message, TraceLine
from zaohua.safety import Guard, Masked, Ruling
from zaohua.text.personal import may_be_personal

_LEFT_OUT = "[…]"
_PASTED = re.compile(r"""“[^”]*”|"[^"]*"|「[^」]*」|『[^』]*』|```.*?```""", re.DOTALL)
_SAID = {
    "pass": "nothing to say against it",
    "flag": "something was found, it goes on",
    "mask": "personal data is masked",
    "refuse": "refused: the model is not asked",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A branch as the model may read it.

    Attributes:
        branch: without what was refused, personal data masked.
        masks: what the masks of each message stand for, for this turn alone.
        refusal: what is answered to the last question instead.
    """

    branch: tuple[Message, ...]
    masks: tuple[Masked, ...] = ()
    refusal: str | None = None

    def hide(self, text: str) -> str:
        """``text`` with masks wherever it has what they stand for."""
        for masked in self.masks:
            for mask, value in sorted(masked.values.items(), key=lambda one: -len(one[1])):
                text = _spelt(value).sub(mask, text)
        return text

    def restore(self, text: str) -> str:
        """``text`` with what the masks stand for; of equal masks the latest counts."""
        for masked in reversed(self.masks):
            text = masked.restore(text)
        return text


def guard_in(
    trace: Trace, guard: Guard | None, branch: Sequence[Message], language: Language
) -> Heard:
    """What the model may read of ``branch``, or what is answered instead."""
    *before, asked = _unrefused(branch)
    if guard is None:
        return Heard((*before, asked))
    with trace.step("guard_in") as step:
        ruling = guard.question(asked.content, language)
        step.note(_SAID[ruling.action], action=ruling.action, findings=told(ruling))
        if ruling.action == "refuse":
            return Heard((), refusal=ruling.text)
        earlier = [_earlier(guard, message) for message in before]
        rulings = [one for one in (*(one[1] for one in earlier), ruling) if one is not None]
        heard = Heard((), tuple(one.masked for one in rulings if one.masked.values))
        said = [_hidden(heard, message) for message, _ in earlier]
    return replace(heard, branch=(*said, replace(asked, content=ruling.text)))


def harmless(guard: Guard | None, source: Citation) -> tuple[Citation, bool]:
    """A source without orders to the model, and whether anything was found in it."""
    if guard is None:
        return source, False
    text, title = guard.passage(source["text"]), guard.passage(source["title"])
    headings = [guard.passage(heading) for heading in source["headings"]]
    found = any(one.findings for one in (text, title, *headings))
    clean: Citation = {
        **source,
        "title": title.text,
        "headings": [one.text for one in headings],
        "text": text.text,
    }
    return clean, found


def unpasted(guard: Guard | None, text: str) -> str:
    """``text`` without what stands in it in quotation marks and gives orders to the model.

    Whoever asks did not write that: neither its numbers nor its words are what is asked.
    """
    if guard is None:
        return text

    def kept(match: re.Match[str]) -> str:
        ordered = any(one.kind == "order" for one in guard.passage(match[0]).findings)
        return " " if ordered else match[0]

    left = _PASTED.sub(kept, text)
    return left if re.search(r"\w", left) else text


def was_refused(trace: Sequence[TraceLine] | None) -> bool:
    """Whether the answer with this trace is what the guard said in the place of one."""
    return any(
        line["step"] == "guard_in" and line["details"].get("action") == "refuse"
        for line in trace or ()
    )


def told(ruling: Ruling) -> list[dict[str, Any]]:
    """Findings for the trace: what they are, never what they found."""
    return [{"kind": one.kind, "rule": one.rule} for one in ruling.findings]


def _unrefused(branch: Sequence[Message]) -> list[Message]:
    refused = {message.parent_id for message in branch if was_refused(message.trace)}
    return [m for m in branch if m.id not in refused and m.parent_id not in refused] or [branch[-1]]


def _earlier(guard: Guard, message: Message) -> tuple[Message, Ruling | None]:
    """A message from before, judged only if it may hold personal data."""
    if message.role != "user" or not may_be_personal(message.content):
        return message, None
    ruling = guard.question(message.content, language_of(message.content))
    text = _LEFT_OUT if ruling.action == "refuse" else ruling.text
    return replace(message, content=text), ruling


def _hidden(heard: Heard, message: Message) -> Message:
    content = heard.hide(message.content)
    return message if content == message.content else replace(message, content=content)


def _spelt(value: str) -> re.Pattern[str]:
    """``value`` however it is spaced, and not as a part of a longer number."""
    signs = [re.escape(sign) for sign in value if sign not in " -"]
    return re.compile(rf"(?<!\d){r'[ -]?'.join(signs)}(?!\d)", re.IGNORECASE)
