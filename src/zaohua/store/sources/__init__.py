"""Where model files come from: one small module for each kind of place.

A source looks (what would I get, how large, which hash) and fetches (append the bytes to a `Part`).
It knows nothing of names, catalogues or blobs; whether the bytes are right is decided above it, by
hash.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from zaohua.errors import UsageError
from zaohua.problems import nearest
from zaohua.store.sources.base import Offer, Source, SourceFailed
from zaohua.store.sources.direct import DirectUrl
from zaohua.store.sources.huggingface import HuggingFace
from zaohua.store.sources.local import LocalFile
from zaohua.store.sources.modelscope import ModelScope
from zaohua.store.sources.wheel import Wheels

KINDS: dict[str, type[Any]] = {
    "huggingface": HuggingFace,
    "modelscope": ModelScope,
    "wheel": Wheels,
    "url": DirectUrl,
    "path": LocalFile,
}

__all__ = ["KINDS", "Offer", "Source", "SourceFailed", "make"]


def make(table: dict[str, Any], where: str) -> Source:
    """The source that a ``mirrors`` table of a catalogue describes.

    Raises:
        UsageError: an unknown kind or key, a missing key or a value of the wrong type; names it.
    """
    given = dict(table)
    kind = given.pop("kind", None)
    if kind not in KINDS:
        raise UsageError(
            f"a mirror has the kind {kind!r}", where=where, mend=f"use one of {', '.join(KINDS)}"
        )
    known = {field.name: field for field in fields(KINDS[kind])}
    for key, value in given.items():
        if key not in known:
            what = f"a {kind} mirror has no key '{key}'"
            raise UsageError(what, where=where, mend=nearest(key, known))
        given[key] = _typed(value, str(known[key].type), f"{where}, {kind}.{key}")
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise UsageError(f"a {kind} mirror needs the key '{name}'", where=where)
    source: Source = KINDS[kind](**given)
    return source


def _typed(value: Any, wanted: str, where: str) -> Any:
    if wanted == "str" and isinstance(value, str) and value:
        return value
    kind = int if "int" in wanted else str
    listed = value if wanted.startswith("tuple") and isinstance(value, list) else []
    if listed and all(isinstance(item, kind) and not isinstance(item, bool) for item in listed):
        return tuple(listed)
    raise UsageError(f"the value {value!r} has the wrong type", where=where, mend=f"give {wanted}")
