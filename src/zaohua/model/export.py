"""Checkpoints and adapters onto the shelf as GGUF models, with where they came from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zaohua.errors import MissingExtraError, UnavailableError, UsageError
from zaohua.model import references
from zaohua.model.quants import QUANTS, Quant, Told
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store import models
from zaohua.store.files import locked, require_space, write_atomic
from zaohua.store.manifest import check_name
from zaohua.store.models import InstalledModel
from zaohua.store.shelf import Shelf

if TYPE_CHECKING:
    from zaohua.model.loading import Loaded

SOURCE = "zaohua models export"


def export_gguf(
    folder: Path,
    out: Path,
    quant: Quant,
    *,
    settings: Settings,
    told: Told = Told(),  # noqa: B008
    progress: Progress = Silent(),  # noqa: B008
) -> None:
    """Write the checkpoint or adapter in ``folder`` as one GGUF file.

    Raises:
        UsageError: it has no place in GGUF.
        NotFoundError, IntegrityError, UnavailableError: as `zaohua.model.load`, and if ``out``
            cannot be written.
        MissingExtraError: what it needs is not installed.
    """
    loaded = _load(str(folder), settings, progress)
    _write(loaded, out, quant, told, progress)


def export(
    name: str,
    reference: str,
    *,
    quant: Quant = "q8_0",
    settings: Settings,
    system: str = "",
    out: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> InstalledModel:
    """Put a checkpoint, adapter, folder or any other model on the shelf as a GGUF model.

    Args:
        name: what it is called there.
        reference: as for `zaohua.model.load`; an adapter is merged into its base.
        quant: format of the matrices.
        settings: the home folder.
        system: what Ollama is to tell the model before every conversation.
        out: a folder that gets ``NAME.gguf`` and Ollama's ``Modelfile`` as well.
        progress: told of the work.

    Raises:
        UsageError: the name or format cannot be used, or the model has no place in GGUF.
        NotFoundError, IntegrityError, UnavailableError: as `zaohua.model.load`.
        MissingExtraError: what it needs is not installed.
    """
    _check(name, quant, settings)
    place = references.find(reference, settings)
    loaded = _load(reference, settings, progress)
    told = Told(name, place.licence)
    _require_space(settings.home, loaded, quant)
    folder = settings.home / f".export-{name}"
    with locked(settings.home / "locks" / f"export-{name}.lock", progress, f"'{name}'"):
        try:
            file = folder / f"{name}.gguf"
            _write(loaded, file, quant, told, progress)
            model = models.import_file(settings, file, name=name, progress=progress)
            if out is not None:
                _hand_out(file, out, loaded, system)
        finally:  # what a kill leaves is overwritten by the next export of that name
            shutil.rmtree(folder, ignore_errors=True)
    return _with_lineage(settings, model, loaded, reference, quant)


def _check(name: str, quant: str, settings: Settings) -> None:
    check_name(name)
    if quant not in QUANTS:
        raise UsageError(f"'{quant}' is no format here", mend=f"use {', '.join(QUANTS)}")
    if name in Shelf(settings).entries:
        raise UsageError(f"the catalogue has another model named '{name}'", mend="choose a name")


def _require_space(home: Path, loaded: Loaded, quant: Quant) -> None:
    """For the file and its copy in the store."""
    home.mkdir(parents=True, exist_ok=True)
    bytes_each = {"f32": 4, "f16": 2, "bf16": 2}.get(quant, 1)
    require_space(home, 2 * bytes_each * loaded.model.num_parameters())


def _load(reference: str, settings: Settings, progress: Progress) -> Loaded:
    try:
        from zaohua.model.loading import load
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "exporting a model") from error
    return load(reference, settings=settings, progress=progress)


def _write(loaded: Loaded, out: Path, quant: Quant, told: Told, progress: Progress) -> None:
    try:
        from zaohua.model.gguf_writing import write_gguf
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "exporting a model") from error
    write_gguf(loaded.model, loaded.tokenizer, out, quant, told=told, progress=progress)


def _hand_out(file: Path, out: Path, loaded: Loaded, system: str) -> None:
    from zaohua.model.modelfile import modelfile

    context = loaded.model.config.max_position_embeddings
    text = modelfile(file.name, loaded.tokenizer, context, system)
    try:
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, out / file.name)
        write_atomic(out / "Modelfile", text.encode())
    except OSError as error:
        raise UnavailableError(
            f"the file cannot be put there: {error.strerror or error}", where=str(out)
        ) from error


def _with_lineage(
    settings: Settings, model: InstalledModel, loaded: Loaded, reference: str, quant: Quant
) -> InstalledModel:
    """The manifest says what it was made from, not the temporary file that was imported."""
    shelf = Shelf(settings)
    manifest = shelf.manifests.load(model.name, model.version)
    if manifest is None:  # removed by another process in this moment
        return model
    made = replace(
        manifest,
        source=SOURCE,
        reference=reference,
        inputs=(loaded.origin,),
        recipe={"quant": quant},
    )
    shelf.manifests.save(made)
    return shelf.model(made)
