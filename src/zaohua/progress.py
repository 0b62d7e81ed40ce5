"""How long work tells the person waiting how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of the advance of one long step; the CLI draws it as a bar, the API as numbers."""

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        """Begin a step of ``total`` units (``None``: unknown), ``done`` of them done before."""

    def advance(self, amount: int) -> None:
        """``amount`` more units are done."""

    def figures(self, text: str) -> None:
        """Short figures of this moment (``loss 3.21``) beside the bar; each replaces the last."""

    def note(self, text: str) -> None:
        """Say something worth reading beside the bar (a mirror failed, a step was resumed)."""

    def finish(self) -> None:
        """The step is over, done or not."""


class Silent:
    """A `Progress` that says nothing."""

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        """Say nothing."""

    def advance(self, amount: int) -> None:
        """Say nothing."""

    def figures(self, text: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""
