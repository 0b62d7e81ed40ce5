"""Sources mixed by weight, and documents parted into training and validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import xxhash

from zaohua.data.cleaning.duplicates import document_key
from zaohua.data.cleaning.steps import characters
from zaohua.data.records import Record
from zaohua.errors import UsageError

Part = Literal["train", "validation"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source(Generic[T]):
    """One ingredient of a mixture.

    Attributes:
        name: for messages; names in a mixture differ.
        weight: its share of the characters, relative to the other weights; above 0.
        records: begins to read it from the start, each time it is called.
        passes: how often it is read before it counts as used up.
    """

    name: str
    weight: float
    records: Callable[[], Iterable[T]]
    passes: int = 1


def mix(
    sources: Sequence[Source[Record]], *, until: Literal["all", "first"] = "all"
) -> Iterator[Record]:
    """Records of all sources by weight; see `interleave`."""
    return interleave(sources, characters, until=until)


def interleave(
    sources: Sequence[Source[T]],
    size: Callable[[T], int],
    *,
    until: Literal["all", "first"] = "all",
) -> Iterator[T]:
    """Items of all sources, each time from the one furthest behind its share of characters.

    The order is fixed by the sources and their weights; there is no chance in it.

    Args:
        sources: at least one.
        size: characters of an item.
        until: ``all`` goes on with the others when a source is used up; ``first`` ends there, so
            that the shares hold to the end.

    Raises:
        UsageError: no source, a weight or a number of passes that is not positive, a name twice.
    """
    _check(sources)
    return _mixed(sources, size, until)


def part_of(record: Record, validation: float, salt: str = "") -> Part:
    """Whether a document is for training or validation, by its text alone; see `draw`.

    It stays where it is when data is added, reordered or labelled anew, and equal texts are
    always on one side.

    Args:
        record: the document.
        validation: share of documents for validation, from 0 to 1. A larger share keeps all
            documents that a smaller one chose.
        salt: another salt, another split.

    Raises:
        UsageError: the share is outside 0 to 1.
    """
    if not 0 <= validation <= 1:
        raise UsageError("the share for validation must lie between 0 and 1", where=str(validation))
    return "validation" if draw(record, salt) < validation else "train"


def draw(record: Record, salt: str = "") -> float:
    """The number from 0 to 1 that `part_of` compares with the share for validation.

    It comes from ``meta["split_key"]`` where a data set gives one: forms of the same work (a poem,
    and the instruction to write it) are then on one side. Else it comes from the text.
    """
    given = record.meta.get("split_key")
    if isinstance(given, str):
        key = given.encode("utf-8", "surrogatepass")
    else:
        key = document_key(record, labelled=False).to_bytes(8, "little")
    return xxhash.xxh3_64_intdigest(key + salt.encode()) / 2**64


def _check(sources: Sequence[Source[T]]) -> None:
    if not sources:
        raise UsageError("a mixture needs at least one source")
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise UsageError("two sources of a mixture have one name", where=", ".join(names))
    for source in sources:
        if not 0 < source.weight < float("inf"):
            raise UsageError("the weight of a source must be above 0", where=source.name)
        if source.passes < 1:
            raise UsageError("a source must be read at least once", where=source.name)


def _mixed(
    sources: Sequence[Source[T]], size: Callable[[T], int], until: Literal["all", "first"]
) -> Iterator[T]:
    streams = [_passes(source) for source in sources]
    given = [0.0] * len(sources)
    alive = list(range(len(sources)))
    while alive:
        index = min(alive, key=lambda i: (given[i], i))
        item = next(streams[index], None)
        if item is None:
            if until == "first":
                return
            alive.remove(index)
            continue
        given[index] += max(1, size(item)) / sources[index].weight
        yield item


def _passes(source: Source[T]) -> Iterator[T]:
    for _ in range(source.passes):
        yield from source.records()
