"""Topics that are not talked about, found by the patterns of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zaohua.safety.folding import Folded
from zaohua.safety.policy import Topic
from zaohua.safety.values import Finding

_NEAR = 60


def blocked(topics: Sequence[Topic], text: Folded) -> Iterator[tuple[Topic, Finding]]:
    """Each topic that ``text`` (tightened) touches, with the first place where it does."""
    for topic in topics:
        place = _first(topic, text.text)
        if place is not None:
            start, end = text.original(*place)
            yield topic, Finding("topic", topic.name, start, end, f"severity {topic.severity}")


def _first(topic: Topic, text: str) -> tuple[int, int] | None:
    places = [
        found.span()
        for pattern in topic.patterns
        for found in pattern.finditer(text)
        if found.end() > found.start() and not _excused(topic, text, *found.span())
    ]
    return min(places, default=None)


def _excused(topic: Topic, text: str, start: int, end: int) -> bool:
    if topic.unless is None:
        return False
    return topic.unless.search(text, max(0, start - _NEAR), end + _NEAR) is not None
