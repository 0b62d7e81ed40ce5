"""The test model in homes of other tests, which may put models of their own beside it."""

from __future__ import annotations

from pathlib import Path


def link_models(source: Path, home: Path) -> None:
    """Link each model and blob of ``source`` into ``home``: what is added stays in ``home``."""
    for folder in ("blobs/sha256", "models"):
        (home / folder).mkdir(parents=True, exist_ok=True)
        for entry in (source / folder).iterdir():
            (home / folder / entry.name).symlink_to(entry)
