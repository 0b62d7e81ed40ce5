"""Chooses how a model is run so that it fits the machine: context, slots, batch, memory.

Pure functions over a `Hardware`: nothing here looks at the real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zaohua.generate.failures import EngineFailed
from zaohua.hardware import Hardware
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

MIB = 2**20
SPARED = 0.75
"""Share of the free memory that models may take when no limit is set."""

USUAL_CONTEXT = 16384
SMALLEST_CONTEXT = 2048
_COMFORTABLE_CONTEXT = 8192
_PROCESS_BYTES = 160 * MIB
_LARGEST_PREFIX_CACHE = 1024 * MIB
_PARAMETER_TOKENS_PER_CORE_SECOND = 40e9
"""Prompt speed: parameters times tokens that one core reads in a second (measured, Q4, AVX2)."""

_BATCH_SECONDS = 0.4
_UNKNOWN_CONTEXT = 4096

CacheType = Literal["f16", "q8_0"]
_BYTES_PER_VALUE: dict[CacheType, float] = {"f16": 2.0, "q8_0": 34 / 32}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one model is going to be run. Lengths are tokens, sizes bytes."""

    context_length: int
    slots: int
    threads: int
    batch: int
    cache_type: CacheType
    weights: int
    kv: int
    compute: int
    prefix_cache: int
    budget: int
    max_wait_seconds: float
    stall_seconds: float

    @property
    def memory(self) -> int:
        """All the memory the model may come to take."""
        return self.weights + self.kv + self.compute + self.prefix_cache

    def explain(self) -> str:
        """The plan on one line."""
        kv = f"KV {_mb(self.kv)} ({self.cache_type})"
        return (
            f"context {self.context_length} tokens shared by {self.slots} slots, "
            f"weights {_mb(self.weights)}, {kv}, prefix cache {_mb(self.prefix_cache)}, "
            f"{_mb(self.memory)} of {_gb(self.budget)} for models, "
            f"{self.threads} threads, batches of {self.batch}"
        )


def budget_of(machine: Hardware, settings: Settings) -> int:
    """Memory that all models together may take."""
    return settings.memory_limit or int(machine.free * SPARED)


def plan(
    model: InstalledModel, machine: Hardware, settings: Settings, budget: int | None = None
) -> Plan:
    """The best way to run ``model`` within ``budget`` bytes (default `budget_of`).

    Raises:
        EngineFailed: it does not fit; says what is needed and what there is.
    """
    allowed = budget_of(machine, settings) if budget is None else budget
    tried: Plan | None = None
    for context_length, cache_type in _candidates(model, settings):
        tried = _planned(
            model,
            machine,
            settings,
            context_length=context_length,
            cache_type=cache_type,
            budget=allowed,
        )
        if tried.memory <= allowed:
            return tried
    assert tried is not None  # noqa: S101
    raise EngineFailed(
        f"model '{model.name}' needs {_mb(tried.memory)} of memory "
        f"(weights {_mb(tried.weights)}, context {_mb(tried.kv)}), {_mb(allowed)} are free for it",
        mend="choose a smaller model or context length, or raise memory_limit",
    )


def _candidates(model: InstalledModel, settings: Settings) -> Iterator[tuple[int, CacheType]]:
    trained = model.context_length or _UNKNOWN_CONTEXT
    if settings.context_length:
        wanted = min(_rounded(settings.context_length), max(trained, 256))
        yield from ((wanted, "f16"), (wanted, "q8_0"))
        return
    largest = min(trained, USUAL_CONTEXT)
    lengths = [largest]
    while lengths[-1] // 2 >= SMALLEST_CONTEXT:
        lengths.append(_rounded(lengths[-1] // 2))
    yield from ((n, "f16") for n in lengths if n >= min(_COMFORTABLE_CONTEXT, largest))
    yield from ((n, "q8_0") for n in lengths)


def _rounded(length: int) -> int:
    """llama.cpp's contexts are multiples of 256 tokens."""
    return max(256, -(-length // 256) * 256)


def _planned(
    model: InstalledModel,
    machine: Hardware,
    settings: Settings,
    *,
    context_length: int,
    cache_type: CacheType,
    budget: int,
) -> Plan:
    parameters = parameters_of(model)
    threads = settings.threads or machine.cores
    batch = batch_for(parameters, threads)
    kv = int(context_length * kv_values_per_token(model.metadata) * _BYTES_PER_VALUE[cache_type])
    compute = compute_bytes(model.metadata, batch)
    spare = max(budget - model.size - kv - compute, 0)
    return Plan(
        context_length=context_length,
        slots=settings.slots or slots_for(parameters),
        threads=threads,
        batch=batch,
        cache_type=cache_type,
        weights=model.size,
        kv=kv,
        compute=compute,
        prefix_cache=min(_LARGEST_PREFIX_CACHE, spare // 4 // MIB * MIB),
        budget=budget,
        max_wait_seconds=settings.max_wait_seconds,
        stall_seconds=settings.stall_seconds,
    )


def parameters_of(model: InstalledModel) -> int:
    """Number of parameters; guessed from the file's size (4.5 bits each) if not told."""
    return int(model.metadata.get("parameter_count") or model.size * 8 / 4.5)


def slots_for(parameters: int) -> int:
    """Answers at once: batching pays while a core's time is spent on reading weights."""
    return 8 if parameters < 2e9 else 4


def batch_for(parameters: int, threads: int) -> int:
    """Prompt tokens a batch, a power of two, so that one takes about 0.4 s at most.

    A request that is cancelled frees its slot when the batch under way is done.
    """
    speed = threads * _PARAMETER_TOKENS_PER_CORE_SECOND / max(parameters, 1)
    batch = 8
    while batch * 2 <= min(speed * _BATCH_SECONDS, 512):
        batch *= 2
    return batch


def kv_values_per_token(metadata: Mapping[str, Any]) -> int:
    """Numbers kept in the key and value cache for one token, over all layers."""
    layers = int(metadata.get("block_count") or 32)
    width = int(metadata.get("embedding_length") or 4096)
    heads = max(_largest(metadata.get("head_count"), 32), 1)
    per_head = width // heads
    key = int(metadata.get("key_length") or per_head)
    value = int(metadata.get("value_length") or per_head)
    kv_heads = metadata.get("head_count_kv")
    all_heads = sum(map(int, kv_heads)) if isinstance(kv_heads, list | tuple) else 0
    return (all_heads or layers * _largest(kv_heads, heads)) * (key + value)


def _largest(value: Any, default: int) -> int:
    if isinstance(value, list | tuple):
        return max(map(int, value), default=default)
    return int(value or default)


def compute_bytes(metadata: Mapping[str, Any], batch: int) -> int:
    """Working memory: logits and activations of a batch, and the process itself."""
    vocabulary = int(metadata.get("vocab_size") or 150_000)
    width = int(metadata.get("embedding_length") or 4096)
    return _PROCESS_BYTES + batch * 4 * (vocabulary + 40 * width)


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else _mb(size)
