"""Where the peers come from: clones, and their packages in an environment apart."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

URLS = {
    "nanoGPT": "https://github.com/karpathy/nanoGPT",
    "nanochat": "https://github.com/karpathy/nanochat",
    "minimind": "https://github.com/jingyaogong/minimind",
}
PACKAGES = ("trl", "wandb", "rustbpe")
"""What peers import that zaohua does not need; torch and the rest are zaohua's own."""


def clone(name: str, peers: Path | None, cache: Path) -> Path | None:
    """A peer's clone in the folder given, else fetched into the cache; ``None``: not to be had."""
    if peers is not None:
        return peers / name if (peers / name).is_dir() else None
    target = cache / "repositories" / name
    return target if target.is_dir() or _fetched(URLS[name], target) else None


def _fetched(url: str, target: Path) -> bool:
    """Whether ``git`` could clone it, asking nobody for a password."""
    command = ["git", "clone", "--quiet", "--depth", "1", url, str(target)]
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(command, check=False, timeout=600, env=quiet, capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def commit(repository: Path) -> str:
    """Which version a clone is."""
    command = ["git", "-C", str(repository), "log", "-1", "--format=%h of %cs"]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def environment(cache: Path) -> Path:
    """A Python that sees zaohua's packages and, beside them, the peers' own; made once."""
    home = cache / "peers-venv"
    python = home / "bin" / "python"
    if not (home / ".complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        own = sysconfig.get_path("purelib", vars={"base": str(home)})
        Path(own, "zaohua-bench.pth").write_text(sysconfig.get_path("purelib") + "\n")
        install = [str(python), "-m", "pip", "install", "--quiet", "--quiet", *PACKAGES]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        (home / ".complete").touch()
    return python


def versions(python: Path) -> dict[str, str]:
    """Of the peers' packages, in the environment of ``python``."""
    script = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    told = subprocess.run(
        [str(python), "-c", script, *PACKAGES], check=True, capture_output=True, text=True
    )
    return dict(zip(PACKAGES, told.stdout.split(), strict=True))
