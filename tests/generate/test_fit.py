"""What is chosen for which machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zaohua.generate.failures import EngineFailed
from zaohua.generate.fit import (
    batch_for,
    budget_of,
    kv_values_per_token,
    plan,
)
from zaohua.hardware import Hardware
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

GIB = 2**30
QWEN = InstalledModel(
    "qwen", Path("/q.gguf"), 491_400_064, "0" * 64, "Qwen", "Apache-2.0", ("zh",), "test",
    datetime(2026, 1, 1, tzinfo=UTC), 32768,
    {"block_count": 24, "embedding_length": 896, "head_count": 14, "head_count_kv": 2,
     "key_length": 64, "value_length": 64, "vocab_size": 151936, "parameter_count": 630_167_424},
)  # fmt: skip
LAPTOP = Hardware(24 * GIB, 22 * GIB, 2)


def settings(tmp_path, **more):
    return Settings(home=tmp_path, **more)


def test_the_default_model_on_a_laptop(tmp_path):
    chosen = plan(QWEN, LAPTOP, settings(tmp_path))
    assert (chosen.context_length, chosen.cache_type) == (16384, "f16")
    assert chosen.kv == 16384 * 24 * 2 * 128 * 2
    assert chosen.threads == 2
    assert chosen.memory < chosen.budget
    line = chosen.explain()
    assert "context 16384 tokens shared by 8 slots" in line
    assert "weights 491 MB" in line
    assert "KV 201 MB" in line
    assert "\n" not in line


@pytest.mark.parametrize("megabytes", [750, 800, 900, 1000, 1500, 4000])
def test_never_more_than_there_is(tmp_path, megabytes):
    chosen = plan(QWEN, LAPTOP, settings(tmp_path, memory_limit=megabytes * 10**6))
    assert chosen.memory <= megabytes * 10**6
    assert chosen.context_length >= 2048


def test_less_memory_means_shorter_context_then_coarser_cache(tmp_path):
    lengths = [
        (p.context_length, p.cache_type)
        for p in (
            plan(QWEN, LAPTOP, settings(tmp_path, memory_limit=m * 10**6))
            for m in (1200, 820, 780, 740)
        )
    ]
    assert lengths == sorted(lengths, key=lambda pair: -pair[0])
    assert lengths[0] == (16384, "f16")
    assert lengths[-1][1] == "q8_0"


def test_a_model_that_cannot_fit(tmp_path):
    with pytest.raises(EngineFailed) as caught:
        plan(QWEN, Hardware(GIB, GIB // 2, 2), settings(tmp_path))
    line = caught.value.line()
    assert "403 MB" in line
    assert "weights 491 MB" in line
    assert "\n" not in line


def test_settings_decide(tmp_path):
    wanted = settings(tmp_path, context_length=1000, slots=3, threads=7)
    chosen = plan(QWEN, LAPTOP, wanted)
    assert (chosen.context_length, chosen.slots, chosen.threads) == (1024, 3, 7)
    huge = plan(QWEN, LAPTOP, settings(tmp_path, context_length=10**6))
    assert huge.context_length == 32768
    with pytest.raises(EngineFailed):
        plan(QWEN, LAPTOP, settings(tmp_path, context_length=32768, memory_limit=600 * 10**6))


def test_a_model_that_tells_little(tmp_path):
    bare = replace(QWEN, metadata={}, context_length=0)
    chosen = plan(bare, LAPTOP, settings(tmp_path))
    assert chosen.context_length == 4096
    assert chosen.memory <= chosen.budget


def test_layers_with_different_heads():
    metadata = {"block_count": 3, "embedding_length": 64, "head_count": [4, 4, 4],
                "head_count_kv": [0, 2, 4]}  # fmt: skip
    assert kv_values_per_token(metadata) == 6 * 32


@pytest.mark.parametrize(
    ("parameters", "threads", "batch"),
    [(135e6, 2, 128), (630e6, 2, 32), (8e9, 2, 8), (8e9, 64, 128), (1e6, 64, 512)],
)
def test_batches_take_under_half_a_second(parameters, threads, batch):
    assert batch_for(int(parameters), threads) == batch


def test_budget(tmp_path):
    assert budget_of(LAPTOP, settings(tmp_path)) == 22 * GIB * 3 // 4
    assert budget_of(LAPTOP, settings(tmp_path, memory_limit=5)) == 5
