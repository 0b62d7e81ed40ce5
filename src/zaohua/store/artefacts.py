"""Everything made is an artefact: a folder with ``manifest.json``, under its kind, name, version.

``home/artefacts/KIND/NAME/VERSION/`` holds the files, ``home/artefacts/KIND/NAME/current`` names
the version in use. The version is the hash of what the artefact was made from (inputs and recipe),
so asking for the same again finds it made.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from zaohua.errors import IntegrityError, NotFoundError, UsageError
from zaohua.progress import Progress, Silent
from zaohua.store.files import locked, write_atomic
from zaohua.store.manifest import NAME, Manifest, check_name
from zaohua.store.work import MANIFEST, Kind, Work, begin, finish, hashed, version_of, work_folder

__all__ = ["MAKERS", "Artefact", "Artefacts", "Kind", "Work"]

CURRENT: Final = "current"
MAKERS: Final[Mapping[Kind, str]] = {
    "dataset": "zaohua data prepare",
    "tokenizer": "zaohua tokenizer train",
    "tokens": "zaohua pretrain",
    "checkpoint": "zaohua pretrain",
    "adapter": "zaohua finetune",
    "report": "zaohua run",
}
"""The verb that makes an artefact of a kind."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A finished artefact: its manifest and the folder of its files."""

    manifest: Manifest
    path: Path

    @property
    def name(self) -> str:
        """Its name, without the version."""
        return self.manifest.name

    @property
    def reference(self) -> str:
        """How manifests name it as an input: ``dataset/poems@1a2b3c4d5e6f``."""
        return f"{self.manifest.kind}/{self.manifest.name}@{self.manifest.version}"


class Artefacts:
    """The artefacts of one home folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "artefacts"
        self._locks = home / "locks"

    def find(self, kind: Kind, name: str) -> Artefact | None:
        """By ``name`` (the version in use) or ``name@version`` (a prefix will do).

        ``None`` if there is none, if several begin so, or if ``name`` can be no name.

        Raises:
            IntegrityError: its manifest is damaged.
        """
        plain, _, wanted = name.partition("@")
        try:
            home = self._home(kind, plain)
        except UsageError:
            return None
        versions = [v for v in _versions(home) if v.startswith(wanted)]
        if not wanted:
            return self._in_use(home, versions)
        return _load(home / versions[0]) if len(versions) == 1 else None

    def require(self, kind: Kind, name: str) -> Artefact:
        """As `find`.

        Raises:
            NotFoundError: there is none; says the nearest names and the verb that makes one.
            IntegrityError: its manifest is damaged.
        """
        found = self.find(kind, name)
        if found is not None:
            return found
        known = self.names(kind)
        near = get_close_matches(name.partition("@")[0], known, 3, 0.5)
        hint = f"did you mean {', '.join(near)}? " if near else ""
        raise NotFoundError(
            f"there is no {kind} '{name[:120]}'", mend=f"{hint}'{MAKERS[kind]}' makes one"
        )

    def names(self, kind: Kind) -> list[str]:
        """The names of a kind that have a finished version, sorted."""
        homes = (self.folder / kind).glob("*")
        return sorted(home.name for home in homes if NAME.fullmatch(home.name) and _versions(home))

    def all(self, kind: Kind | None = None) -> Iterator[Artefact]:
        """Every version of every artefact that can be read: by kind, name, and time of making."""
        for one in (kind,) if kind else get_args(Kind):
            for name in self.names(one):
                yield from self.versions(one, name)

    def versions(self, kind: Kind, name: str) -> list[Artefact]:
        """The versions of one artefact that can be read, the oldest first."""
        home, found = self._home(kind, name), []
        for version in _versions(home):
            with suppress(IntegrityError):
                found.append(_load(home / version))
        return sorted(found, key=lambda made: (made.manifest.created, made.manifest.version))

    def resolve(self, reference: str) -> Artefact | None:
        """By ``kind/name[@version]``.

        Raises:
            IntegrityError: its manifest is damaged.
        """
        kind, _, name = reference.partition("/")
        return self.find(kind, name) if kind in get_args(Kind) else None  # type: ignore[arg-type]

    def made(
        self, kind: Kind, name: str, *, inputs: Sequence[str], recipe: Mapping[str, Any]
    ) -> Artefact | None:
        """What `make` would give without making anything; ``None``: it would have to be made."""
        return self._whole(self._home(kind, name) / version_of(kind, inputs, recipe))

    @contextmanager
    def make(
        self,
        kind: Kind,
        name: str,
        *,
        inputs: Sequence[str],
        recipe: Mapping[str, Any],
        progress: Progress,
    ) -> Iterator[Artefact | Work]:
        """Make an artefact, unless the same has been made: then that `Artefact` is given.

        The version is the first 12 digits of the SHA-256 of kind, inputs and recipe (canonical
        JSON). On leaving the block without an error the files are hashed, the manifest is written,
        the folder is moved to its place and becomes the version in use. After an error or a kill
        the folder is kept for the next attempt. One maker at a time (a lock). What was made is
        then ``require(kind, f"{name}@{work.version}")``.

        ``inputs`` are references of what it is made from, or ``file:PATH#sha256`` for files;
        ``recipe`` are the JSON values that decide what comes out: nothing else may.

        Raises:
            UsageError: the name cannot be one.
        """
        home, version = self._home(kind, name), version_of(kind, inputs, recipe)
        with self._lock(kind, name, version, progress):
            made = self._whole(home / version)
            if made is None:
                if (home / version).exists():
                    progress.note(f"{kind} {name} is damaged; making it again")
                work = begin(kind, name, version, home)
                yield work
                finish(work, inputs, recipe, progress)
            write_atomic(home / CURRENT, f"{version}\n".encode())
        if made is not None:
            yield made

    def verify(self, artefact: Artefact, progress: Progress = Silent()) -> list[str]:  # noqa: B008
        """What is wrong with the files of an artefact, one line a file; hashes all of them."""
        told = {file.path: file for file in artefact.manifest.files}
        label = f"checking {artefact.manifest.kind} {artefact.name}"
        there = {file.path: file for file in hashed(artefact.path, progress, label)}
        missing = [f"{path} is missing" for path in told if path not in there]
        changed = [f"{p} is changed" for p in told if p in there and there[p] != told[p]]
        return missing + changed + [f"{path} is not part of it" for path in there.keys() - told]

    def is_in_use(self, artefact: Artefact) -> bool:
        """Whether it is the version that its name stands for."""
        return self.resolve(artefact.reference.partition("@")[0]) == artefact

    def unfinished(self) -> Iterator[tuple[str, Path]]:
        """Reference and folder of what was begun and not ended; it may be in the making now."""
        for folder in sorted(self.folder.glob("*/*/.*.work")):
            kind, name = folder.parts[-3:-1]
            version = folder.name.removeprefix(".").removesuffix(".work")
            yield f"{kind}/{name}@{version}", folder

    def delete(self, reference: str) -> int:
        """Remove one version, finished or not, by ``kind/name@version``; returns the bytes freed.

        If it was the version in use, the newest of the others is.

        Raises:
            UsageError: the reference is none.
            UnavailableError: it is being made.
        """
        kind, name, version = _identity(reference)
        home = self._home(kind, name)
        with self._lock(kind, name, version, Silent(), wait=False):
            freed = _remove(home / version) + _remove(work_folder(home, version))
            rest = self.versions(kind, name)
            if rest and _current(home) == version:
                write_atomic(home / CURRENT, f"{rest[-1].manifest.version}\n".encode())
            elif not rest and not any(home.glob(".*.work")):
                shutil.rmtree(home, ignore_errors=True)
        return freed

    def _home(self, kind: Kind, name: str) -> Path:
        return self.folder / kind / check_name(name)

    def _lock(
        self, kind: Kind, name: str, version: str, progress: Progress, *, wait: bool = True
    ) -> AbstractContextManager[None]:
        path = self._locks / f"artefact-{kind}-{name}-{version}.lock"
        return locked(path, progress, f"{kind} {name}", wait=wait)

    def _in_use(self, home: Path, versions: Sequence[str]) -> Artefact | None:
        """The version that ``current`` names; the newest if a crash came before it was written."""
        current = _current(home)
        if current in versions:
            return _load(home / current)
        made = [_load(home / version) for version in versions]
        return max(made, key=lambda artefact: artefact.manifest.created, default=None)

    def _whole(self, folder: Path) -> Artefact | None:
        """A finished artefact whose files are all there with their sizes."""
        try:
            made = _load(folder)
            sizes = [(folder / file.path).stat().st_size for file in made.manifest.files]
        except (IntegrityError, OSError):
            return None
        return made if sizes == [file.size for file in made.manifest.files] else None


def _versions(home: Path) -> list[str]:
    found = home.glob(f"[!.]*/{MANIFEST}")
    return sorted(path.parent.name for path in found)


def _current(home: Path) -> str:
    try:
        return (home / CURRENT).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _load(folder: Path) -> Artefact:
    path = folder / MANIFEST
    try:
        return Artefact(Manifest.from_json(path.read_bytes(), str(path)), folder)
    except IntegrityError as error:
        mend = f"delete {folder} and make it again"
        raise IntegrityError(error.what, where=str(path), mend=mend) from None


def _identity(reference: str) -> tuple[Kind, str, str]:
    kind, _, rest = reference.partition("/")
    name, _, version = rest.partition("@")
    if kind not in get_args(Kind) or not re.fullmatch("[0-9a-f]+", version):
        raise UsageError(f"'{reference[:120]}' is no KIND/NAME@VERSION")
    return kind, name, version  # type: ignore[return-value]


def _remove(folder: Path) -> int:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size
