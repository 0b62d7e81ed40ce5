from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

from tests.train.forking import ended, in_a_process
from tests.train.material import Sums, job, losses, tiny
from zaohua.errors import UnavailableError, ZaohuaError
from zaohua.train import compiling, machine, memory
from zaohua.train.loop import train

CPU = torch.device("cpu")


@pytest.mark.alone
def test_a_precision_is_chosen_in_two_seconds_however_slow_one_is():
    begun, threads = time.monotonic(), torch.get_num_threads()
    assert machine.choose("auto", CPU) in machine.PRECISIONS
    assert time.monotonic() - begun < 2.0
    assert torch.get_num_threads() == threads


def test_a_slow_precision_is_given_up_at_small_sizes(monkeypatch):
    tried = []

    def slow(matrix):
        tried.append(len(matrix))
        return 2.0 * len(matrix) ** 3 / 1e9  # a hundredth of the other precision

    monkeypatch.setattr(machine, "_seconds", slow)
    assert machine.matmul_peak(CPU, torch.bfloat16, enough=25e9) == pytest.approx(1e9)
    assert max(tried) == 256


def test_small_products_that_were_delayed_say_nothing_of_a_peak(monkeypatch):
    def delayed(matrix):
        return max(0.1 if len(matrix) < 512 else 0.0, 2.0 * len(matrix) ** 3 / 100e9)

    monkeypatch.setattr(machine, "_seconds", delayed)
    monkeypatch.setattr(machine, "SECONDS", -1.0)
    assert machine.matmul_peak(CPU, torch.float32) == pytest.approx(100e9)


@pytest.mark.parametrize(
    ("fp32", "bf16", "asked", "expected"),
    [
        (100e9, 1e9, "auto", "fp32"),
        (100e9, 110e9, "auto", "fp32"),
        (100e9, 300e9, "auto", "bf16"),
        (100e9, 300e9, "fp32", "fp32"),
        (100e9, 1e9, "bf16", "bf16"),
    ],
)
def test_precision_is_the_one_asked_for_or_the_faster(monkeypatch, fp32, bf16, asked, expected):
    def peak(device, dtype, *, enough=0.0):
        assert torch.get_num_threads() == 1
        return fp32 if dtype is torch.float32 else bf16

    monkeypatch.setattr(machine, "matmul_peak", peak)
    assert machine.choose(asked, CPU) == expected


@pytest.mark.alone
def test_a_busy_machine_chooses_as_a_quiet_one():
    quiet = machine.choose("auto", CPU)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        assert {machine.choose("auto", CPU) for _ in range(3)} == {quiet}
    finally:
        for process in busy:
            process.kill()
            process.wait()


def test_what_a_row_keeps_grows_with_rows_and_not_with_chance():
    plain = job(Path())
    sizes = [
        memory.kept(plain.model, lambda rows=rows: forward(plain, rows)) for rows in (1, 1, 2, 3)
    ]
    assert sizes[0] == sizes[1]
    assert sizes[3] - sizes[2] == pytest.approx(sizes[2] - sizes[1], rel=0.1)


def forward(plain, count):
    batch = plain.objective.batch([plain.rows[index] for index in range(count)], None)
    return plain.objective.loss(plain.model, batch).total


def test_rows_that_fit_leave_room_for_the_optimiser():
    assert memory.rows_that_fit(100, 0, 3000) == 16
    assert memory.rows_that_fit(100, 1200, 3000) == 8
    assert memory.rows_that_fit(100, 9000, 3000) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            True,
        ),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_exhausted_memory_is_told_from_other_errors(error, expected):
    assert memory.exhausted(error) is expected


def test_other_errors_pass_unchanged():
    with (
        pytest.raises(RuntimeError, match="shapes"),
        memory.explained(4, 8, lambda rows: None),
    ):
        raise RuntimeError("shapes")


def test_not_even_one_row_says_what_else_to_change():
    def never(rows):
        raise MemoryError

    with (
        pytest.raises(UnavailableError, match="not even one row fits"),
        memory.explained(8, 16, never),
    ):
        raise MemoryError


def limited(folder: Path, rows: int) -> str:
    """What a run says that may take 400 MB more than there is at its start."""

    def work() -> None:
        plain = job(
            folder / str(rows),
            model=tiny(hidden_size=64, intermediate_size=256),
            rows=Sums(count=1024, length=64),
            validation=None,
            steps=1,
            rows_a_step=1024,
            rows_a_batch=rows,
        )
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + 400 * 2**20, resource.RLIM_INFINITY))
        try:
            train(plain)
            said = "trained"
        except ZaohuaError as error:
            said = error.line()
        (folder / "said").write_text(said)

    assert ended(in_a_process(work)) == 0
    return (folder / "said").read_text()


def test_exhausted_memory_names_the_micro_batch_that_fits_and_it_does(tmp_path):
    line = limited(tmp_path, 1024)
    assert line.startswith("memory ran out with micro-batches of 1024 x 64 tokens: ")
    fits = int(line.rsplit(" ", 1)[1])
    assert 1 <= fits < 1024
    assert limited(tmp_path, fits) == "trained"


def test_the_layers_are_found():
    assert len(compiling.blocks(tiny())) == 2
    assert compiling.blocks(nn.Linear(2, 2)) == []
    mixed = nn.ModuleList([nn.Linear(2, 2), nn.ReLU()])
    assert compiling.blocks(mixed) == []


def test_without_a_compiler_nothing_is_compiled(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert not compiling.can_compile(CPU)


@pytest.mark.slow
def test_compiled_layers_train_the_same_and_keep_their_names(tmp_path):
    if not compiling.can_compile(CPU):
        pytest.skip("no C++ compiler")
    plain = train(job(tmp_path / "a", model=tiny()))
    model = tiny()
    names = [name for name, _ in model.named_parameters()]
    assert compiling.compile_blocks(model, tmp_path / "cache") == 2
    compiled = train(job(tmp_path / "b", model=model))
    assert [name for name, _ in model.named_parameters()] == names
    assert any((tmp_path / "cache").iterdir())
    torch.testing.assert_close(
        losses(plain.history), losses(compiled.history), rtol=1e-4, atol=1e-4
    )
