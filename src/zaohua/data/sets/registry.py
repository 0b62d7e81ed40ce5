"""Which reader makes records of which set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from zaohua.data.records import Record, Unreadable
from zaohua.data.sets import cedict, dialogues, reviews
from zaohua.data.sets.poetry.corpus import is_wanted
from zaohua.data.sets.poetry.options import PoetryOptions
from zaohua.data.sets.poetry.reading import poetry_records
from zaohua.progress import Progress
from zaohua.spec import Spec
from zaohua.store.archives import Opened


@dataclass(frozen=True, slots=True)
class SetReader:
    """How a set is read.

    Attributes:
        options: the form of its options.
        wanted: which files of the archive it needs.
        records: makes records from the archive's files, which may be opened more than once.
    """

    options: type[Spec]
    wanted: Callable[[str], bool]
    records: Callable[[Opened, str, Any, Progress], Iterator[Record | Unreadable]]


READERS: Mapping[str, SetReader] = MappingProxyType(
    {
        "poetry": SetReader(PoetryOptions, is_wanted, poetry_records),
        "dialogues": SetReader(
            dialogues.DialogueOptions, dialogues.is_wanted, dialogues.dialogue_records
        ),
        "reviews": SetReader(reviews.ReviewOptions, reviews.is_wanted, reviews.review_records),
        "cedict": SetReader(cedict.CedictOptions, cedict.is_wanted, cedict.cedict_records),
    }
)
