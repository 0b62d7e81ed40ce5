"""ModelScope over plain HTTP: its file list gives sizes and hashes, its resolve URLs the bytes.

``MODELSCOPE_ENDPOINT`` (a URL) or ``MODELSCOPE_DOMAIN`` (a host, as its own client reads it) choose
another server, ``MODELSCOPE_API_TOKEN`` opens private repositories.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import quote

from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed
from zaohua.store.sources.http import Remote, asking, client, download

DEFAULT_ENDPOINT = "https://www.modelscope.cn"


@dataclass(frozen=True)
class ModelScope:
    """One file of a ModelScope model repository."""

    repo: str
    file: str
    revision: str = "master"

    kind: ClassVar[str] = "modelscope"
    remote: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """``modelscope:owner/repo/file``."""
        return f"modelscope:{self.repo}/{self.file}"

    @property
    def file_name(self) -> str:
        """The name of the file in the repository."""
        return PurePosixPath(self.file).name

    def look(self) -> Offer:
        """Size and sha256 from the repository's file list."""
        for entry in self._files():
            if entry.get("Path") == self.file:
                size, sha256 = entry.get("Size"), entry.get("Sha256")
                return Offer(
                    size=size if isinstance(size, int) and size > 0 else None,
                    sha256=sha256.lower() if isinstance(sha256, str) else "",
                )
        raise SourceFailed("the repository has no such file", where=self.label)

    def extra_space(self, size: int) -> int:
        """Nothing beside the file."""
        return 0

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Download, or go on downloading."""
        path = f"models/{quote(self.repo)}/resolve/{quote(self.revision, safe='')}"
        url = f"{endpoint()}/{path}/{quote(self.file)}"
        download(Remote(url, _headers(), offer.size, offer.sha256), part, meter)

    def _files(self) -> list[dict[str, Any]]:
        url = f"{endpoint()}/api/v1/models/{quote(self.repo)}/repo/files"
        with asking(endpoint()), client(_headers()) as http:
            answer = http.get(url, params={"Revision": self.revision, "Recursive": "true"})
        if answer.status_code != 200:
            raise SourceFailed(f"HTTP {answer.status_code}", where=self.label)
        try:
            files = answer.json()["Data"]["Files"]
            return [entry for entry in files if isinstance(entry, dict)]
        except (ValueError, KeyError, TypeError):
            raise SourceFailed("the answer is not a file list", where=endpoint()) from None


def endpoint() -> str:
    """The server's address, from the environment or its public one."""
    domain = os.environ.get("MODELSCOPE_DOMAIN", "")
    chosen = os.environ.get("MODELSCOPE_ENDPOINT") or domain or DEFAULT_ENDPOINT
    return (chosen if "://" in chosen else f"https://{chosen}").rstrip("/")


def _headers() -> dict[str, str]:
    token = os.environ.get("MODELSCOPE_API_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}
