"""Tokens on disk as rows of one length."""

from __future__ import annotations

from zaohua.data.dataset import Part
from zaohua.data.tokens.labelled import LabelledRows
from zaohua.data.tokens.packed import PackedRows
from zaohua.data.tokens.rows import Rows
from zaohua.data.tokens.shards import BYTE_LENGTHS, Form, Info, open_shards, read_array
from zaohua.data.tokens.stream import StreamRows
from zaohua.errors import UsageError
from zaohua.store.artefacts import Artefact

SHORTEST = 8


def rows(
    tokens: Artefact, part: Part, length: int, *, form: Form | None = None, whole: bool = False
) -> Rows:
    """One part of what `encode` made, as rows.

    ``length`` is the positions in a row, ``form`` what the caller expects the tokens to be.
    Conversations are packed whole; text is one stream cut into rows, or with ``whole`` packed
    like conversations; labelled texts are a row each.

    Raises:
        UsageError: the tokens are of another form, or rows are too short to hold anything.
        IntegrityError: the tokens are damaged.
    """
    info = Info.load(tokens.path)
    if form is not None and form != info.form:
        raise UsageError(f"the tokens are of form '{info.form}', not '{form}'", where=tokens.name)
    if length < SHORTEST:
        raise UsageError(f"rows of {length} tokens are too short", mend=f"{SHORTEST} or more")
    return _kind(info.form, whole)(
        open_shards(tokens.path, info, part),
        length,
        info.pad,
        read_array(tokens.path, BYTE_LENGTHS),
        shared=info.shared,
    )


def _kind(form: Form, whole: bool) -> type[StreamRows | PackedRows | LabelledRows]:
    if form == "labelled":
        return LabelledRows
    return PackedRows if whole or form == "chat" else StreamRows


def classes(tokens: Artefact) -> list[str]:
    """The names of the labels, by class number; empty unless the tokens are labelled.

    Raises:
        IntegrityError: the tokens are damaged.
    """
    return Info.load(tokens.path).classes
