"""The process that holds one llama.cpp model: ``python -m zaohua.generate.llamacpp_worker``.

Reads one line of JSON (`WorkerConfig`) from standard input, loads the model, and prints one line of
JSON on standard output: ``{"address": "http://127.0.0.1:PORT"}`` or ``{"error": "..."}``. It lives
until its standard input closes, so it cannot outlive whoever started it. Everything llama.cpp says
goes to standard error.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

F16, Q8_0 = 1, 8
"""ggml's numbers of the key and value cache types in use."""

_PR_SET_PDEATHSIG = 1
_ERRORS_ONLY = 1


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker is told. Memory is MiB, lengths are tokens."""

    path: str
    key: str
    context_length: int
    slots: int
    threads: int
    batch: int
    cache_type: int = F16
    cache_ram_mib: int = 256
    chat_template: str = ""
    slots_endpoint: bool = False

    def line(self) -> bytes:
        """The configuration as the worker reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    def __repr__(self) -> str:
        return f"WorkerConfig({self.path!r}, context_length={self.context_length})"


def main() -> None:
    """Load, say where, serve until standard input closes."""
    _die_with_parent()
    out = os.dup(1)
    os.dup2(2, 1)
    config = WorkerConfig(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        server = _serve(config)
        said: dict[str, Any] = {"address": server.listening_address}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    os.write(out, json.dumps(said).encode() + b"\n")
    if "error" in said:
        os._exit(1)
    threading.Event().wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _leave_with_parent() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(0)


def _serve(config: WorkerConfig) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config.path
    params.n_ctx = config.context_length
    params.n_parallel = config.slots
    params.kv_unified = True
    params.n_batch = params.n_ubatch = config.batch
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.threads
    params.cache_type_k = xllamacpp.ggml_type(config.cache_type)
    params.cache_type_v = xllamacpp.ggml_type(config.cache_type)
    params.cache_ram_mib = config.cache_ram_mib
    params.ctx_shift = False
    params.fit_params = False
    if config.chat_template:
        params.chat_template = config.chat_template
    _close_to_others(params, config)
    return xllamacpp.Server(params)


def _close_to_others(params: Any, config: WorkerConfig) -> None:
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config.key]
    params.cors_origins = ""
    params.cors_credentials = False
    params.ui = False
    params.endpoint_slots = config.slots_endpoint
    params.verbosity = _ERRORS_ONLY


if __name__ == "__main__":
    main()
