"""One home folder's models: manifests under their names, blobs under their hashes.

A header is read once, when a model is installed, and kept in the manifest; so is the stamp of the
file, by which a changed file is noticed without hashing it at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from zaohua.errors import IntegrityError, NotFoundError, UnavailableError, UsageError
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store import catalogue, references
from zaohua.store.blobs import Blobs
from zaohua.store.catalogue import CatalogueEntry
from zaohua.store.download import HERE, Delivery, Wanted, obtain
from zaohua.store.files import sha256_of
from zaohua.store.gguf import read_metadata
from zaohua.store.manifest import Manifest, ManifestFile, Manifests, Stamp, code_version, name_from

VERSION_DIGITS: Final = 12
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose file is on this machine.

    ``metadata`` comes from the GGUF header: the keys that `zaohua.store.gguf.read_metadata` names.
    Sizes are bytes, ``context_length`` the tokens of the model's training context, prices are per
    million tokens. ``sha256`` is empty for a bare file that was never hashed. ``sampling`` is how
    the model's maker advises to draw, by the names of `zaohua.generate.request.Sampling`.
    """

    name: str
    path: Path
    size: int
    sha256: str
    title: str
    licence: str
    languages: tuple[str, ...]
    source: str
    installed: datetime
    context_length: int
    metadata: Mapping[str, Any]
    kind: str = "gguf"
    version: str = ""
    price_prompt: float = 0.0
    price_completion: float = 0.0
    currency: str = ""
    hash_from: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)


class Shelf:
    """The store of one home folder, with the catalogue read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.blobs = Blobs(settings.home)
        self.manifests = Manifests(settings.home / "models")
        self.entries = catalogue.load(settings.home)

    def path(self, manifest: Manifest) -> Path:
        """Where the model's file is."""
        return self.blobs.path(manifest.files[0].sha256)

    def manifest(self, name: str) -> Manifest | None:
        """By name, by ``name:version``, or by the place it was pulled from."""
        if references.is_reference(name):
            place = references.canonical(name)
            return next((m for m in self.manifests.in_use() if m.reference == place), None)
        plain, _, wanted = name.partition(":")
        with suppress(UsageError):
            return self.manifests.load(plain, wanted)
        return None

    def whole(
        self, name: str, entry: CatalogueEntry | None, progress: Progress
    ) -> InstalledModel | None:
        """The installed model, unless it is missing, damaged or not what the catalogue now pins."""
        try:
            manifest = self.manifest(name)
            if manifest is None or (
                entry and entry.sha256 and entry.sha256 != manifest.files[0].sha256
            ):
                return None
            return self.checked(manifest)
        except (IntegrityError, NotFoundError) as error:
            progress.note(f"{error.what}; fetching it again")
            return None

    def checked(self, manifest: Manifest, *, verify: bool = False) -> InstalledModel:
        """The model, after its file was found unchanged, or hashed and found right."""
        path, file = self.path(manifest), manifest.files[0]
        try:
            stamp = Stamp.of(path)
        except FileNotFoundError:
            raise NotFoundError(
                f"the file of '{manifest.name}' is gone",
                where=str(path),
                mend=f"run 'zaohua models pull {manifest.reference}'",
            ) from None
        if verify or stamp != manifest.stamp:
            if stamp.size != file.size or sha256_of(path) != file.sha256:
                raise IntegrityError(
                    f"the file of '{manifest.name}' is damaged: its sha256 has changed",
                    where=str(path),
                    mend=f"run 'zaohua models pull {manifest.reference}' to fetch it again",
                )
            manifest = replace(manifest, stamp=stamp)
            with suppress(OSError):
                self.manifests.restamp(manifest)
        return self.model(manifest)

    def install(
        self, wanted: Wanted, entry: CatalogueEntry, reference: str, progress: Progress
    ) -> InstalledModel:
        """Get the blob, read its header, write the manifest."""
        try:
            return self._install(wanted, entry, reference, progress)
        except OSError as error:
            raise UnavailableError(
                f"the store cannot be written: {error.strerror or error}",
                where=str(self.settings.home),
                mend="look at the disk and the folder's permissions; what arrived is kept",
            ) from error

    def _install(
        self, wanted: Wanted, entry: CatalogueEntry, reference: str, progress: Progress
    ) -> InstalledModel:
        for _ in range(ATTEMPTS):
            delivery = obtain(self.blobs, wanted, progress)
            with self.blobs.lock(delivery.sha256, progress, f"'{entry.name}'"):
                if not delivery.path.exists():
                    continue  # another process removed the last model that used it
                manifest = self._describe(delivery, entry, reference)
                self.manifests.save(manifest)
                return self.model(manifest)
        raise UnavailableError(f"'{entry.name}' is removed as often as it is fetched")

    def _describe(self, delivery: Delivery, entry: CatalogueEntry, reference: str) -> Manifest:
        try:
            metadata = read_metadata(delivery.path)
        except IntegrityError as error:
            self._delete_if_unused(delivery.sha256)
            raise IntegrityError(error.what, where=delivery.source, mend=error.mend) from None
        told = described(entry.name, metadata)
        licence = entry.licence if entry.licence != "unknown" else told.licence
        return Manifest(
            kind="model",
            name=entry.name,
            version=delivery.sha256[:VERSION_DIGITS],
            files=(ManifestFile(f"{entry.name}.gguf", delivery.sha256, delivery.size),),
            source=self._first_source(delivery),
            reference=references.canonical(reference),
            licence=licence,
            code_version=code_version(),
            created=datetime.now(UTC),
            details={
                "format": "gguf",
                "title": entry.title or told.title,
                "languages": list(entry.languages or told.languages),
                "hash_from": delivery.hash_from,
                "metadata": metadata,
            },
            stamp=Stamp.of(delivery.path),
        )

    def _first_source(self, delivery: Delivery) -> str:
        """Where the bytes first came from, when an earlier pull had brought them."""
        if delivery.source != HERE:
            return delivery.source
        users = self.manifests.all_versions()
        return next((m.source for m in users if m.files[0].sha256 == delivery.sha256), HERE)

    def model(self, manifest: Manifest) -> InstalledModel:
        """What the rest of zaohua sees; prices and how to draw are the catalogue's as it is now."""
        file, details = manifest.files[0], manifest.details
        metadata = details.get("metadata", {})
        entry = self.entries.get(manifest.name)
        return InstalledModel(
            name=manifest.name,
            path=self.blobs.path(file.sha256),
            size=file.size,
            sha256=file.sha256,
            title=details.get("title", manifest.name),
            licence=manifest.licence,
            languages=tuple(details.get("languages", ())),
            source=manifest.source,
            installed=manifest.created,
            context_length=metadata.get("context_length", 0),
            metadata=metadata,
            kind=details.get("format", "gguf"),
            version=manifest.version,
            price_prompt=entry.price_prompt if entry else 0.0,
            price_completion=entry.price_completion if entry else 0.0,
            currency=entry.currency if entry else "",
            hash_from=details.get("hash_from", ""),
            sampling=(entry.sampling if entry else {}) or metadata.get("sampling", {}),
        )

    def delete_unused(self, sha256: str) -> int:
        """Delete a blob that no model uses; returns the bytes freed."""
        with self.blobs.lock(sha256, Silent(), sha256[:VERSION_DIGITS]):
            return self._delete_if_unused(sha256)

    def forget_damaged(self, name: str) -> int:
        """Delete a manifest that cannot be read, and every blob that no other names."""
        self.manifests.delete(name)
        return sum(self.delete_unused(hash_) for hash_ in self.blobs.hashes())

    def _delete_if_unused(self, sha256: str) -> int:
        used = (file.sha256 for m in self.manifests.all_versions() for file in m.files)
        return 0 if sha256 in used else self.blobs.delete(sha256)


def described(file_name: str, metadata: Mapping[str, Any]) -> CatalogueEntry:
    """What a model says of itself, in the form of an entry."""
    languages = metadata.get("languages")
    listed = tuple(str(x) for x in languages) if isinstance(languages, list) else ()
    quantisation = metadata.get("quantisation")
    title = str(metadata.get("model_name") or file_name)
    return CatalogueEntry(
        name=name_from(file_name),
        mirrors=(),
        title=f"{title} ({quantisation})" if quantisation else title,
        licence=str(metadata.get("licence") or "unknown"),
        languages=listed,
    )
