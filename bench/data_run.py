"""zaohua doing the work of ``bench.data``. Prints JSON.

``python -m bench.data_run INPUT HOME TOKENIZER``: quality and repetition rules, MinHash
near-duplicates, tokenising; one process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from zaohua.data.prepare import DataSpec, SourceSpec, prepare
from zaohua.data.tokens import encode
from zaohua.settings import Settings

STEPS = {
    "length": True,
    "composition": True,
    "lines": {"most_short": None, "least_ended": None, "braces": None},
    "repetition": True,
    "near_duplicates": True,
}
"""What Gopher's two filters and MinHash do; the other steps of zaohua are off."""


def spec(source: str) -> DataSpec:
    """The same steps that datatrove takes."""
    sources = [SourceSpec(path=source)]
    return DataSpec(sources=sources, preset="none", clean=STEPS, validation=0, workers=1)


def main() -> None:
    source, home, tokenizer = sys.argv[1:]
    settings = Settings(home=Path(home))
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    made = prepare("bench", spec(source), settings=settings)
    tokens = encode(made, Path(tokenizer), "text", settings=settings, workers=1)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {
        "seconds": seconds,
        "cpu": cpu,
        "kept": made.manifest.metrics["documents"],
        "tokens": tokens.manifest.metrics["train_tokens"],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
