"""What was measured of a model on this machine, kept in the home folder.

It holds for the processor and the number of cores it was measured with. A way that is gone counts
as not measured. A program of another
version, or one that came later, makes it old, not worthless: it is used until it is measured again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from zaohua.generate.formats import BITS, identity
from zaohua.generate.native.builds import built
from zaohua.generate.native.products import IK, LLAMACPP
from zaohua.generate.setups import Setup
from zaohua.generate.tuning.figures import Figures, Workload
from zaohua.hardware import hardware, processor
from zaohua.store.files import write_atomic
from zaohua.store.models import InstalledModel

PACKAGES: Final = {"llamacpp": "xllamacpp", "openvino": "openvino-genai"}
COMPILED: Final = {"llamacpp-native": LLAMACPP, "ik": IK}


@dataclass(frozen=True, slots=True)
class Row:
    """One way of running the model.

    Attributes:
        figures: ``None`` if it did not run.
        failure: why not, in a line.
        bits: of a byte of text by these weights; 0: not measured, as with those of the file.
    """

    setup: Setup
    figures: Figures | None
    failure: str = ""
    bits: float = 0.0


@dataclass(frozen=True, slots=True)
class Tuned:
    """All that was measured, and the best for each kind of work.

    Attributes:
        best: without what has been removed since.
        changed: programs that are others now than those measured, or were not there.
    """

    model: str
    machine: Mapping[str, Any]
    rows: tuple[Row, ...]
    best: Mapping[Workload, Setup]
    changed: tuple[str, ...] = ()


def machine(home: Path) -> dict[str, Any]:
    """What measurements depend on beside the model."""
    programs = {program: _version(package) for program, package in PACKAGES.items()}
    found = {program: built(home, product) for program, product in COMPILED.items()}
    made = {program: build.key for program, build in found.items() if build is not None}
    return {"processor": processor().name, "cores": hardware().cores, **programs, **made}


def save(tuned: Tuned, model: InstalledModel, home: Path) -> None:
    """Keep it for this model, in place of what was there."""
    plain = {
        "model": tuned.model,
        "machine": dict(tuned.machine),
        "rows": [asdict(row) for row in tuned.rows],
        "best": {workload: asdict(setup) for workload, setup in tuned.best.items()},
    }
    write_atomic(_path(model, home), json.dumps(plain, indent=1).encode() + b"\n")


def load(model: InstalledModel, home: Path) -> Tuned | None:
    """What holds for this model, here and now; ``None`` if nothing does."""
    try:
        plain = json.loads(_path(model, home).read_bytes())
        tuned = Tuned(
            plain["model"],
            plain["machine"],
            tuple(_row(row) for row in plain["rows"] if _runs(row["setup"])),
            {work: Setup(**setup) for work, setup in plain["best"].items() if _runs(setup)},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _now(tuned, machine(home))


def _runs(setup: Mapping[str, str]) -> bool:
    """Whether a model can still be run so: OpenVINO once ran files as they are."""
    return setup["program"] != "openvino" or setup["weights"] in BITS


def _now(tuned: Tuned, here: Mapping[str, Any]) -> Tuned | None:
    before = tuned.machine
    if any(before.get(what) != here[what] for what in ("processor", "cores")):
        return None
    programs = (before.keys() | here.keys()) - {"processor", "cores"}
    changed = sorted(one for one in programs if before.get(one, "") != here.get(one, ""))
    best = {work: setup for work, setup in tuned.best.items() if here.get(setup.program)}
    return replace(tuned, best=best, changed=tuple(changed))


def _row(plain: Mapping[str, Any]) -> Row:
    figures = plain["figures"]
    return Row(
        Setup(**plain["setup"]),
        Figures(**figures) if figures else None,
        plain["failure"],
        plain["bits"],
    )


def _path(model: InstalledModel, home: Path) -> Path:
    return home / "tuning" / f"{identity(model)}.json"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
