"""A file at an https URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed
from zaohua.store.sources.http import Remote, asking, client, download, public


@dataclass(frozen=True)
class DirectUrl:
    """A plain file on a web server; its hash is known only if a catalogue states it."""

    url: str

    kind: ClassVar[str] = "url"
    remote: ClassVar[bool] = True

    @property
    def label(self) -> str:
        """The URL, without what may be secret in it."""
        return public(self.url)

    @property
    def file_name(self) -> str:
        """The last part of the URL's path."""
        return PurePosixPath(unquote(urlsplit(self.url).path)).name

    def look(self) -> Offer:
        """Ask for the size."""
        with asking(self.label), client() as http, http.stream("GET", self.url) as response:
            if response.status_code != 200:
                raise SourceFailed(f"HTTP {response.status_code}", where=self.label)
            length = response.headers.get("content-length", "")
            return Offer(size=int(length) if length.isdigit() else None)

    def extra_space(self, size: int) -> int:
        """Nothing beside the file."""
        return 0

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Download, or go on downloading."""
        download(Remote(self.url, size=offer.size, sha256=offer.sha256), part, meter)
