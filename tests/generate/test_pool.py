"""The pool's bookkeeping, with engines that load at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zaohua.errors import NotFoundError
from zaohua.generate import pool as pool_module
from zaohua.generate.collect import collect
from zaohua.generate.failures import EngineBusy, EngineFailed, ModelNotFound
from zaohua.generate.fake import FakeEngine, FakeModels
from zaohua.generate.pool import Pool, open_models
from zaohua.hardware import Hardware
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

from .streams import ask, delta, reply

GIB = 2**30


def model(name: str, size: int = GIB) -> InstalledModel:
    return InstalledModel(
        name, Path(f"/{name}.gguf"), size, "0" * 64, name.title(), "Apache-2.0", ("en",), "test",
        datetime(2026, 1, 1, tzinfo=UTC), 4096, {"parameter_count": 10**9},
    )  # fmt: skip


class Bench:
    """Installed models and a loader that counts, waits and fails as told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        self.models = {name: model(name) for name in names}
        self.loads: list[str] = []
        self.engines: dict[str, FakeEngine] = {}
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        monkeypatch.setattr(pool_module, "installed", lambda settings: list(self.models.values()))
        monkeypatch.setattr(pool_module, "find", self.find)

    def find(self, settings: Settings, name: str, *, paths: bool) -> InstalledModel:
        if name not in self.models:
            raise NotFoundError(f"there is no model '{name}'")
        return self.models[name]

    async def load(self, model, planned, settings):
        self.loads.append(model.name)
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop()
        self.engines[model.name] = FakeEngine(model.name)
        return self.engines[model.name]

    def pool(self, tmp_path: Path, free: int = 64 * GIB, **settings) -> Pool:
        return Pool(
            Settings(home=tmp_path, **settings), load=self.load, machine=Hardware(2 * free, free, 2)
        )


@pytest.fixture
def bench(monkeypatch):
    return Bench(monkeypatch, "a", "b", "c")


async def test_many_who_want_the_same_model_load_it_once(bench, tmp_path):
    pool = bench.pool(tmp_path, model="a")
    bench.gate.clear()

    async def user():
        async with pool.use() as engine:
            return engine

    users = [asyncio.create_task(user()) for _ in range(10)]
    await asyncio.sleep(0.01)
    assert {m.name: m.state for m in pool.list()}["a"] == "loading"
    users[0].cancel()
    bench.gate.set()
    engines = await asyncio.gather(*users[1:])
    assert bench.loads == ["a"]
    assert len(set(map(id, engines))) == 1
    assert pool.list()[0].state == "ready"
    await pool.aclose()
    assert engines[0].closed


async def test_a_failing_load_is_told_to_all_and_forgotten(bench, tmp_path):
    pool = bench.pool(tmp_path)
    bench.failures = [EngineFailed("no")]
    with pytest.raises(EngineFailed, match="no"):
        async with pool.use("b"):
            pass
    async with pool.use("b") as engine:
        assert engine.info.model == "b"
    assert bench.loads == ["b", "b"]


async def test_the_longest_unused_is_unloaded(bench, tmp_path):
    pool = bench.pool(tmp_path, memory_limit=2 * 3 * GIB - GIB)
    for name in ("a", "b", "a", "c"):
        async with pool.use(name):
            pass
    states = {m.name: m.state for m in pool.list()}
    assert states["c"] == "ready"
    assert states["b"] == "available"
    assert bench.engines["b"].closed


async def test_what_a_model_has_come_to_take_counts(bench, tmp_path, monkeypatch):
    pool = bench.pool(tmp_path, memory_limit=12 * GIB)
    for name in ("a", "b"):
        async with pool.use(name):
            pass
    assert not bench.engines["a"].closed, "two have room"
    monkeypatch.setattr(FakeEngine, "resident", lambda self: 8 * GIB)
    async with pool.use("c"):
        assert bench.engines["a"].closed
        assert bench.engines["b"].closed


async def test_lent_models_stay(bench, tmp_path):
    pool = bench.pool(tmp_path, memory_limit=int(2.2 * GIB))
    async with pool.use("a"):
        with pytest.raises(EngineBusy):
            async with pool.use("b"):
                pass
        assert not bench.engines["a"].closed
    async with pool.use("b"):
        assert bench.engines["a"].closed


async def test_a_model_too_large_for_the_machine_says_the_sizes(bench, tmp_path):
    pool = bench.pool(tmp_path, memory_limit=GIB // 2)
    with pytest.raises(EngineFailed, match=r"needs \d+ MB .* 537 MB"):
        async with pool.use("a"):
            pass
    assert bench.loads == []


async def test_default_and_unknown_names(bench, tmp_path):
    assert bench.pool(tmp_path, model="b").default == "b"
    assert bench.pool(tmp_path, model="b").list()[0].name == "b"
    assert bench.pool(tmp_path, model="missing").default == "a"
    with pytest.raises(ModelNotFound, match="a, b, c"):
        async with bench.pool(tmp_path).use("zzz"):
            pass
    bench.models.clear()
    assert bench.pool(tmp_path, model="missing").default == "missing"


async def test_remote_models(bench, tmp_path, upstream):
    pool = bench.pool(
        tmp_path, model="far", engine_urls=f"far={upstream.url}/v1#big-one", engine_key="k-9"
    )
    assert pool.list()[0].state == "remote"
    upstream.replies = [reply(delta("x", reason="stop"))]
    async with pool.use() as engine:
        assert (await collect(engine.chat(ask()))).text == "x"
    assert b'"model":"big-one"' in upstream.requests[0]
    assert b"Bearer k-9" in upstream.requests[0]
    await pool.aclose()


async def test_open_models_by_setting(tmp_path):
    assert isinstance(open_models(Settings(home=tmp_path, engine="fake")), FakeModels)
    assert isinstance(open_models(Settings(home=tmp_path)), Pool)


async def test_a_closed_pool_lends_nothing(bench, tmp_path):
    pool = bench.pool(tmp_path)
    await pool.aclose()
    with pytest.raises(EngineFailed):
        async with pool.use("a"):
            pass


async def test_a_client_cannot_name_a_file_of_the_machine(tmp_path, test_model):
    pool = Pool(Settings(home=tmp_path / "empty", model="other"))
    with pytest.raises(ModelNotFound):
        async with pool.use(str(test_model.path)):
            pass
    await pool.aclose()
