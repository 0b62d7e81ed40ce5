"""Names of files: made safe on the way in, without the server's folders on the way out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

MAX_BYTES = 200
"""Of a name, so that file systems take it beside its neighbours' endings."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*!\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def safe_name(given: str) -> str:
    """The last part of a name as every file system takes it: never hidden, never a path."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    clean = _FORBIDDEN.sub("_", last.encode("utf-8", "replace").decode())
    clean = " ".join(clean.split()).lstrip(".").rstrip(". ")
    if not clean or _RESERVED.match(clean):
        clean = f"file_{clean}".rstrip("_")
    return _shortened(clean)


def _shortened(name: str) -> str:
    """At most `MAX_BYTES`, with its ending."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = name[: len(name) - len(suffix)].encode()[: MAX_BYTES - len(suffix.encode())]
    return stem.decode("utf-8", "ignore").rstrip() + suffix


def shown_name(source: str, roots: Iterable[str]) -> str:
    """``source`` from the root it was added by on: ``docs/rules.md``, ``rules.pdf!part.txt``."""
    path, mark, member = source.partition("!")
    below = [root for root in roots if Path(path).is_relative_to(root)]
    if not below:
        return Path(path).name + mark + member
    root = Path(max(below, key=len))
    return Path(path).relative_to(root.parent).as_posix() + mark + member
