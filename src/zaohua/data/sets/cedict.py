"""The set ``cedict``: entries of the CC-CEDICT dictionary as short texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from zaohua.data.records import Record, Unreadable
from zaohua.progress import Progress
from zaohua.spec import Spec
from zaohua.store.archives import Opened

_BEFORE = b"export default "


class CedictOptions(Spec):
    """The set ``cedict`` has no options."""


def is_wanted(member: str) -> bool:
    """Whether a file of the package is the list of all entries."""
    return member == "package/data/all.js"


def cedict_records(
    members: Opened, source: str, options: CedictOptions, progress: Progress
) -> Iterator[Record | Unreadable]:
    """One text an entry: simplified, traditional where it differs, pinyin, meanings."""
    for member, content in members():
        place = f"{source}!{member}"
        try:
            entries = orjson.loads(content.removeprefix(_BEFORE).rstrip().rstrip(b";"))["all"]
        except (orjson.JSONDecodeError, KeyError) as error:
            yield Unreadable(place, f"damaged: {error}")
            continue
        for position, entry in enumerate(entries):
            yield _record(entry, place, position)


def _record(entry: Any, place: str, position: int) -> Record | Unreadable:
    if not isinstance(entry, list) or len(entry) < 4 or not all(map(str.strip, entry[:3])):
        return Unreadable(place, "not an entry", position)
    traditional, simplified, pinyin, meanings = entry[:4]
    written = simplified if simplified == traditional else f"{simplified}（{traditional}）"
    told = meanings if isinstance(meanings, str) else "; ".join(meanings)
    meta = {"simplified": simplified, "traditional": traditional, "pinyin": pinyin}
    return Record(place, position, text=f"{written} [{pinyin}] {told}", meta=meta)
