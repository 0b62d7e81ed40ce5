"""Records to documents of tokens: plain text, conversations, labelled texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from zaohua.data.records import Record, Turn
from zaohua.data.tokens.conversations import ChatTemplate, Refused
from zaohua.data.tokens.encoders import Encoder, Ids
from zaohua.data.tokens.loading import Boundaries
from zaohua.data.tokens.shards import Tally

_BATCH = 512
_NONE: Ids = np.empty(0, dtype=np.uint32)


@dataclass(slots=True)
class Documents:
    """What one shard comes to, gathered in memory."""

    tokens: list[Ids] = field(default_factory=list)
    learned: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def starts(self) -> npt.NDArray[np.int64]:
        """Where each document starts, and the end of the last."""
        lengths = np.fromiter(map(len, self.tokens), dtype=np.int64, count=len(self.tokens))
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def texts(records: Iterable[Record], encoder: Encoder, around: Boundaries) -> Documents:
    """Each record's text as one document; turns of a conversation are joined by line ends."""
    found = Documents()
    bodies = _kept(records, found.tally)
    while batch := list(islice(bodies, _BATCH)):
        _add_texts(found, encoder.plain([record.body() for record in batch]), around)
    return found


def labelled(records: Iterable[Record], encoder: Encoder, around: Boundaries) -> Documents:
    """Each record's text as one document, with the number of its label."""
    found = Documents()
    numbers: dict[str, int] = {}
    kept = (r for r in _kept(records, found.tally) if _has_label(r, found.tally))
    while batch := list(islice(kept, _BATCH)):
        _add_texts(found, encoder.plain([record.text for record in batch]), around)
        names = [label_name(record.label) for record in batch]
        found.labels += [numbers.setdefault(name, len(numbers)) for name in names]
    found.tally.labels = list(numbers)
    return found


def chats(records: Iterable[Record], encoder: Encoder, template: ChatTemplate) -> Documents:
    """Each conversation as one document; what the assistant says is to be learned."""
    found = Documents()
    for record in records:
        turns = conversation(record)
        try:
            _add_chat(found, turns, encoder, template)
        except Refused as reason:
            found.tally.skip(str(reason))
    return found


def conversation(record: Record) -> tuple[Turn, ...]:
    """The turns a model should learn from: of a preference the chosen, of bad thumbs none."""
    if record.kind == "thumbs" and record.label is not True:
        return ()
    return (*record.messages, *record.chosen)


def label_name(label: Any) -> str:
    """A label as a class name."""
    return str(label).lower() if isinstance(label, bool) else str(label)


def _kept(records: Iterable[Record], tally: Tally) -> Iterator[Record]:
    for record in records:
        if record.body():
            tally.bytes += len(record.body().encode())
            yield record
        else:
            tally.skip("empty")


def _has_label(record: Record, tally: Tally) -> bool:
    if record.label is None or not record.text:
        tally.skip("no_label" if record.text else "no_text")
        return False
    return True


def _add_texts(found: Documents, encoded: Sequence[Ids], around: Boundaries) -> None:
    """Boundaries around each; the end is left out where the next document's start stands for it."""
    before = _NONE if around.start is None else np.array([around.start], dtype=np.uint32)
    ended = around.end is not None and not around.shared
    after = np.array([around.end], dtype=np.uint32) if ended else _NONE
    found.tokens += [np.concatenate([before, ids, after]) for ids in encoded]


def _add_chat(
    found: Documents, turns: Sequence[Turn], encoder: Encoder, template: ChatTemplate
) -> None:
    if not any(turn.role == "assistant" and turn.content.strip() for turn in turns):
        raise Refused("no_assistant_turn")
    rendered = template.render(turns)
    ids, learned = encoder.rendered(rendered.text, rendered.spans)
    learned[:1] = False
    if not learned.any():
        raise Refused("template_shows_no_assistant_turn")
    found.tokens.append(ids)
    found.learned.append(learned)
    found.tally.unlearned_turns += rendered.unlearned
    found.tally.bytes += sum(len(turn.content.encode()) for turn in turns)
