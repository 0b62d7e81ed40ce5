"""The process around a compiled llama.cpp server: ``python -m zaohua.generate.native.worker``.

It is told what a worker of the wheel is told, and which program to run; how it lives is said in
`worker_life`. The program dies with it, and it with the program.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from zaohua.generate.huge_pages import LARGE_PAGES
from zaohua.generate.llamacpp_worker import Q8_0, WORDS, WorkerConfig
from zaohua.generate.worker_life import die_with_parent, live

_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
_WORTH_KEEPING = re.compile(r"^[\d.]+ [EW] |^(?![\d.]+ [ITD] )")
"""Warnings, errors, and what is no line of the log: the log at this level tells of each request."""

_INFO = "3"
_KEYS, _VALUES = "bf16", "f16"
"""What the cache holds. Of two types, since llama.cpp attends to one token by other sums than to
several where they are of one; and keys in bf16 are multiplied sooner than in f16."""
_Options = dict[str, str | int]
_LOOKUP: _Options = {"--spec-type": "ngram-map-k", "--spec-ngram-map-k-size-n": WORDS}


class Served:
    """A running server.

    Raises:
        RuntimeError: it ended before it served; why is in the log.
    """

    def __init__(self, config: WorkerConfig, server: str) -> None:
        self._process = subprocess.Popen(
            [server, *arguments(config)],
            env=environment(config.key),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the other thread only reads
            encoding="utf-8",
            errors="replace",
        )
        lines = self._lines()
        self.listening_address = next(
            (found[1] for line in lines if (found := _LISTENING.search(line))), ""
        )
        if not self.listening_address:
            raise RuntimeError(f"the server ended with code {self._process.wait()}")
        threading.Thread(target=self._watch, args=(lines,), daemon=True).start()

    def _lines(self) -> Iterator[str]:
        """What it says; the worth keeping of it goes into the log."""
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            if _WORTH_KEEPING.match(line):
                sys.stderr.write(line)
                sys.stderr.flush()
            yield line

    def _watch(self, lines: Iterator[str]) -> None:
        for _ in lines:
            pass
        code = self._process.wait()
        os._exit(code if code > 0 else 128 - code)


def arguments(config: WorkerConfig) -> list[str]:
    """The server's options for what the worker of the wheel is told."""
    keys, values = ("q8_0", "q8_0") if config.cache_type == Q8_0 else (_KEYS, _VALUES)
    options: _Options = {
        "--model": config.path,
        "--ctx-size": config.context_length,
        "--parallel": config.slots,
        "--batch-size": config.room,
        "--ubatch-size": config.batch,
        "--threads": config.threads,
        "--threads-batch": config.threads,
        "--cache-type-k": keys,
        "--cache-type-v": values,
        "--cache-ram": config.cache_ram_mib,
        "--fit": "off",
        "--host": "127.0.0.1",
        "--port": 0,
        "--cors-origins": "",
        "--log-verbosity": _INFO,
        **({"--chat-template": config.chat_template} if config.chat_template else {}),
        **({**_LOOKUP, "--spec-ngram-map-k-size-m": config.guessed} if config.lookup else {}),
    }
    slots = "--slots" if config.slots_endpoint else "--no-slots"
    flags = ("--kv-unified", "--no-context-shift", "--no-cors-credentials", "--no-ui",
             "--offline", "--log-prefix", "--log-timestamps", slots)  # fmt: skip
    return [*(str(part) for pair in options.items() for part in pair), *flags]


def environment(key: str) -> dict[str, str]:
    """Without options that a person may have set for servers of their own; with large pages, if
    nobody has said anything else of them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLAMA_")}
    return {**LARGE_PAGES, **kept, "LLAMA_API_KEY": key}


def _serve(fields: dict[str, Any]) -> Served:
    server = fields.pop("server")
    return Served(WorkerConfig(**fields), server)


def main() -> None:
    """Load and serve."""
    live(_serve)


if __name__ == "__main__":
    main()
