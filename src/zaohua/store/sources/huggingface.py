"""Hugging Face, through ``huggingface_hub``: its cache, addresses, tokens and file facts.

The bytes come by our own download, since the library's would keep a second copy in its cache.
``HF_ENDPOINT``, ``HF_HUB_OFFLINE``, ``HF_TOKEN`` and ``HF_HOME`` are honoured; a file that is in
its cache is taken from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed
from zaohua.store.sources.http import (
    CONNECT_SECONDS,
    Remote,
    asking,
    download,
    proxy_settings_checked,
)
from zaohua.store.sources.local import LocalFile

SHA256_LENGTH = 64


@dataclass(frozen=True)
class HuggingFace:
    """One file of a Hugging Face model repository."""

    repo: str
    file: str
    revision: str = "main"

    kind: ClassVar[str] = "huggingface"
    remote: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """``hf:owner/repo/file``."""
        return f"hf:{self.repo}/{self.file}"

    @property
    def file_name(self) -> str:
        """The name of the file in the repository."""
        return PurePosixPath(self.file).name

    def look(self) -> Offer:
        """Size and LFS sha256 as the hub states them, or those of the copy in the hub's cache."""
        cached = self._cached()
        if cached is not None:
            return Offer(size=cached.stat().st_size, sha256=_hash_in_name(cached))
        from huggingface_hub import get_hf_file_metadata

        with _hub_asked(self.label):
            facts = get_hf_file_metadata(
                self._url(), token=_token(), timeout=CONNECT_SECONDS, endpoint=_endpoint()
            )
        etag = (facts.etag or "").lower()
        return Offer(size=facts.size, sha256=etag if len(etag) == SHA256_LENGTH else "")

    def extra_space(self, size: int) -> int:
        """Nothing beside the file."""
        return 0

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Copy from the hub's cache, else download, or go on downloading."""
        cached = self._cached()
        if cached is not None:
            meter.note("taken from the Hugging Face cache of this machine")
            LocalFile(str(cached)).fetch(part, offer, meter)
            return
        token = _token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        download(Remote(self._url(), headers, offer.size, offer.sha256), part, meter)

    def _url(self) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(self.repo, self.file, revision=self.revision, endpoint=_endpoint())

    def _cached(self) -> Path | None:
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError

        try:
            found = try_to_load_from_cache(self.repo, self.file, revision=self.revision)
        except HFValidationError:
            raise SourceFailed("this cannot be a repository's name", where=self.label) from None
        return Path(found) if isinstance(found, str) else None


def list_files(repo: str) -> list[str]:
    """The files of a model repository.

    Raises:
        SourceFailed: the hub cannot be reached or has no such repository.
    """
    from huggingface_hub import HfApi

    with _hub_asked(f"hf:{repo}"):
        info = HfApi(endpoint=_endpoint(), token=_token()).model_info(repo, timeout=CONNECT_SECONDS)
    return [sibling.rfilename for sibling in info.siblings or []]


def _endpoint() -> str:
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def _token() -> str | None:
    from huggingface_hub import get_token

    return os.environ.get("HF_TOKEN") or get_token()


@contextmanager
def _hub_asked(where: str) -> Iterator[None]:
    """Let what goes wrong with the hub become a `SourceFailed` about ``where``."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        raise SourceFailed("HF_HUB_OFFLINE is set", where=where)
    with asking(_endpoint()), proxy_settings_checked():
        try:
            yield
        except OfflineModeIsEnabled:
            raise SourceFailed("HF_HUB_OFFLINE is set", where=where) from None
        except HfHubHTTPError as error:
            raise SourceFailed(_refusal(error), where=where) from error


def _hash_in_name(cached: Path) -> str:
    """The hub's cache names the blob of an LFS file by its sha256."""
    name = cached.resolve().name
    return name if len(name) == SHA256_LENGTH else ""


def _refusal(error: Exception) -> str:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if isinstance(error, GatedRepoError):
        return "its licence must be accepted on the hub's page first, and HF_TOKEN set"
    if isinstance(error, RepositoryNotFoundError):
        return "no such repository, or it is private and HF_TOKEN is not set"
    if isinstance(error, EntryNotFoundError | RevisionNotFoundError):
        return "the repository has no such file"
    response = getattr(error, "response", None)
    status = response.status_code if response is not None else 0
    if status in (401, 403):
        return f"access is refused (HTTP {status}); set HF_TOKEN, accept the licence on its page"
    return "there is no such file (HTTP 404)" if status == 404 else f"HTTP {status or 'error'}"
