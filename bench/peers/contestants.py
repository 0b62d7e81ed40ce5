"""Who takes part, each with its default and with the settings that may be its best here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One peer in one setting."""

    name: str
    peer: str
    title: str
    default: bool = False
    compiled: bool = False
    precision: Precision = "fp32"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def repository(self) -> str:
        """Name of the clone it needs; empty where it is a package."""
        return {"nanogpt": "nanoGPT", "minimind": "minimind", "nanochat": "nanochat"}.get(
            self.peer, ""
        )


def contestants(bf16: bool) -> list[Contestant]:
    """All of them; settings with bfloat16 only where the machine is faster in it."""
    best: Precision = "bf16" if bf16 else "fp32"
    return [*_zaohua(best), *_libraries(best), *_scripts(best)]


def _zaohua(best: Precision) -> list[Contestant]:
    return [
        Contestant("zaohua", "zaohua", "zaohua (Muon), compiled", False, True, best),
        Contestant("zaohua-eager", "zaohua", "zaohua (Muon), eager", False, False, best),
        Contestant(
            "zaohua-adamw",
            "zaohua",
            "zaohua (AdamW), compiled",
            False,
            True,
            best,
            {"optimiser": "adamw"},
        ),
    ]


def _libraries(best: Precision) -> list[Contestant]:
    eager = {"attention": "eager"}
    tag = f", {best}" if best == "bf16" else ""
    return [
        Contestant("hf-default", "hf", "HF Trainer, default", True),
        Contestant("hf-compiled", "hf", f"HF Trainer, torch_compile{tag}", False, True, best),
        Contestant(
            "hf-compiled-plain",
            "hf",
            f"HF Trainer, torch_compile, eager attention{tag}",
            False,
            True,
            best,
            eager,
        ),
        Contestant("trl-default", "trl", "TRL SFTTrainer, packing, default", True),
        Contestant(
            "trl-compiled",
            "trl",
            f"TRL SFTTrainer, packing wrapped, compiled{tag}",
            False,
            True,
            best,
        ),
    ]


def _scripts(best: Precision) -> list[Contestant]:
    tag = f", {best}" if best == "bf16" else ""
    return [
        Contestant("nanogpt-default", "nanogpt", "nanoGPT, as its README says for CPU", True),
        Contestant("nanogpt-compiled", "nanogpt", f"nanoGPT, compiled{tag}", False, True, best),
        Contestant("minimind-default", "minimind", "minimind, default (rows padded)", True),
        Contestant(
            "minimind-compiled",
            "minimind",
            f"minimind, full rows, compiled{tag}",
            False,
            True,
            best,
        ),
        Contestant(
            "minimind-eager", "minimind", f"minimind, full rows, eager{tag}", False, False, best
        ),
        Contestant("nanochat-default", "nanochat", "nanochat, as runcpu.sh", True, True),
        Contestant("nanochat-best", "nanochat", f"nanochat, rates swept{tag}", False, True, best),
    ]


def chosen(found: Sequence[Contestant], only: Sequence[str]) -> list[Contestant]:
    """Those named, by contestant or peer; all when none is named."""
    return [c for c in found if not only or c.name in only or c.peer in only]
