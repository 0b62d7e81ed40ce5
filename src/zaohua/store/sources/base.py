"""What every source of files can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from zaohua.errors import UnavailableError
from zaohua.progress import Progress
from zaohua.store.part import Part


class SourceFailed(UnavailableError):
    """This source cannot deliver; another may. The parts of a finished download stay."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source says it holds: size in bytes and sha256, where it knows them."""

    size: int | None = None
    sha256: str = ""


class Source(Protocol):
    """One place that holds one file."""

    kind: ClassVar[str]
    remote: ClassVar[bool]

    @property
    def label(self) -> str:
        """The place in words, the same for the same file: ``huggingface:Qwen/…/x.gguf``."""

    @property
    def file_name(self) -> str:
        """The name of the file there, for naming a model after it."""

    def look(self) -> Offer:
        """Ask what there is.

        Raises:
            SourceFailed: nothing can be had from here now.
        """

    def extra_space(self, size: int) -> int:
        """Bytes of disk that fetching a file of ``size`` bytes takes beside the file."""

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Append what is missing in ``part``, or start it anew if it cannot be gone on with.

        Raises:
            SourceFailed: the source broke off; what arrived is in ``part``.
        """


class Meter:
    """Turns a position in the file into steps of a `Progress`."""

    def __init__(self, progress: Progress, label: str, total: int | None) -> None:
        self.progress = progress
        self._label, self._total = label, total
        self._at = 0

    def start(self, at: int) -> None:
        """Begin, or begin again, with ``at`` bytes there."""
        self.progress.start(self._label, self._total, done=at)
        self._at = at

    def to(self, position: int) -> None:
        """``position`` bytes are there now; it never goes back."""
        if self._total is not None:
            position = min(position, self._total)
        if position > self._at:
            self.progress.advance(position - self._at)
            self._at = position

    def note(self, text: str) -> None:
        """Say something beside the bar."""
        self.progress.note(text)
