"""Memory stays flat."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import tracemalloc

import pytest

from zaohua.data.readers import read


def rows(megabytes):
    """Lines that do not compress too well, about 1 KB each."""
    source = random.Random(7)
    words = ["山高月小", "水落石出", "the river", "runs on", "spring", "风", "雪", "hill"]
    for number in range(megabytes * 1000):
        text = " ".join(source.choices(words, k=100))
        yield json.dumps({"text": text, "n": number}, ensure_ascii=False).encode()


def peak(paths):
    tracemalloc.start()
    count = sum(1 for _ in read(paths))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, most


def test_jsonl_gz_of_50_megabytes(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    size = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for row in rows(50):
            size += file.write(row + b"\n")
    assert size > 40e6
    count, most = peak([path])
    assert count == 50_000
    assert most < 4e6


@pytest.mark.parametrize("layout", ["array.json", "lines.csv", "many.tar"])
def test_memory_does_not_grow_with_the_file(tmp_path, layout):
    peaks = []
    for megabytes in (1, 6):
        path = tmp_path / f"{megabytes}{layout}"
        lines = list(rows(megabytes))
        if layout == "array.json":
            path.write_bytes(b"[" + b",\n".join(lines) + b"]")
        elif layout == "lines.csv":
            path.write_bytes(
                b"text\n" + b"\n".join(json.loads(line)["text"].encode() for line in lines)
            )
        else:
            with tarfile.open(path, "w") as archive:
                for number in range(0, len(lines), 100):
                    data = b"\n".join(lines[number : number + 100])
                    info = tarfile.TarInfo(f"{number}.jsonl")
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        count, most = peak([path])
        assert count == len(lines)
        peaks.append(most)
    assert peaks[1] < 1.3 * peaks[0] + 3e5
