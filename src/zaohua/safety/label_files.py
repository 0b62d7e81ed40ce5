"""Labels in files of text: written once, verified, never taken away.

Plain text has room for the notice alone. Markdown also takes the label for machines, as ``AIGC`` in
its front matter. Other kinds of file are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from zaohua.errors import IntegrityError, NotFoundError, UsageError
from zaohua.safety import aigc, labels
from zaohua.safety.aigc import AigcLabel
from zaohua.safety.labels import Where
from zaohua.store.files import write_atomic
from zaohua.strict_yaml import parse_table
from zaohua.text.language import main_language

PLAIN = frozenset({".txt", ".text"})
MARKDOWN = frozenset({".md", ".markdown"})
MOST_BYTES = 64 << 20

_FRONT = re.compile(
    r"\A---[ \t]*\r?\n(?P<body>.*?)(?:\r?\n)?^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What labels a file has.

    Attributes:
        notice: whether a person sees that it was generated.
        metadata: the label for machines: as it should be, broken, or none.
        problems: what is wrong with that label.
        label: it, if it is as it should be.
    """

    path: str
    notice: bool
    metadata: Literal["valid", "invalid", "none"]
    problems: tuple[str, ...] = ()
    label: AigcLabel | None = None

    @property
    def good(self) -> bool:
        """Whether the notice is there and the label for machines, if any, keeps its rules."""
        return self.notice and self.metadata != "invalid"


def write_label(
    path: Path, language: str, *, where: Where = "end", label: AigcLabel | None = None
) -> Verified:
    """Write the notice and, into Markdown, ``label`` for machines; what is there stays as it is.

    An empty ``language`` is that of the text.

    Raises:
        NotFoundError: there is no such file.
        UsageError: its kind has no place for a label (yet), or plain text was to take ``label``.
        IntegrityError: it has a broken label, or another than ``label``.
    """
    text = _read(path)
    front, body = _parted(text, path)
    if label and path.suffix.lower() in PLAIN:
        raise UsageError("plain text has no place for a label for machines", where=str(path))
    if label:
        front = _with(front, label, path)
    rights = path.stat().st_mode & 0o7777
    write_atomic(
        path, (front + labels.label(body, language or main_language(body), where)).encode("utf-8")
    )
    path.chmod(rights)
    return verify_label(path)


def verify_label(path: Path) -> Verified:
    """What labels a file has. Raises as `write_label` for what cannot be read."""
    front, body = _parted(_read(path), path)
    notice = labels.has_label(body)
    table, broken = _written(front)
    if broken:
        return Verified(str(path), notice, "invalid", tuple(broken))
    if table is None:
        return Verified(str(path), notice, "none")
    return Verified(str(path), notice, "valid", (), AigcLabel.from_fields(table))


def _read(path: Path) -> str:
    if path.suffix.lower() not in PLAIN | MARKDOWN:
        raise UsageError(
            f"labels in files of kind '{path.suffix or 'none'}' cannot be written or read yet",
            where=str(path),
            mend=f"there are {', '.join(sorted(PLAIN | MARKDOWN))}",
        )
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError("the file is too large", where=str(path))
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        raise UsageError("the file is not UTF-8", where=str(path)) from None
    except OSError as error:
        raise NotFoundError(f"the file cannot be read: {error.strerror}", where=str(path)) from None


def _parted(text: str, path: Path) -> tuple[str, str]:
    """Front matter with its marks, and the rest; plain text has none."""
    found = _FRONT.match(text) if path.suffix.lower() in MARKDOWN else None
    return (text[: found.end()], text[found.end() :]) if found else ("", text)


def _written(front: str) -> tuple[dict[str, Any] | None, list[str]]:
    """What front matter says under ``AIGC``, and what is wrong with it."""
    found = _FRONT.match(front)
    if found is None or "AIGC" not in found["body"]:
        return None, []
    try:
        table = parse_table(found["body"], "", "front matter").values.get("AIGC")
    except UsageError as error:
        return None, [error.what]
    if isinstance(table, dict):
        return table, aigc.problems(table)
    return None, [] if table is None else ["AIGC is no table of fields"]


def _with(front: str, label: AigcLabel, path: Path) -> str:
    table, broken = _written(front)
    if broken:
        raise IntegrityError("the file has a label that breaks the rules", where=str(path))
    if table is None:
        lines = [f'  {name}: "{value}"' for name, value in label.as_fields().items()]
        body = _FRONT.match(front)
        kept = [body["body"]] if body and body["body"] else []
        return "\n".join(["---", *kept, "AIGC:", *lines, "---", ""])
    if AigcLabel.from_fields(table) != label:
        raise IntegrityError("the file has another label, and a file has one", where=str(path))
    return front
