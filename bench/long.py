"""A text of 300,000 characters summarised as a user does it: speed, memory, a stop on the way.

    python -m bench.long [--model qwen2.5-0.5b] [--characters 300000] [--language en] [--json FILE]

A server runs as ``zaohua serve`` starts it; ``zaohua generate -t summary`` asks it for the summary.
That is stopped by Ctrl-C when a third of the parts are done, and given again: what was done must
not be asked for a second time. Before and after, a shorter text of the same kind is gone through
one part at a time; ``ratio`` is how many characters a second are done in all slots for each that is
done one at a time. Told are the largest memory of server, worker and command in each half of the
work, how many answers went on at once, and when the first part could be seen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.request import urlopen

import psutil

from bench.retrieval_corpus import Language, fillers
from bench.servers import Served, model_home, zaohua_serve
from zaohua.cli.connecting import choose, connect
from zaohua.generate.long import Whole, measure, process
from zaohua.generate.many import answered
from zaohua.generate.prompts import library
from zaohua.generate.prompts.long_text import long_task
from zaohua.generate.request import Sampling
from zaohua.progress import Silent
from zaohua.settings import Settings

LOOK_SECONDS: Final = 0.5
CHAPTER: Final = 4000
"""Characters."""
_ACTIVE = re.compile(r"^zaohua_active_answers\{.*\} (\d+)", re.MULTILINE)
_PART = re.compile(r"^(\d+)/(\d+)\b")
MIB: Final = 1 << 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--characters", type=int, default=300_000)
    parser.add_argument("--alone", type=int, default=64_000, help="characters one part at a time")
    parser.add_argument("--language", choices=("zh", "en"), default="en")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    found = measured(given)
    for name, value in found.items():
        print(f"{name}: {value}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2), "utf-8")


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    home, kind = model_home(given.model), given.language
    settings = Settings(home=home, model=given.model, engine=given.engine)
    with (
        TemporaryDirectory() as folder,
        zaohua_serve(home, given.model, engine=given.engine) as served,
    ):
        novel = Path(folder) / "novel.txt"
        novel.write_text(chapters(given.characters, 0, kind), "utf-8")
        before = asyncio.run(alone(settings, chapters(given.alone, 1, kind), kind))
        whole = summarised(served, settings, novel)
        after = asyncio.run(alone(settings, chapters(given.alone, 2, kind), kind))
    one = statistics.fmean((before, after))
    rate = given.characters / whole["seconds"]
    return {
        "characters": given.characters,
        "characters/s": round(rate, 1),
        "one at a time, characters/s": [round(before, 1), round(after, 1)],
        "ratio": round(rate / one, 2),
        **whole,
    }


async def alone(settings: Settings, text: str, language: Language) -> float:
    """Characters a second of a text gone through one part at a time."""
    template = library(settings).get("summary", language)
    choice = choose(settings)
    assert choice.server is not None
    async with connect(choice) as models, models.use() as engine:
        room = replace(await measure(engine, text), parallel=1)
        task = long_task(template, {"text": text}, "map-reduce", Sampling(seed=1), batch=True)
        began = time.monotonic()
        told = process(task, partial(answered, engine), room, progress=Silent())
        assert isinstance([one async for one in told][-1], Whole)
    return len(text) / (time.monotonic() - began)


def summarised(served: Served, settings: Settings, novel: Path) -> dict[str, Any]:
    """The summary by the command, stopped once; what it took."""
    watch = Watch(served)
    with watch.watching():
        first = _command(settings, novel, watch, stop=1 / 3)
        second = _command(settings, novel, watch)
    told = json.loads(second.printed)
    if first.code != 130:
        raise RuntimeError(f"Ctrl-C was answered with {first.code}: {first.last}")
    return {
        "seconds": round(first.seconds + second.seconds, 1),
        "parts": told["parts"],
        "first part seen after, s": round(first.seen, 1),
        "ended after Ctrl-C within, s": round(first.ending, 1),
        "parts done before the stop": first.parts,
        "answers in all, asked anew after the stop": told["answers"],
        "answers at once, mean": round(statistics.fmean(watch.active or [0]), 1),
        "memory, MiB": watch.peaks(),
        "summary": " ".join(told["text"].split()),
    }


@dataclass
class Done:
    """How a command went: seconds in all, to the first part, from Ctrl-C to the end."""

    code: int = 0
    seconds: float = 0.0
    seen: float = 0.0
    ending: float = 0.0
    parts: int = 0
    printed: str = ""
    last: str = ""


def _command(settings: Settings, novel: Path, watch: Watch, stop: float = 1.0) -> Done:
    """Run it; send Ctrl-C when a share of ``stop`` of the parts have been shown."""
    command = [sys.executable, "-m", "zaohua", "generate", "-t", "summary", "--input", novel.name,
               "--long", "map-reduce", "--seed", "1", "--json"]  # fmt: skip
    variables = {**os.environ, "ZAOHUA_HOME": str(settings.home), "ZAOHUA_MODEL": settings.model,
                 "ZAOHUA_ENGINE": settings.engine}  # fmt: skip
    done, began, stopped = Done(), time.monotonic(), 0.0
    process = subprocess.Popen(command, cwd=novel.parent, env=variables, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    watch.command = psutil.Process(process.pid)
    assert process.stderr is not None and process.stdout is not None
    for line in process.stderr:
        done.last = line
        if found := _PART.match(line):
            done.seen = done.seen or time.monotonic() - began
            done.parts, of = int(found[1]), int(found[2])
            if stop < 1 and done.parts >= stop * of and not stopped:
                stopped = time.monotonic()
                process.send_signal(signal.SIGINT)
    done.printed = process.stdout.read()
    done.code = process.wait()
    done.seconds = time.monotonic() - began
    done.ending = time.monotonic() - stopped if stopped else 0.0
    return done


@dataclass
class Watch:
    """Looks at memory and at answers under way, now and then."""

    served: Served
    command: psutil.Process | None = None
    active: list[int] = field(default_factory=list)
    used: list[dict[str, int]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look until the end."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def peaks(self) -> dict[str, list[int]]:
        """Of each process the largest resident memory in the first and the second half, MiB."""
        middle = len(self.used) // 2
        halves = self.used[:middle], self.used[middle:]
        return {
            name: [max((one.get(name, 0) for one in half), default=0) // MIB for half in halves]
            for name in ("server", "worker", "command")
        }

    def _look(self) -> None:
        address = self.served.target.base_url.removesuffix("/v1")
        while not self._over.wait(LOOK_SECONDS):
            self.used.append(self._memory())
            with urlopen(f"{address}/metrics", timeout=5) as answer:
                if found := _ACTIVE.search(answer.read().decode()):
                    self.active.append(int(found[1]))

    def _memory(self) -> dict[str, int]:
        server = self.served.process
        workers = sum(_resident(one) for one in server.children(recursive=True))
        command = _resident(self.command) if self.command else 0
        return {"server": _resident(server), "worker": workers, "command": command}


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def chapters(characters: int, seed: int, language: Language = "en") -> str:
    """A text of chapters of about 4,000 characters, another one for each seed."""
    written: list[str] = []
    size = chapter = 0
    for number, paragraph in enumerate(fillers(language, 10_000, seed + 10)):
        if size >= characters:
            break
        if size >= CHAPTER * chapter:
            chapter += 1
            written.append(f"第{chapter}章" if language == "zh" else f"# Chapter {chapter}")
        written.append(f"{number}. {paragraph.strip().lstrip('# ')}")
        size += len(written[-1])
    return "\n\n".join(written)[:characters]


if __name__ == "__main__":
    main()
