"""The sources of what is compiled here, which lie whole in source distributions for Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

from zaohua.errors import IntegrityError
from zaohua.generate.native.products import Product
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.archives import fetch, members


def unpack(product: Product, settings: Settings, folder: Path, progress: Progress) -> Path:
    """Fetch the source if it is not here, and put what is compiled of it into ``folder``.

    Raises:
        UnavailableError: it is not here, and may not or cannot be fetched.
        IntegrityError: it does not hold what it should.
    """
    source = product.source
    archive = fetch(
        product.name, source, settings=settings, progress=progress, what="the source of"
    )
    mark = folder.with_name(f"{folder.name}.whole")
    if mark.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    _write(product, archive, folder)
    if not (folder / "CMakeLists.txt").is_file():
        raise IntegrityError(f"there is no {product.name} in the archive", where=source.label)
    mark.touch()
    return folder


def _write(product: Product, archive: Path, folder: Path) -> None:
    """Write the files; what an earlier compiler run made of them stays right by their times."""
    wanted = lambda name: _place(product, name) is not None  # noqa: E731
    for name, content in members(archive, product.source.form, wanted):
        place = _place(product, name)
        assert place is not None  # noqa: S101
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (0, 0))


def _place(product: Product, name: str) -> Path | None:
    """Where a file of the archive belongs; ``None`` if nothing is compiled of it."""
    parts = PurePosixPath(name).parts[1:]
    inner = parts[len(product.inside) :]
    outside = parts[: len(product.inside)] != product.inside or ".." in parts
    if outside or not inner or inner[0] in product.unused:
        return None
    return Path(*inner)
