"""Which data a model was trained on."""

from __future__ import annotations

from collections.abc import Iterator

from zaohua.errors import UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.manifest import Manifest
from zaohua.store.shelf import Shelf


def manifest_of(model: str, settings: Settings) -> Manifest | None:
    """The manifest of a checkpoint, or of a model on the shelf, by name; ``None``: neither."""
    made = Artefacts(settings.home).find("checkpoint", model)
    return made.manifest if made else Shelf(settings).manifest(on_shelf(model))


def served(model: str, settings: Settings) -> str:
    """The name by which the engine knows a model.

    Raises:
        UsageError: it is not on the shelf, nor of a server that the settings name.
    """
    if model in settings.engine_urls:
        return model
    if Shelf(settings).manifest(on_shelf(model)) is None:
        raise UsageError(
            f"'{model}' is not on the shelf, and so cannot be asked",
            mend=f"export it first: zaohua models export {model.partition('@')[0]}",
        )
    return on_shelf(model)


def on_shelf(model: str) -> str:
    """``name@version`` as the shelf writes it: ``name:version``."""
    return model.replace("@", ":", 1)


def training_data(model: str, data: Artefact, settings: Settings) -> list[Artefact]:
    """The data sets that a model and all it was made from were trained on, and ``data``."""
    found = {data.reference: data}
    manifest = manifest_of(model, settings)
    for made in _made_from(manifest, Artefacts(settings.home)) if manifest else ():
        if made.manifest.kind == "dataset":
            found[made.reference] = made
    return [found[reference] for reference in sorted(found)]


def _made_from(manifest: Manifest, artefacts: Artefacts) -> Iterator[Artefact]:
    for reference in manifest.inputs:
        made = artefacts.resolve(reference)
        if made is not None:
            yield made
            yield from _made_from(made.manifest, artefacts)
