"""Compressors as baselines."""

from __future__ import annotations

import random
import zlib

import pytest

from zaohua.evaluate import compression


def test_bits_are_eight_times_the_compressed_share() -> None:
    data = "春眠不觉晓，处处闻啼鸟。\n".encode() * 200
    found = compression.alone(data)
    assert set(found) == {"gzip", "xz", "zstd"}
    header = 18  # gzip's header and trailer around the same deflate stream
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = len(raw.compress(data) + raw.flush()) + header
    assert found["gzip"] == pytest.approx(8 * size / len(data))


def test_what_cannot_be_compressed_takes_eight_bits() -> None:
    data = random.Random(1).randbytes(20_000)
    assert all(8 <= bits < 8.2 for bits in compression.alone(data).values())


def test_training_text_helps_from_far_back() -> None:
    data = random.Random(1).randbytes(20_000)
    before = data + random.Random(2).randbytes(600_000)
    assert all(bits < 0.5 for bits in compression.after(before, data).values())
