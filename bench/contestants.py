"""Ways to run the model, each asked like a server: zaohua and bare servers, and bare libraries.

A contestant is a `Client` of a server, or a class here with the same `chat` and `aclose`. Libraries
run in this process, one request after another where they take no more at once.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from bench.client import Client, Trace
from bench.servers import bare_llamacpp, linked_home, zaohua_serve
from zaohua.generate.formats import in_format
from zaohua.generate.native.builds import built
from zaohua.generate.setups import Setup
from zaohua.generate.tuning.choosing import chosen
from zaohua.generate.tuning.figures import WORKLOADS, Workload
from zaohua.hardware import hardware
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, find

Messages = Sequence[dict[str, str]]


class Contestant(Protocol):
    """What is measured."""

    async def chat(self, messages: Messages, **options: Any) -> Trace:
        """One answer, at most ``max_tokens`` long, the likeliest token each time."""

    async def aclose(self) -> None:
        """Let go of it."""


Kind = Callable[[Path, InstalledModel], Contestant]
"""Loads a library's model from a GGUF file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table: its name, and how to start it.

    Attributes:
        missing: why it cannot take part, empty if it can.
        workloads: for which it is what zaohua would run.
    """

    name: str
    start: Callable[[AsyncExitStack], Awaitable[Contestant]]
    missing: str = ""
    workloads: frozenset[Workload] = frozenset()


def ours(home: Path, model: str, engine: str) -> list[Entry]:
    """zaohua in each way that it was tuned to run the model, one for each kind of work at most."""
    of: dict[Setup, set[Workload]] = {}
    for workload in WORKLOADS:
        settings = Settings(home=home, engine=engine, workload=workload)
        of.setdefault(chosen(find(settings, model), settings), set()).add(workload)

    async def serve(workload: Workload, stack: AsyncExitStack) -> Contestant:
        own = stack.enter_context(linked_home(home))
        running = zaohua_serve(own, model, engine=engine, workload=workload)
        served = stack.enter_context(running)
        return Client(served.target)

    return [
        Entry(f"zaohua, {setup.label}", partial(serve, min(work)), workloads=frozenset(work))
        for setup, work in of.items()
    ]


def entries(home: Path, model: str, engine: str) -> list[Entry]:
    """All of them, zaohua with ``engine`` first."""
    settings = Settings(home=home)
    found = find(settings, model)
    small = in_format(found, "q4_0", home)
    build = built(home)

    async def wheel(stack: AsyncExitStack) -> Contestant:
        other = stack.enter_context(linked_home(home))
        return Client(await stack.enter_async_context(bare_llamacpp(other, model)))

    async def native(stack: AsyncExitStack) -> Contestant:
        assert build is not None
        running = bare_llamacpp(home, model, Setup("llamacpp-native", "q4_0"))
        return Client(await stack.enter_async_context(running))

    def library(name: str, kind: Kind, package: str) -> Entry:
        missing = "" if find_spec(package) else f"pip install {package.replace('_', '-')}"
        return Entry(name, partial(_load, kind, small, found), missing)

    return [
        *ours(home, model, engine),
        Entry("llama.cpp of the wheel, as the file is", wheel),
        Entry("llama.cpp compiled here, Q4_0", native, "" if build else "zaohua engine build"),
        library("openvino-genai, Q4_0", OpenVinoBare, "openvino_genai"),
        library("transformers fp32", TransformersBare, "transformers"),
        library("transformers bf16", TransformersHalf, "transformers"),
        library("ctranslate2 int8", CTranslate2Bare, "ctranslate2"),
    ]


async def _load(kind: Kind, path: Path, model: InstalledModel, stack: AsyncExitStack) -> Contestant:
    one = await asyncio.to_thread(kind, path, model)
    stack.push_async_callback(one.aclose)
    return one


class OpenVinoBare:
    """OpenVINO's continuous batching without a server: requests are put in, one thread steps."""

    def __init__(self, path: Path, model: InstalledModel) -> None:
        import openvino_genai

        scheduling = openvino_genai.SchedulerConfig()
        scheduling.num_kv_blocks = 600
        scheduling.max_num_seqs = 8
        scheduling.max_num_batched_tokens = 2048
        scheduling.enable_prefix_caching = True
        properties = {
            "INFERENCE_NUM_THREADS": hardware().cores,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder) / "model.gguf"
            link.symlink_to(path)
            self._pipeline = openvino_genai.ContinuousBatchingPipeline(
                link, scheduling, "CPU", properties
            )
        self._ends = ends_of(model)
        self._numbers = itertools.count()
        self._waiting: list[tuple[Any, Trace, float, asyncio.Future[None]]] = []
        self._stepping: asyncio.Task[None] | None = None

    async def chat(self, messages: Messages, **options: Any) -> Trace:
        """One answer beside those under way."""
        import openvino_genai

        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = options["max_tokens"]
        config.do_sample = False
        config.stop_token_ids = self._ends
        tokenizer = self._pipeline.get_tokenizer()
        begun = time.perf_counter()
        prompt = tokenizer.encode(
            tokenizer.apply_chat_template(list(messages), True), add_special_tokens=False
        )
        trace = Trace(prompt_tokens=prompt.input_ids.shape[1])
        handle = self._pipeline.add_request(next(self._numbers), prompt.input_ids, config)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((handle, trace, begun, done))
        if self._stepping is None or self._stepping.done():
            self._stepping = asyncio.create_task(self._step())
        await done
        trace.total = time.perf_counter() - begun
        return trace

    async def aclose(self) -> None:
        """Free its memory."""
        del self._pipeline

    async def _step(self) -> None:
        while self._waiting:
            await asyncio.to_thread(self._pipeline.step)
            now = time.perf_counter()
            for entry in list(self._waiting):
                handle, trace, begun, done = entry
                while handle.can_read():
                    for output in handle.read().values():
                        trace.arrivals.append(now - begun)
                        trace.completion_tokens += len(output.generated_ids)
                if handle.get_status().name != "RUNNING":
                    self._waiting.remove(entry)
                    done.set_result(None)


class TransformersBare:
    """``generate`` of transformers, one request after another, on the weights dequantised."""

    dtype = "float32"

    def __init__(self, path: Path, model: InstalledModel) -> None:
        import torch

        from zaohua.model.gguf_reading import read_gguf

        torch.set_num_threads(hardware().cores)
        loaded, self._tokenizer = read_gguf(path, Silent())
        self._model = loaded.to(getattr(torch, self.dtype))
        self._ends = sorted(ends_of(model))
        self._alone = asyncio.Lock()

    async def chat(self, messages: Messages, **options: Any) -> Trace:
        """One answer, after those asked for before."""
        begun = time.perf_counter()
        async with self._alone:
            return await asyncio.to_thread(self._answer, messages, options["max_tokens"], begun)

    async def aclose(self) -> None:
        """Free its memory."""
        del self._model

    def _answer(self, messages: Messages, most: int, begun: float) -> Trace:
        import torch

        trace = Trace()
        text = self._tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, tokenize=False
        )
        prompt = self._tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            self._model.generate(
                prompt,
                max_new_tokens=most,
                do_sample=False,
                eos_token_id=self._ends,
                streamer=_Arrivals(trace, begun),
            )
        trace.prompt_tokens, trace.total = prompt.shape[1], time.perf_counter() - begun
        return trace


class TransformersHalf(TransformersBare):
    """In bfloat16."""

    dtype = "bfloat16"


@dataclass(slots=True)
class _Arrivals:
    """A streamer of transformers that notes when each token came; the prompt comes first."""

    trace: Trace
    begun: float
    prompt: bool = True

    def put(self, value: Any) -> None:
        """Tokens came."""
        if not self.prompt:
            self.trace.arrivals.append(time.perf_counter() - self.begun)
            self.trace.completion_tokens += 1
        self.prompt = False

    def end(self) -> None:
        """No more come."""


class CTranslate2Bare:
    """CTranslate2 in int8; its converter reads a checkpoint of transformers."""

    def __init__(self, path: Path, model: InstalledModel) -> None:
        import ctranslate2

        from zaohua.model.gguf_reading import read_gguf

        loaded, self._tokenizer = read_gguf(path, Silent())
        self._folder = tempfile.TemporaryDirectory()
        checkpoint, converted = (str(Path(self._folder.name) / name) for name in "ab")
        loaded.save_pretrained(checkpoint)
        self._tokenizer.save_pretrained(checkpoint)
        converter = ctranslate2.converters.TransformersConverter(checkpoint)
        converter.convert(converted, quantization="int8")
        self._generator = ctranslate2.Generator(converted, intra_threads=hardware().cores)
        self._ends = sorted(ends_of(model))
        self._alone = asyncio.Lock()

    async def chat(self, messages: Messages, **options: Any) -> Trace:
        """One answer, after those asked for before."""
        begun = time.perf_counter()
        async with self._alone:
            return await asyncio.to_thread(self._answer, messages, options["max_tokens"], begun)

    async def aclose(self) -> None:
        """Free its memory and its files."""
        del self._generator
        self._folder.cleanup()

    def _answer(self, messages: Messages, most: int, begun: float) -> Trace:
        text = self._tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, tokenize=False
        )
        tokens = self._tokenizer.convert_ids_to_tokens(
            self._tokenizer(text, add_special_tokens=False)["input_ids"]
        )
        trace = Trace(prompt_tokens=len(tokens))
        steps = self._generator.generate_tokens(tokens, max_length=most, end_token=self._ends)
        for _ in steps:
            trace.arrivals.append(time.perf_counter() - begun)
            trace.completion_tokens += 1
        trace.total = time.perf_counter() - begun
        return trace


def ends_of(model: InstalledModel) -> set[int]:
    """The tokens that end an answer."""
    told = (model.metadata.get("eos_token_id"), model.metadata.get("eot_token_id"))
    return {int(end) for end in told if end is not None}
