"""The comparison of trainers: what is the same for all contestants must be right."""

import contextlib
import json
import math
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from bench.peers import evaluator, quality, shapes, stepping, strangers, table, turns
from bench.peers.contestants import contestants
from bench.peers.materials import _packs
from bench.peers.order import Layers, Order
from bench.peers.results import Results
from bench.peers.setting import ROOT

from zaohua.model.shapes import shape
from zaohua.model.spec import ModelSpec

LAYERS = Layers(width=64, depth=2, heads=2, kv_heads=1, inner=192, context=32, vocab=64)


def order(folder, **changed):
    return Order("none", str(folder), str(folder), LAYERS, rows=2, length=8, steps=9, **changed)


def test_every_model_of_a_size_does_about_the_same_work():
    for size in ("nano", "micro", "small"):
        wanted = shape(ModelSpec(size=size), 6400)
        for peer in ("zaohua", "hf", "trl"):
            found = shapes.of(peer, wanted)
            assert (found.layers.depth, found.matrices) == (wanted.depth, wanted.matrices)
            assert found.flops(wanted.context) == wanted.flops_per_token(wanted.context)
        for peer in ("nanogpt", "minimind", "nanochat"):
            found = shapes.of(peer, wanted)
            assert abs(found.matrices / wanted.matrices - 1) < 0.2
            assert found.layers.width == wanted.width


def test_bfloat16_takes_part_only_where_it_is_real():
    assert {c.precision for c in contestants(bf16=False)} == {"fp32"}
    assert {c.precision for c in contestants(bf16=True) if c.default} == {"fp32"}
    assert {c.precision for c in contestants(bf16=True) if not c.default} == {"bf16"}
    names = [c.name for c in contestants(bf16=True)]
    assert len(set(names)) == len(names)


def test_windows_predict_every_token_once():
    rng = np.random.default_rng(0)
    ids, starts = rng.integers(4, 64, 100), np.array([0, 1, 20, 61, 61, 100])
    targets = [t for w in evaluator.documents(ids, starts, 16) for t in w[1:]]
    assert targets == ids.tolist()
    joined = [t for w in evaluator.stream(ids, starts, 16) for t in w[1:] if t]
    assert joined == ids.tolist()


def test_a_model_that_knows_nothing_needs_the_bits_of_its_vocabulary():
    ids, starts = np.arange(4, 54), np.array([0, 7, 50])
    lengths = torch.full((64,), 3)
    lengths[:4] = 0
    windows = evaluator.documents(ids, starts, 16)
    got = evaluator.bits_per_byte(lambda x: torch.zeros(*x.shape, 64), windows, lengths)
    assert got == pytest.approx(math.log2(64) / 3)


def test_filling_rows_up_changes_no_score(monkeypatch):
    torch.manual_seed(0)
    scores = torch.randn(64, 64)
    ids, starts = np.random.default_rng(1).integers(4, 64, 90), np.array([0, 3, 44, 90])
    windows = evaluator.documents(ids, starts, 16)
    lengths = torch.arange(64)
    together = evaluator.bits_per_byte(lambda x: scores[x], windows, lengths)
    monkeypatch.setattr(evaluator, "BATCH", 1)
    alone = evaluator.bits_per_byte(lambda x: scores[x], windows, lengths)
    assert together == pytest.approx(alone, rel=1e-6)


def test_joined_documents_fill_rows_and_none_is_lost():
    lengths = np.random.default_rng(2).integers(1, 40, 200)
    packs = list(_packs([np.zeros(n) for n in lengths], 62))
    assert [i for pack in packs for i in pack] == list(range(200))
    full = [sum(lengths[i] for i in pack) + len(pack) - 1 for pack in packs]
    assert max(full) <= 62
    assert np.mean(full) > 62 * 0.6


CONTESTANT = """
import sys, torch
from pathlib import Path
from bench.peers import stepping
from bench.peers.order import Order
stepping.begin(Order.read(Path(sys.argv[1])))
weight = torch.nn.Parameter(torch.zeros(2))
optimiser = torch.optim.AdamW([weight])
for _ in range(1000):
    weight.grad = torch.ones(2)
    optimiser.step()
print("ran to the end")
raise SystemExit("nobody stopped me")
"""


def run(folder, script, *, warm):
    order(folder, warm=warm).save(folder / "order.json")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, str(folder / "order.json")]
    return turns.Runner(command, folder, environment, turns=warm > 0)


TWO_OPTIMISERS = """
import sys, torch
from pathlib import Path
from bench.peers import stepping
from bench.peers.order import Order
stepping.begin(Order.read(Path(sys.argv[1])))
one, two = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
one.grad, two.grad = torch.ones(2), torch.ones(2)
torch.optim.SGD([one]).step()  # a trial before the run
muon, adamw = torch.optim.SGD([one]), torch.optim.AdamW([two])
for _ in range(10):
    muon.step()
    adamw.step()
"""


def test_steps_are_counted_once_whatever_optimisers_step(tmp_path):
    with run(tmp_path, TWO_OPTIMISERS, warm=0) as runner:
        runner.finish(60)
    counted = len((tmp_path / stepping.STEPS).read_text().split())
    assert counted in (10, 11)  # the trial's, then each of the run


def test_a_contestant_makes_the_steps_of_its_turn_and_no_more(tmp_path):
    def made():
        return len((tmp_path / stepping.STEPS).read_text().split())

    with run(tmp_path, CONTESTANT, warm=3) as runner:
        assert runner.wait_until_warm(60)["seconds"] > 0
        assert made() == 3
        turn = runner.turn(5, 60)
        assert turn.event["seconds"] > 0
        time.sleep(0.3)
        assert made() == 8
        assert runner.memory() > 50 << 20
    assert runner.process.returncode is not None
    assert "nobody" not in (tmp_path / turns.LOG).read_text()


def test_a_contestant_that_fails_is_told_with_its_last_words(tmp_path):
    with run(tmp_path, CONTESTANT, warm=0) as runner, pytest.raises(turns.FailedError) as told:
        runner.finish(60)
    assert "failed: nobody stopped me" in str(told.value)
    script = "raise SystemExit('no data')"
    with run(tmp_path, script, warm=1) as runner, pytest.raises(turns.FailedError) as told:
        runner.wait_until_warm(60)
    assert "ended: no data" in str(told.value)


@pytest.mark.alone
def test_others_at_work_are_noticed():
    burn = "import time\nend = time.time() + 30\nwhile time.time() < end: pass"
    idle = "import time; time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", burn]) as busy:
        with subprocess.Popen([sys.executable, "-c", idle]) as quiet:
            as_other, as_ours = strangers.read(quiet.pid), strangers.read(busy.pid)
            time.sleep(2.0)
            later_other, later_ours = strangers.read(quiet.pid), strangers.read(busy.pid)
            quiet.kill()
        busy.kill()
    burnt = (later_ours.ours - as_ours.ours) - (later_other.ours - as_other.ours)
    assert burnt > 0.1
    assert as_other.strangers(later_other) > 0.8 * burnt / 2.0


def test_the_sweep_goes_on_while_the_best_rate_is_at_an_end():
    assert quality._beyond({0.5: 3.0, 1.0: 2.0, 2.0: 1.0}) == [4.0]
    assert quality._beyond({0.5: 1.0, 1.0: 2.0, 2.0: 3.0}) == [0.25]
    assert quality._beyond({0.5: 2.0, 1.0: 1.0, 2.0: 2.0}) == []
    assert quality._beyond({0.5: math.inf, 1.0: math.inf}) == []


def row(title, speed, *, peer="hf", default=False, over=()):
    return {
        "title": title, "peer": peer, "default": default, "precision": "fp32", "depth": 3,
        "matrices": 4e6, "parameters": 4e6, "tokens a second": speed, "flops a token": 25e6,
        "flops a second": speed * 25e6, "peak fp32": 100e9, "peak bf16": 1e9, "disturbed": False,
        "turns": 7, "left out": 1, "zaohua over it": list(over),
    }  # fmt: skip


def test_a_target_above_what_the_machine_can_do_is_told_as_such(tmp_path):
    results = Results(tmp_path / "out.json")
    results.put("micro/8x512/speed/zaohua", row("zaohua", 3200, peer="zaohua"))
    results.put(
        "micro/8x512/speed/hf-default", row("HF", 2000, default=True, over=[1.6, 1.59, 1.62])
    )
    results.put("micro/8x512/speed/hf-compiled", row("HF compiled", 2500, over=[1.28, 1.3, 1.27]))
    told = "\n".join(table.lines(results))
    assert (
        "1.60×, wanted 2.5×; impossible here: it already uses 50% of the peak, at most 2.00×"
        in told
    )
    assert "the best peer (HF compiled): 1.28×, wanted 1.25×; reached (ceiling 1.60×)" in told


def test_gains_are_taken_seed_by_seed_and_kept_between_runs(tmp_path):
    results = Results(tmp_path / "out.json")
    for name, peer, bits in (("zaohua", "zaohua", [2.7, 2.72]), ("hf-compiled", "hf", [3.0, 3.2])):
        for seed, value in enumerate(bits, 1):
            results.put(
                f"micro/8x512/quality/{name}/300s/x1/{seed}",
                {"title": name, "peer": peer, "parameters": 4e6, "steps": 90, "factor": 1.0,
                 "seed": seed, "bits_per_byte": value, "stream": value, "start seconds": 30.0,
                 "seconds": 300.0, "strangers": 0.0},
            )  # fmt: skip
    again = Results(tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["measured"] == again.measured
    told = "\n".join(table.lines(again))
    assert "2.7100 ± 0.0141" in told
    assert "12.5% (10.0% to 15.0%)" in told
    assert "by 8%: reached; the least of all pairs of seeds is 10.0%" in told


def test_scripts_that_enter_nothing_on_a_processor_enter_autocast(monkeypatch):
    monkeypatch.setattr(contextlib, "nullcontext", contextlib.nullcontext)
    stepping.autocast_instead_of_nothing()
    context = contextlib.nullcontext()
    for _ in range(2):
        with context:
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16
    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32
