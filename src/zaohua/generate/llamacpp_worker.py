"""The process that holds one llama.cpp model: ``python -m zaohua.generate.llamacpp_worker``.

It is told a `WorkerConfig`; how it lives is said in `worker_life`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zaohua.generate.worker_life import live

F16, Q8_0 = 1, 8
"""ggml's numbers of the key and value cache types in use."""

WORDS, GUESSED = 4, 15
"""Of prompt lookup: tokens that must have come before, and tokens then guessed at most. Guesses
after the same words are no longer than what was right of the last ones, so that wrong ones cost
little."""

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
    lookup: bool = False

    @property
    def guessed(self) -> int:
        """Tokens guessed at once, with which a step takes no longer than one that reads."""
        return min(GUESSED, self.batch // 2 - 1)

    @property
    def room(self) -> int:
        """Tokens that a step must hold: llama.cpp ends itself where all slots guess and theirs are
        more."""
        return max(self.batch, self.slots * (1 + self.guessed)) if self.lookup else self.batch

    def __repr__(self) -> str:
        return f"WorkerConfig({self.path!r}, context_length={self.context_length})"


def main() -> None:
    """Load and serve."""
    live(lambda fields: _serve(WorkerConfig(**fields)))


def _serve(config: WorkerConfig) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config.path
    params.n_ctx = config.context_length
    params.n_parallel = config.slots
    params.kv_unified = True
    params.n_batch, params.n_ubatch = config.room, config.batch
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.threads
    params.cache_type_k = xllamacpp.ggml_type(config.cache_type)
    params.cache_type_v = xllamacpp.ggml_type(config.cache_type)
    params.cache_ram_mib = config.cache_ram_mib
    params.ctx_shift = False
    params.fit_params = False
    if config.chat_template:
        params.chat_template = config.chat_template
    if config.lookup:
        _look_up(params, config.guessed)
    _close_to_others(params, config)
    return xllamacpp.Server(params)


def _look_up(params: Any, guessed: int) -> None:
    import xllamacpp

    kinds = xllamacpp.common_speculative_type
    params.speculative.types = [kinds.COMMON_SPECULATIVE_TYPE_NGRAM_MAP_K]
    params.speculative.ngram_map_k.size_n = WORDS
    params.speculative.ngram_map_k.size_m = guessed


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
