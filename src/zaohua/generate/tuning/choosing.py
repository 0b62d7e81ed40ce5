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


def chosen(model: InstalledModel, settings: Settings) -> Setup:
    """How ``model`` is to be run; where nothing is measured by llama.cpp, the one compiled here."""
    if settings.engine == "openvino":
        if reads(model):
            return UNMEASURED
        _log.warning("OpenVINO does not read model %s: llama.cpp does", model.name)
    if settings.engine == "ik" and (setup := _by_ik(model, settings)) is not None:
        return setup
    if settings.engine == "auto" and (best := _measured(model, settings)) is not None:
        return best
    if settings.engine in ("auto", "llamacpp-native"):
        if built(settings.home) is not None:
            return Setup("llamacpp-native")
        if settings.engine == "llamacpp-native":
            _log.warning("no llama.cpp is compiled for this processor: that of the wheel answers")
    return Setup()


def _by_ik(model: InstalledModel, settings: Settings) -> Setup | None:
    if not reads(model):
        _log.warning("ik_llama.cpp is not used for model %s: llama.cpp is", model.name)
    elif built(settings.home, IK) is None:
        _log.warning("no ik_llama.cpp is compiled for this processor: llama.cpp answers")
    else:
        return Setup("ik", "q4_0")
    return None


def _measured(model: InstalledModel, settings: Settings) -> Setup | None:
    tuned = load(model, settings.home)
    return tuned.best.get(settings.workload) if tuned is not None else None


def explained(model: InstalledModel, settings: Settings) -> str:
    """The setup on a line, and why it is this one."""
    setup = chosen(model, settings)
    if settings.engine != "auto":
        return setup.label
    tuned = load(model, settings.home)
    if tuned is None or settings.workload not in tuned.best:
        return f"{setup.label} (not measured here yet: zaohua engine tune)"
    old = "; engines have changed since: zaohua engine tune" if tuned.changed else ""
    return f"{setup.label} (fastest here for {settings.workload}{old})"
