"""Where a thing came from: the tree of what it was made from, down to files and data sets."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

from zaohua.errors import IntegrityError, NotFoundError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefacts, Kind
from zaohua.store.manifest import Manifest
from zaohua.store.shelf import Shelf

ORDER: Final[tuple[Kind, ...]] = (
    "checkpoint",
    "adapter",
    "report",
    "tokenizer",
    "dataset",
    "tokens",
)
"""Which of several things of one name is meant: a model of the shelf, else the first of these."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One thing and what it was made from.

    Attributes:
        reference: ``kind/name@version``, or what a manifest says of a file or a data set.
        state: ``here``; ``gone`` (it was deleted); ``outside`` (a file, a hub, a catalogue);
            ``above`` (told of already, higher up in the tree).
        manifest: of a thing that is here.
        sources: what it was made from.
    """

    reference: str
    state: Literal["here", "gone", "outside", "above"]
    manifest: Manifest | None = None
    sources: tuple[Origin, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Nested, for ``--json``."""
        plain: dict[str, Any] = {"reference": self.reference, "state": self.state}
        if self.manifest:
            plain |= {
                "licence": self.manifest.licence,
                "created": self.manifest.created.isoformat(),
                "code_version": self.manifest.code_version,
                "metrics": self.manifest.metrics,
            }
        return plain | {"from": [source.as_json() for source in self.sources]}


def lineage(name: str, settings: Settings) -> Origin:
    """The tree of ``name``, ``name@version`` or ``kind/name@version``; a shelf model comes first.

    Raises:
        NotFoundError: nothing has that name; says the nearest.
        IntegrityError: its manifest is damaged.
    """
    manifest = _find(name, settings)
    if manifest is None:
        raise _unknown(name, settings)
    return _origin(manifest, settings, set())


def everything(settings: Settings) -> list[Manifest]:
    """The manifests of all artefacts and of the models on the shelf, the newest first."""
    made = [artefact.manifest for artefact in Artefacts(settings.home).all()]
    made += Shelf(settings).manifests.all_versions()
    return sorted(made, key=lambda manifest: manifest.created, reverse=True)


def reference_of(manifest: Manifest) -> str:
    """``kind/name@version``."""
    return f"{manifest.kind}/{manifest.name}@{manifest.version}"


def _find(name: str, settings: Settings) -> Manifest | None:
    kind, slash, rest = name.partition("/")
    if slash:
        return _of_kind(kind, rest, settings)
    found = (_of_kind(kind, name, settings) for kind in ("model", *ORDER))
    return next((manifest for manifest in found if manifest), None)


def _of_kind(kind: str, name: str, settings: Settings) -> Manifest | None:
    if kind == "model":
        return Shelf(settings).manifest(name.replace("@", ":"))
    artefact = Artefacts(settings.home).resolve(f"{kind}/{name}")
    return artefact.manifest if artefact else None


def _origin(manifest: Manifest, settings: Settings, told: set[str]) -> Origin:
    reference = reference_of(manifest)
    told.add(reference)
    sources = tuple(_source(source, settings, told) for source in _inputs(manifest))
    return Origin(reference, "here", manifest, sources)


def _inputs(manifest: Manifest) -> tuple[str, ...]:
    """What it was made from; of a fetched model, where it was fetched from."""
    if manifest.inputs or manifest.kind != "model":
        return manifest.inputs
    return (manifest.source,)


def _source(reference: str, settings: Settings, told: set[str]) -> Origin:
    kind = reference.partition("/")[0]
    if kind not in ("model", *ORDER) or "@" not in reference:
        return Origin(reference, "outside")
    if reference in told:
        return Origin(reference, "above")
    with suppress(IntegrityError):
        if manifest := _of_kind(kind, reference.partition("/")[2], settings):
            return _origin(manifest, settings, told)
    return Origin(reference, "gone")


def _unknown(name: str, settings: Settings) -> NotFoundError:
    names = sorted({manifest.name for manifest in everything(settings)})
    near = get_close_matches(name.partition("@")[0].rpartition("/")[2], names, 3, 0.5)
    mend = f"did you mean {', '.join(near)}?" if near else "'zaohua lineage' lists what there is"
    return NotFoundError(f"nothing is named '{name[:120]}'", mend=mend)
