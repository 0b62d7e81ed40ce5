"""What the routes of knowledge are given: the parts, who asks, what may be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Path

from zaohua.knowledge.shelves import Reader, Shelf
from zaohua.service.errors import ApiError
from zaohua.service.knowledge.parts import KnowledgeParts, parts
from zaohua.service.security import Caller, caller

Parts = Annotated[KnowledgeParts, Depends(parts)]
Known = Annotated[Caller, Depends(caller)]
CollectionName = Annotated[str, Path(min_length=1, max_length=64)]


def reader(who: Known) -> Reader:
    """The caller as one who reads: without a key, or with one for administrators, everything."""
    return Reader(who.owner, everything=who.may("admin"))


Asking = Annotated[Reader, Depends(reader)]


def readable(parts: Parts, asking: Asking, name: CollectionName) -> Shelf:
    """The collection of the path."""
    return parts.shelves.named(name, asking)


Readable = Annotated[Shelf, Depends(readable)]


def readable_names(parts: KnowledgeParts, asking: Reader, names: Sequence[str]) -> list[str]:
    """The collections of these names; without names all that may be read.

    Raises:
        NotFoundError: one of them is not there for the caller.
    """
    if not names:
        return [shelf.name for shelf in parts.shelves.readable(asking)]
    return [parts.shelves.named(name, asking).name for name in names]


def changeable(shelf: Readable, asking: Asking) -> Shelf:
    """The collection of the path, to be changed.

    Raises:
        ApiError: 403, it belongs to somebody else.
    """
    if not shelf.may_change(asking):
        raise ApiError(
            403,
            "only who made this collection or a key with the scope 'admin' may change it",
            code="insufficient_scope",
        )
    return shelf


Changeable = Annotated[Shelf, Depends(changeable)]
