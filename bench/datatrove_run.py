"""datatrove doing the work of ``bench.data``, in an environment of its own. Prints JSON.

``python datatrove_run.py INPUT OUTPUT LANGUAGE TOKENIZER``: quality and repetition rules of Gopher,
MinHash near-duplicates, tokenising; one process, as its documentation composes them.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import deque

from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.typeshelper import Languages

BUCKETS = 14
_STOP = ["的", "一", "是", "在", "不", "了", "有", "和", "人", "这"]


def _filters(language: str) -> list[object]:
    if language == "en":
        return [GopherRepetitionFilter(), GopherQualityFilter(min_doc_words=5)]
    code = Languages.mandarin_chinese
    quality = GopherQualityFilter(
        min_doc_words=5,
        min_avg_word_length=None,
        max_non_alpha_words_ratio=0.6,  # punctuation marks are words to jieba
        stop_words=_STOP,
        language=code,
    )
    return [GopherRepetitionFilter(language=code), quality]


def _stages(source: str, out: str, language: str, tokenizer: str) -> list[list[object]]:
    code = Languages.english if language == "en" else Languages.mandarin_chinese
    config = MinhashConfig(n_grams=5, num_buckets=BUCKETS, hashes_per_bucket=8)
    return [
        [
            JsonlReader(source),
            *_filters(language),
            JsonlWriter(f"{out}/clean", "${rank}.jsonl", compression=None),
        ],
        [JsonlReader(f"{out}/clean"), MinhashDedupSignature(f"{out}/sigs", config, code)],
        [MinhashDedupBuckets(f"{out}/sigs", f"{out}/buckets", config=config)],
        [MinhashDedupCluster(f"{out}/buckets", f"{out}/remove", config=config)],
        [
            JsonlReader(f"{out}/clean"),
            MinhashDedupFilter(f"{out}/remove"),
            DocumentTokenizer(
                f"{out}/tokens", tokenizer, eos_token="<|endoftext|>", shuffle_documents=False
            ),
        ],
    ]


def _run(stage: list[object], ranks: int) -> None:
    """As datatrove's executor does, which copies the steps first; jieba cannot be copied."""
    for rank in range(ranks):
        data = None
        for step in stage:
            data = step(data, rank, ranks)  # type: ignore[operator]
        if data is not None:
            deque(data, maxlen=0)


def main() -> None:
    source, out, language, tokenizer = sys.argv[1:]
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    stages = _stages(source, out, language, tokenizer)
    for number, stage in enumerate(stages):
        _run(stage, BUCKETS if number == 2 else 1)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    _, dedup, tokens = stages[4]
    told = {
        "seconds": seconds,
        "cpu": cpu,
        "kept": dedup.stats["forwarded"].total,  # type: ignore[attr-defined]
        "tokens": tokens.stats["tokens"].total,  # type: ignore[attr-defined]
    }
    print(json.dumps(told))


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
