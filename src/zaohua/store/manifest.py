"""What is known of an artefact: a ``manifest.json`` in a folder of its own, old versions beside it.

``models/NAME/manifest.json`` is the version in use, ``models/NAME/versions/VERSION.json`` keeps
each.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from zaohua.errors import IntegrityError, UsageError
from zaohua.store.files import write_atomic

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file's directory entry showed when its hash was last checked."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp of a file now."""
        entry = path.stat()
        return cls(entry.st_size, entry.st_mtime_ns, entry.st_ino)


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of an artefact: its name, its content hash, its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """An artefact and where it came from.

    ``inputs`` name the artefacts and files it was made from, ``recipe`` what else decided the
    outcome, ``reference`` is what the user asked for, ``details`` what its kind needs (for a
    model: title, languages, header facts).
    """

    kind: str
    name: str
    version: str
    files: tuple[ManifestFile, ...]
    source: str
    reference: str
    licence: str
    code_version: str
    created: datetime
    inputs: tuple[str, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    stamp: Stamp | None = None
    recipe: dict[str, Any] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, float]:
        """The metrics that are plain numbers, in their order."""
        scalars = {k: v for k, v in self.metrics.items() if isinstance(v, int | float)}
        return {key: value for key, value in scalars.items() if not isinstance(value, bool)}

    def to_json(self) -> bytes:
        """As it lies on the disk."""
        table = asdict(self) | {"created": self.created.astimezone(UTC).isoformat()}
        return json.dumps(table, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes, where: str) -> Manifest:
        """Read what `to_json` wrote; unknown keys of later versions are passed over.

        Raises:
            IntegrityError: the content is damaged.
        """
        try:
            table = json.loads(data)
            known = {key: table[key] for key in (f.name for f in fields(cls)) if key in table}
            known["files"] = tuple(ManifestFile(**file) for file in known["files"])
            known["inputs"] = tuple(known.get("inputs", ()))
            known["created"] = datetime.fromisoformat(known["created"])
            known["stamp"] = Stamp(**known["stamp"]) if known.get("stamp") else None
            return cls(**known)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise IntegrityError(
                "the manifest is damaged", where=where, mend="delete it and pull the model again"
            ) from None


class Manifests:
    """All manifests of one kind of artefact below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, manifest: Manifest) -> None:
        """Keep it as a version, and as the version in use."""
        data, home = manifest.to_json(), self.folder / check_name(manifest.name)
        write_atomic(home / "versions" / f"{manifest.version}.json", data)
        write_atomic(home / "manifest.json", data)

    def restamp(self, manifest: Manifest) -> None:
        """Keep a new stamp of a version without putting it in use."""
        home = self.folder / check_name(manifest.name)
        write_atomic(home / "versions" / f"{manifest.version}.json", manifest.to_json())
        current = self.load(manifest.name)
        if current is not None and current.version == manifest.version:
            write_atomic(home / "manifest.json", manifest.to_json())

    def load(self, name: str, version: str = "") -> Manifest | None:
        """The version in use, or one that begins with ``version``; ``None`` if there is none."""
        home = self.folder / check_name(name)
        if not version:
            return _read(home / "manifest.json")
        found = [m for m in self.versions(name) if m.version.startswith(version)]
        return found[0] if len(found) == 1 else None

    def versions(self, name: str) -> list[Manifest]:
        """All versions that can be read, the oldest first."""
        kept = []
        for path in (self.folder / check_name(name) / "versions").glob("*.json"):
            with suppress(IntegrityError):
                manifest = _read(path)
                if manifest is not None:
                    kept.append(manifest)
        return sorted(kept, key=lambda manifest: manifest.created)

    def names(self) -> list[str]:
        """The artefacts there are, sorted."""
        return sorted(
            path.parent.name
            for path in self.folder.glob("*/manifest.json")
            if NAME.fullmatch(path.parent.name)
        )

    def in_use(self) -> Iterator[Manifest]:
        """The version in use of every artefact whose manifest can be read."""
        for name in self.names():
            with suppress(IntegrityError):
                manifest = self.load(name)
                if manifest is not None:
                    yield manifest

    def all_versions(self) -> Iterator[Manifest]:
        """Every version of every artefact, as far as they can be read."""
        for name in self.names():
            yield from self.versions(name)

    def delete(self, name: str, version: str = "") -> None:
        """Forget an artefact, or one version; the newest of the others is then in use."""
        home = self.folder / check_name(name)
        if version:
            (home / "versions" / f"{version}.json").unlink(missing_ok=True)
        rest = self.versions(name) if version else []
        if rest:
            write_atomic(home / "manifest.json", rest[-1].to_json())
        else:
            (home / "manifest.json").unlink(missing_ok=True)
            shutil.rmtree(home, ignore_errors=True)


def check_name(name: str) -> str:
    """The name, if it can be the name of a folder.

    Raises:
        UsageError: it cannot.
    """
    if NAME.fullmatch(name) and not RESERVED.fullmatch(name) and ".." not in name:
        return name
    raise UsageError(
        f"'{name[:80]}' cannot be a name",
        mend="use lower-case letters, digits, '.', '-' and '_', beginning with a letter or digit",
    )


def name_from(text: str) -> str:
    """A usable name made from a file's name: ``Qwen3-0.6B-Q8_0.gguf`` gives ``qwen3-0.6b-q8_0``."""
    stem = text.rsplit("/", 1)[-1].lower().removesuffix(".gguf")
    name = re.sub(r"[^a-z0-9._-]+", "-", stem).strip("._-")[:100].strip("._-")
    name = re.sub(r"\.{2,}", ".", name)
    return f"model-{name}" if RESERVED.fullmatch(name) else name or "model"


def code_version() -> str:
    """The version of zaohua that does the work."""
    try:
        return version("zaohua")
    except PackageNotFoundError:
        return "unknown"


def _read(path: Path) -> Manifest | None:
    try:
        return Manifest.from_json(path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
