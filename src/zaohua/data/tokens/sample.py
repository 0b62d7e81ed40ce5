"""A sample of prepared data sets that is the same every time and keeps every share."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path

from zaohua.data.dataset import Part, from_line, shard_lines, shards
from zaohua.data.readers.libraries import library
from zaohua.progress import Progress, Silent

_PIECE = 20_000
"""Characters of a long document that are drawn together."""


def sample(
    folders: Iterable[Path],
    part: Part,
    most_bytes: int,
    progress: Progress = Silent(),  # noqa: B008
) -> list[str]:
    """Pieces of documents, about ``most_bytes`` of UTF-8 in all, in the order of the data sets.

    Each piece draws a number from a hash of its content and place; those with the smallest are
    taken. Languages and data sets so keep their shares. Memory: the sample. ``progress`` is told
    of the bytes of text read.
    """
    hashed = library("xxhash", "sampling a data set").xxh3_64_intdigest
    chosen: list[tuple[int, int, str]] = []
    held = 0
    for number, text in enumerate(_pieces(folders, part)):
        data = text.encode()
        size = len(data)
        progress.advance(size)
        heapq.heappush(chosen, (-hashed(data, seed=number), number, text))
        held += size
        while held - len(chosen[0][2].encode()) >= most_bytes:
            held -= len(heapq.heappop(chosen)[2].encode())
    return [text for _, _, text in sorted(chosen, key=lambda drawn: drawn[1])]


def _pieces(folders: Iterable[Path], part: Part) -> Iterator[str]:
    for folder in folders:
        for line in (line for shard in shards(folder, part) for line in shard_lines(shard)):
            body = from_line(line).body()
            for first in range(0, len(body), _PIECE):
                yield body[first : first + _PIECE]
