"""Data sets of the hub, streamed through ``datasets``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from typing import Any

from pydantic import create_model

from zaohua.data.readers.libraries import library
from zaohua.data.readers.options import Fields
from zaohua.data.readers.rows import parts
from zaohua.data.readers.turns import RowError
from zaohua.data.records import Record, Unreadable
from zaohua.errors import UnavailableError, UsageError
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.spec import Spec, read_spec

_REFERENCE = re.compile(
    r"(?P<name>[\w.-]+/[\w.-]+)(?::(?P<config>[^/:]+))?(?:/(?P<split>[^/]+))?(?:@(?P<revision>.+))?"
)


def hub_records(
    reference: str,
    options: Mapping[str, Any],
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008 - it holds nothing
) -> Iterator[Record | Unreadable]:
    """The records of a data set of the hub, streamed.

    Args:
        reference: ``owner/name[:config][/split][@revision]``; the split is ``train`` if not given.
        options: names of columns, as for a file of rows.
        settings: say whether the network may be used.
        progress: told what is streamed.

    Raises:
        UsageError: the reference or an option is wrong.
        UnavailableError: the hub cannot be reached, or has no such data set.
        MissingExtraError: ``datasets`` is not installed.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise UsageError(
            "no data set of the hub can have this name",
            where=reference,
            mend="write owner/name[:config][/split][@revision]",
        )
    columns = _columns(options, f"options of '{reference}'")
    if settings.offline:
        raise UnavailableError(
            f"'{reference}' is on the hub, and the network may not be used",
            mend="unset ZAOHUA_OFFLINE, or give the files by path",
        )
    progress.note(f"streaming {reference} from the hub")
    return _records(_opened(found), f"hub:{reference}", columns)


def _columns(options: Mapping[str, Any], where: str) -> Fields:
    """The names of columns: those of a file of rows, unless an option says otherwise."""
    usual: dict[str, Any] = {field.name: (str, field.default) for field in fields_of(Fields)}
    form = create_model("HubOptions", __base__=Spec, **usual)
    return Fields(**read_spec(form, options, where).model_dump())


def _opened(found: re.Match[str]) -> Any:
    datasets = library("datasets", "data sets of the hub")
    try:
        return datasets.load_dataset(
            found["name"],
            found["config"],
            split=found["split"] or "train",
            revision=found["revision"],
            streaming=True,
        )
    except Exception as error:
        raise _failure(error, found[0]) from error


def _failure(error: Exception, reference: str) -> UnavailableError:
    why = next(iter(str(error).splitlines()), "") or type(error).__name__
    return UnavailableError(
        f"the data set could not be read: {why[:200]}",
        where=reference,
        mend="check the name, its config and split, HF_ENDPOINT and HF_TOKEN",
    )


def _records(dataset: Any, source: str, columns: Fields) -> Iterator[Record | Unreadable]:
    names = _label_names(dataset, columns.label)
    rows = iter(dataset)
    position = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise _failure(error, source) from error
        if names and isinstance(row.get(columns.label), int) and row[columns.label] >= 0:
            row = {**row, columns.label: names[row[columns.label]]}
        try:
            yield Record(source, position, **parts(row, columns))
        except RowError as error:
            yield Unreadable(source, str(error), position)
        position += 1


def _label_names(dataset: Any, column: str) -> list[str]:
    """Names of the classes, where the data set keeps numbers for them."""
    feature = (dataset.features or {}).get(column)
    return list(getattr(feature, "names", None) or ())
