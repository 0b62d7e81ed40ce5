"""The tree of a conversation: which messages lead to one, and where a branch ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Node(Protocol):
    """What the tree is made of; ``seq`` grows with creation."""

    id: str
    parent_id: str | None
    seq: int


N = TypeVar("N", bound=Node)


def branch_to(messages: Sequence[N], message_id: str) -> list[N]:
    """The messages from a root to ``message_id``, both included; empty if it is not there.

    A message whose parent is missing counts as a root; a loop is cut.
    """
    by_id = {message.id: message for message in messages}
    branch: list[N] = []
    current: str | None = message_id
    while current is not None and current in by_id:
        message = by_id.pop(current)
        branch.append(message)
        current = message.parent_id
    return branch[::-1]


def leaf_below(messages: Sequence[N], message_id: str) -> str:
    """The end of the branch that goes on from ``message_id`` by the newest child each time."""
    newest: dict[str | None, N] = {}
    for message in sorted(messages, key=lambda m: m.seq):
        newest[message.parent_id] = message
    seen = {message_id}
    while message_id in newest and newest[message_id].id not in seen:
        message_id = newest[message_id].id
        seen.add(message_id)
    return message_id


def newest_leaf(messages: Sequence[N]) -> str | None:
    """The end of the newest branch; None of an empty tree."""
    if not messages:
        return None
    return max(messages, key=lambda m: m.seq).id
