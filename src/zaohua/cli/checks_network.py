"""Checks of the places models come from; only run when asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaohua.cli.check import Check

if TYPE_CHECKING:
    from zaohua.settings import Settings

SECONDS = 10.0
_HUBS = {
    "huggingface": ("HF", "https://huggingface.co"),
    "modelscope": ("MODELSCOPE", "https://www.modelscope.cn"),
}
_OTHERS = "other mirrors are tried; or set HTTPS_PROXY, HF_ENDPOINT or pip's index"


def mirrors(settings: Settings) -> Iterator[Check]:
    """Whether each kind of mirror answers."""
    if settings.offline:
        yield Check("network", "info", "not tried: ZAOHUA_OFFLINE is set")
        return
    for kind in settings.mirrors:
        if kind == "wheel":
            yield _package_index()
        elif kind in _HUBS:
            yield _reach(kind, os.environ.get(f"{_HUBS[kind][0]}_ENDPOINT") or _HUBS[kind][1])


def _package_index() -> Check:
    """Ask for a package that any index has, through pip and so with the user's own settings."""
    ask = [sys.executable, "-m", "pip", "index", "versions", "pip", "--disable-pip-version-check"]
    name = "mirror wheel"
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return Check(name, "warn", "pip's package index does not answer", _OTHERS)
    if done.returncode == 0:
        return Check(name, "ok", "pip's package index answers")
    said = done.stderr.strip().splitlines()[-1:] or ["no answer"]
    return Check(name, "warn", f"pip's package index: {said[0]}", _OTHERS)


def _reach(kind: str, address: str) -> Check:
    import httpx

    name, host = f"mirror {kind}", urlsplit(address).hostname or address
    began = time.monotonic()
    try:
        httpx.head(address, timeout=SECONDS, follow_redirects=True)
    except httpx.HTTPError as error:
        found = f"{host} does not answer ({type(error).__name__})"
        return Check(name, "warn", found, _OTHERS)
    return Check(name, "ok", f"{host} answers in {(time.monotonic() - began) * 1000:.0f} ms")
