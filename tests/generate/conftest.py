"""What the engine tests share: one worker with the test model, a scripted raw HTTP upstream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from zaohua.generate.engine import EngineInfo
from zaohua.generate.fit import Plan, plan
from zaohua.generate.formats import in_format
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.ik.engine import start_ik
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.building import build
from zaohua.generate.native.products import IK
from zaohua.generate.openvino.engine import start_openvino
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.setups import Setup, with_weights
from zaohua.hardware import Hardware
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

MACHINE = Hardware(total=8 * 2**30, free=6 * 2**30, cores=1)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def small_settings(home, **more) -> Settings:
    return Settings(home=home, context_length=2048, slots=4, threads=1, **more)


def small_plan(model: InstalledModel, home: Path) -> Plan:
    """Small batches, since other work on the test machine makes each take longer than planned."""
    return replace(plan(model, MACHINE, small_settings(home)), batch=16)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def llamacpp(
    test_model: InstalledModel, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LocalEngine]:
    """llama.cpp with the test model, one a module; its slots can be looked at."""
    home = tmp_path_factory.mktemp("home")
    planned = small_plan(test_model, home)
    engine = await start_llamacpp(test_model, planned, home, slots_endpoint=True)
    yield engine
    await engine.aclose()


@pytest.fixture(scope="session")
def openvino_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for the test model's graphs."""
    return tmp_path_factory.mktemp("openvino")


@pytest.fixture(scope="session")
def int4(test_model: InstalledModel, openvino_home: Path) -> Path:
    """The test model as a graph in four bits, written once."""
    return in_format(test_model, "int4", openvino_home)


@pytest.fixture(scope="session")
def int8(test_model: InstalledModel, openvino_home: Path) -> Path:
    """The test model as a graph in eight bits, written once."""
    return in_format(test_model, "int8", openvino_home)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def openvino(
    test_model: InstalledModel, openvino_home: Path, int8: Path
) -> AsyncIterator[RoutedEngine]:
    """OpenVINO with the test model in eight bits, one a module."""
    engine = await start_openvino(
        test_model, small_plan(test_model, openvino_home), openvino_home, int8
    )
    yield engine
    await engine.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mixed(
    test_model: InstalledModel, openvino_home: Path, int4: Path
) -> AsyncIterator[RoutedEngine]:
    """OpenVINO with the test model in four bits, read in bf16, one a module."""
    planned = small_plan(test_model, openvino_home)
    engine = await start_openvino(test_model, planned, openvino_home, int4, precision="mixed")
    yield engine
    await engine.aclose()


@pytest.fixture(scope="session")
def ik_library(model_home: Path, test_model: InstalledModel) -> Path:
    """What `zaohua engine build` makes of ik_llama.cpp; compiled once, and kept between runs."""
    settings = Settings(
        home=model_home, model=test_model.name, context_length=1024, slots=2, threads=1
    )
    return build(settings, IK).file


@pytest.fixture(scope="session")
def all_q4_0(test_model: InstalledModel, model_home: Path) -> InstalledModel:
    """The test model with all matrices in Q4_0, written once and kept between runs."""
    return with_weights(test_model, Setup(weights="q4_0"), model_home)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ik(
    all_q4_0: InstalledModel, ik_library: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RoutedEngine]:
    """ik_llama.cpp with the test model in Q4_0, one a module."""
    home = tmp_path_factory.mktemp("ik")
    engine = await start_ik(all_q4_0, small_plan(all_q4_0, home), home, library=ik_library)
    yield engine
    await engine.aclose()


@pytest.fixture(params=["llamacpp", "openvino", "mixed", "ik"])
def worker(request: pytest.FixtureRequest) -> LocalEngine | RoutedEngine:
    """Each of the local engines, one after the other."""
    engine: LocalEngine | RoutedEngine = request.getfixturevalue(request.param)
    return engine


class ScriptedUpstream:
    """An HTTP server that sends back exactly the bytes it is given, and keeps what it was sent."""

    def __init__(self) -> None:
        self.replies: list[list[bytes | float]] = []
        self.requests: list[bytes] = []
        self.closed_early = asyncio.Event()
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(h[15:]) for h in head.lower().split(b"\r\n") if h[:15] == b"content-length:"),
                0,
            )
            self.requests.append(head + await reader.readexactly(length))
            for part in self.replies.pop(0):
                if isinstance(part, bytes):
                    writer.write(part)
                    await writer.drain()
                else:
                    await self._pause(reader, part)
        except ConnectionError:
            self.closed_early.set()
        finally:
            writer.close()

    async def _pause(self, reader: asyncio.StreamReader, seconds: float) -> None:
        try:
            gone = await asyncio.wait_for(reader.read(1), seconds)
        except TimeoutError:
            return
        if not gone:
            raise ConnectionResetError


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    scripted = ScriptedUpstream()
    server = await asyncio.start_server(scripted.handle, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield scripted
    server.close()


@pytest.fixture
async def openai_engine(upstream: ScriptedUpstream) -> AsyncIterator[HttpEngine]:
    engine = HttpEngine(f"{upstream.url}/v1", EngineInfo("m", 0, 0, "openai"), key="k-1")
    yield engine
    await engine.aclose()
