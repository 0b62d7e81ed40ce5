"""Where a model named by a person is on this machine, and what manifests call it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zaohua.errors import NotFoundError, UnavailableError, UsageError
from zaohua.settings import Settings
from zaohua.store import models
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.files import sha256_of

SAFE_FILES: Final = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
"""What is fetched from the hub: nothing pickled, no code."""


@dataclass(frozen=True, slots=True)
class Place:
    """A checkpoint folder or GGUF file, and its name as an input of manifests."""

    path: Path
    origin: str
    licence: str = "unknown"


def find(reference: str, settings: Settings) -> Place:
    """Look for a checkpoint, a folder or file, a model of the shelf, then a hub id.

    Raises:
        NotFoundError: nothing has that name.
        UnavailableError: it is on the hub and cannot be fetched.
    """
    artefact = _artefact(reference, settings)
    if artefact is not None:
        return Place(artefact.path, artefact.reference, artefact.manifest.licence)
    path = Path(reference).expanduser()
    if path.exists():
        return Place(path.absolute(), f"file:{path.absolute()}#{_hash(path)}")
    with suppress(NotFoundError):
        model = models.find(settings, reference, paths=False)
        return Place(model.path, f"model/{model.name}@{model.version}", model.licence)
    if reference.count("/") == 1 and not reference.startswith((".", "/", "~")):
        return _fetched(reference, settings)
    raise NotFoundError(
        f"there is no model named '{reference[:120]}' to load",
        mend="name a checkpoint ('zaohua lineage' lists them), a folder, a GGUF file, a model of "
        "'zaohua models list' or a hub id",
    )


def _artefact(reference: str, settings: Settings) -> Artefact | None:
    artefacts = Artefacts(settings.home)
    for kind in ("checkpoint", "adapter"):
        with suppress(UsageError):
            if reference.startswith(f"{kind}/"):
                return artefacts.resolve(reference)
    return artefacts.find("checkpoint", reference) or artefacts.find("adapter", reference)


def _hash(path: Path) -> str:
    """Of a file, or of all weights and the config of a folder."""
    if path.is_file():
        return sha256_of(path)
    digest = hashlib.sha256()
    for file in sorted([*path.glob("*.safetensors"), *path.glob("*.json")]):
        digest.update(f"{file.name} {sha256_of(file)}\n".encode())
    return digest.hexdigest()


def _fetched(reference: str, settings: Settings) -> Place:
    from httpx import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            reference,
            allow_patterns=list(SAFE_FILES),
            local_files_only=settings.offline,
            cache_dir=settings.home / "hub",
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, HTTPError, OSError, ValueError) as error:
        told = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
        if isinstance(told, HfHubHTTPError | ValueError):
            raise UnavailableError(
                f"'{reference}' cannot be fetched from the hub: {str(told).splitlines()[0]}"
            ) from None
        raise UnavailableError(
            f"'{reference}' is not on this machine and the hub cannot be reached",
            mend="unset ZAOHUA_OFFLINE or look at the network, or name a folder",
        ) from None
    revision = Path(folder).name
    return Place(Path(folder), f"hub:{reference}@{revision}")
