"""Models that training goes on from: whether there is such a one, and of which family it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal

from zaohua.errors import NotFoundError
from zaohua.problems import nearest
from zaohua.recipe.spec import Recipe
from zaohua.settings import Settings
from zaohua.store import catalogue, references
from zaohua.store.artefacts import Artefacts
from zaohua.store.models import installed
from zaohua.train.spec import TrainSpec

Family = Literal["decoder", "encoder", "unknown"]
FAMILIES: Final[dict[str, Family]] = {
    "qwen3": "decoder",
    "llama": "decoder",
    "bert": "encoder",
    "modernbert": "encoder",
}


def family_of(spec: TrainSpec, recipe: Recipe, settings: Settings) -> Family:
    """Whether what is trained is a decoder or an encoder.

    Raises:
        NotFoundError: it starts from a model that is not there.
        IntegrityError: the manifest of the checkpoint it starts from is damaged.
    """
    start = spec.model.start
    if not start:
        return FAMILIES[spec.model.layout]
    pretrain = recipe.pretrain
    if start == "pretrain" and pretrain and pretrain.model.start != "pretrain":
        return family_of(pretrain, recipe, settings)
    return _family_of_model(start, settings)


def _family_of_model(start: str, settings: Settings) -> Family:
    checkpoint = Artefacts(settings.home).find("checkpoint", start.removeprefix("checkpoint/"))
    if checkpoint is not None:
        return _family_in(checkpoint.path)
    folder = Path(start).expanduser()
    if folder.is_dir():
        return _family_in(folder)
    names = [*catalogue.load(settings.home), *(model.name for model in installed(settings))]
    if start.partition(":")[0] in names or (references.is_path(start) and folder.is_file()):
        return "decoder"
    if references.is_reference(start) and not references.is_path(start):
        return "unknown"  # a hub's; what it is shows when it is fetched
    known = [*Artefacts(settings.home).names("checkpoint"), *names]
    raise NotFoundError(f"there is no model '{start}'", mend=nearest(start, known))


def _family_in(folder: Path) -> Family:
    try:
        kind = json.loads((folder / "config.json").read_bytes()).get("model_type")
    except (OSError, ValueError, AttributeError):
        raise NotFoundError(f"{folder} holds no model: it has no config.json") from None
    return FAMILIES.get(str(kind), "unknown")
