"""What comes out of a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zaohua.recipe.stages import Stage
from zaohua.store.artefacts import Artefact
from zaohua.store.shelf import InstalledModel

Made = Artefact | InstalledModel


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of one stage.

    Attributes:
        skipped: it was made before.
        seconds: that it took now.
    """

    stage: Stage
    made: Made
    skipped: bool
    seconds: float

    @property
    def reference(self) -> str:
        """As manifests name it: ``checkpoint/poet-pretrain@1a2b…``, ``model/poet@3c4d…``."""
        if isinstance(self.made, InstalledModel):
            return f"model/{self.made.name}@{self.made.version}"
        return self.made.reference

    @property
    def figures(self) -> dict[str, float]:
        """The numbers of its manifest, or the size of a model on the shelf in bytes."""
        if isinstance(self.made, InstalledModel):
            return {"bytes": self.made.size}
        return self.made.manifest.numbers

    @property
    def next_command(self) -> str:
        """What to type to see more of it, or to use it."""
        name = self.made.name
        if self.stage.verb == "export":
            return f"zaohua serve -m {name}"
        return f"zaohua data show {name}" if self.stage.verb == "data" else f"zaohua lineage {name}"

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and reports."""
        return {
            "stage": self.stage.label,
            "name": self.made.name,
            "reference": self.reference,
            "path": str(self.made.path),
            "made_before": self.skipped,
            "seconds": round(self.seconds, 1),
            "figures": self.figures,
        }


def reference(made: Made) -> str:
    """How later stages call it: ``name@version``, or the name of a model on the shelf."""
    if isinstance(made, InstalledModel):
        return made.name
    return f"{made.name}@{made.manifest.version}"
