"""Headers are read right, and nothing that is not one is taken for one."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.store.making import gguf, text, value
from zaohua.errors import IntegrityError, NotFoundError, ZaohuaError
from zaohua.store.gguf import read_metadata
from zaohua.store.models import InstalledModel


def test_reads_what_the_engine_needs(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(gguf(size=40_000))
    facts = read_metadata(path)
    assert facts == {
        "architecture": "llama",
        "model_name": "Tiny",
        "licence": "mit",
        "languages": ["en", "zh"],
        "block_count": 2,
        "context_length": 512,
        "embedding_length": 64,
        "head_count": 4,
        "head_count_kv": 2,
        "key_length": 16,
        "value_length": 16,
        "vocab_size": 2000,
        "has_chat_template": True,
        "file_type": 0,
        "quantisation": "F32",
        "parameter_count": 10_000,
        "tensor_count": 1,
        "tensor_types": [0],
    }


def test_reads_how_its_maker_advises_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    said = {"temp": 0.5, "top_k": 20, "penalty_repeat": 1.25, "sequence": "kp"}
    path.write_bytes(gguf(extra={f"general.sampling.{key}": one for key, one in said.items()}))
    advice = {"temperature": 0.5, "top_k": 20, "repeat_penalty": 1.25}
    assert read_metadata(path)["sampling"] == advice


def test_reads_the_real_test_model(test_model: InstalledModel) -> None:
    """Values as llama.cpp prints them for SmolLM2-135M-Instruct Q4_1."""
    facts = read_metadata(test_model.path)
    assert facts["architecture"] == "llama"
    assert (facts["block_count"], facts["embedding_length"]) == (30, 576)
    assert (facts["head_count"], facts["head_count_kv"], facts["key_length"]) == (9, 3, 64)
    assert (facts["context_length"], facts["vocab_size"]) == (8192, 49152)
    assert facts["parameter_count"] == 134_515_008
    assert facts["quantisation"] == "Q4_1"
    assert facts["has_chat_template"] is True


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "does not begin with 'GGUF'"),
        (b"GG", "does not begin with 'GGUF'"),
        (b"PK\x03\x04 a zip named .gguf", "does not begin with 'GGUF'"),
        (b"<!DOCTYPE html><html>", "does not begin with 'GGUF'"),
        (b"GGUF", "ends within its header"),
        (b"GGUF" + struct.pack("<I", 3), "ends within its header"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1), "version 50331648"),
        (b"GGUF" + struct.pack("<IQQ", 1, 1, 1), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 1), "counts it cannot hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63), "counts it cannot hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**62) + b"x" * 50, "cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "does not name its architecture"),
    ],
)
def test_refuses_what_is_no_model(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "strange.gguf"
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        read_metadata(path)
    assert why in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("part", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_refuses_a_truncated_file(tmp_path: Path, part: float) -> None:
    whole = gguf()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(IntegrityError):
        read_metadata(path)


def test_refuses_a_file_that_lacks_one_byte(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(gguf()[:-1])
    with pytest.raises(IntegrityError, match="is cut off"):
        read_metadata(path)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = struct.pack("<I", 9) * 5000 + struct.pack("<IQ", 4, 0)
    nested = text("deep") + struct.pack("<I", 9) + (struct.pack("<IQ", 9, 1) * 5000) + deep
    path = tmp_path / "deep.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + nested)
    with pytest.raises(IntegrityError, match="too deep"):
        read_metadata(path)


def test_any_damage_to_the_header_is_a_clear_error_or_harmless(tmp_path: Path) -> None:
    """Flip random bytes of the header many times: never another exception than ours."""
    whole, dice = gguf(size=400, vocabulary=1500), random.Random(7)
    path = tmp_path / "flipped.gguf"
    refused = 0
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(4, 900)] = dice.randrange(256)
        path.write_bytes(broken)
        try:
            read_metadata(path)
        except ZaohuaError:
            refused += 1
    assert refused > 40


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_metadata(tmp_path / "none.gguf")
    with pytest.raises(NotFoundError):
        read_metadata(tmp_path)


def test_values_of_every_type(tmp_path: Path) -> None:
    extra = {"a.flag": True, "a.float": 1.5, "a.list": [1, 2, 3], "a.empty": []}
    path = tmp_path / "a.gguf"
    path.write_bytes(gguf(extra=extra))
    assert read_metadata(path)["architecture"] == "llama"
    assert value([])[:4] == struct.pack("<I", 9)
