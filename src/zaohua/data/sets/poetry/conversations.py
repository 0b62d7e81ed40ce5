"""Several instructions with their poems as one conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from zaohua.data.records import Record, Unreadable
from zaohua.data.sets.drawing import drawn

MOST_INSTRUCTIONS = 3
LONGEST = 200
"""Characters of a conversation, so that it fits a context of 256 tokens."""


def in_conversations(
    records: Iterable[Record | Unreadable], share: float
) -> Iterator[Record | Unreadable]:
    """Joins records of one key of the split, so that none of a conversation is on the other side.

    Args:
        records: of an instruction and a poem each.
        share: of the instructions that follow another one, as far as there are some of their key
            and the conversation does not become too long.

    Yields:
        Records whose ``meta`` and place are those of their last poem.
    """
    latest: dict[str, Record] = {}
    for record in records:
        if isinstance(record, Unreadable):
            yield record
            continue
        key = record.meta["split_key"]
        earlier = latest.get(key)
        if earlier is None:
            latest[key] = record
        elif _follows(record, earlier, share):
            latest[key] = _joined(earlier, record)
        else:
            yield earlier
            latest[key] = record
    yield from latest.values()


def _joined(earlier: Record, later: Record) -> Record:
    return replace(later, messages=(*earlier.messages, *later.messages))


def _follows(record: Record, earlier: Record, share: float) -> bool:
    turns = _joined(earlier, record).messages
    return (
        len(turns) <= 2 * MOST_INSTRUCTIONS
        and sum(len(turn.content) for turn in turns) <= LONGEST
        and drawn(record.body(), share, b"follows")
    )
