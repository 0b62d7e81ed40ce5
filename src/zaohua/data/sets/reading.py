"""Records of a data set by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zaohua.data.records import Record, Unreadable
from zaohua.data.sets.catalogue import describe
from zaohua.data.sets.registry import READERS
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.spec import read_spec
from zaohua.store.archives import fetch, members


def records(
    name: str,
    options: Mapping[str, Any],
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008 - it holds nothing
) -> Iterator[Record | Unreadable]:
    """The records of a data set of the catalogue, always in the same order.

    Args:
        name: one of `zaohua.data.sets.names`.
        options: what can be chosen; `zaohua.data.sets.describe` lists it.
        settings: say where archives are kept, and whether the network may be used.
        progress: told of the download.

    Raises:
        NotFoundError: there is no such set.
        UsageError: there is no such option, or not with this value.
        UnavailableError: the set is not on this machine and cannot be fetched.
    """
    entry = describe(name)
    reader = READERS[name]
    chosen = read_spec(reader.options, options, f"options of '{name}'")
    path = fetch(name, entry.archive, settings=settings, progress=progress)
    return reader.records(
        lambda: members(path, entry.archive.form, reader.wanted),
        f"{name}@{entry.version}",
        chosen,
        progress,
    )
