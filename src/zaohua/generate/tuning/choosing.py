"""Which setup a model is run in: the one the settings name, else what was measured as best."""

from __future__ import annotations

import logging
from typing import Final

from zaohua.generate.native.builds import built
from zaohua.generate.native.products import IK
from zaohua.generate.pipeline.engine import reads
from zaohua.generate.setups import Setup
from zaohua.generate.tuning.kept import load
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

UNMEASURED: Final = Setup("openvino", "int8")
"""By OpenVINO, where nobody measured: eight bits lose next to nothing of any model."""

_NAMED: Final = {
    "openvino": UNMEASURED,
    "ik": Setup("ik", "q4_0"),
    "llamacpp-native": Setup("llamacpp-native"),
}
"""What is meant by an engine's name; by any other the llama.cpp of the wheel."""


def chosen(model: InstalledModel, settings: Settings) -> Setup:
    """How ``model`` is to be run; where nothing is measured by llama.cpp, the one compiled here.
    Why it is not the engine that was asked for goes to the log."""
    if obstacle := _obstacle(model, settings):
        _log.warning("%s", obstacle)
    return setup_of(model, settings)


def setup_of(model: InstalledModel, settings: Settings) -> Setup:
    """The same, and nothing is logged."""
    if settings.engine == "auto":
        compiled = built(settings.home) is not None
        return _measured(model, settings) or Setup("llamacpp-native" if compiled else "llamacpp")
    return Setup() if _obstacle(model, settings) else _NAMED.get(settings.engine, Setup())


def _obstacle(model: InstalledModel, settings: Settings) -> str:
    """Why the llama.cpp of the wheel runs it in place of the engine that was asked for."""
    match settings.engine:
        case "openvino" if not reads(model):
            return f"OpenVINO does not read model {model.name}: llama.cpp does"
        case "ik" if not reads(model):
            return f"ik_llama.cpp is not used for model {model.name}: llama.cpp is"
        case "ik" if built(settings.home, IK) is None:
            return "no ik_llama.cpp is compiled for this processor: llama.cpp answers"
        case "llamacpp-native" if built(settings.home) is None:
            return "no llama.cpp is compiled for this processor: that of the wheel answers"
    return ""


def _measured(model: InstalledModel, settings: Settings) -> Setup | None:
    tuned = load(model, settings.home)
    return tuned.best.get(settings.workload) if tuned is not None else None


def explained(model: InstalledModel, settings: Settings) -> str:
    """The setup on a line, and why it is this one."""
    setup = setup_of(model, settings)
    if settings.engine != "auto":
        return setup.label
    tuned = load(model, settings.home)
    if tuned is None or settings.workload not in tuned.best:
        return f"{setup.label} (not measured here yet: zaohua engine tune)"
    old = "; engines have changed since: zaohua engine tune" if tuned.changed else ""
    return f"{setup.label} (fastest here for {settings.workload}{old})"
