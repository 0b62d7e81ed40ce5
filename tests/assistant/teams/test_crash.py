"""A process killed in the middle of a run: what was kept is there, and the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from zaohua.assistant.teams.exporting import outcome
from zaohua.store.database import Database

from .conftest import MakeRuns, Scripted, ended
from .test_runs import ME, TRUE

SCRIPT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.assistant.teams.conftest import Scripted, models_of, team_of, ME
from tests.assistant.teams.test_runs import LOOP, FACTS, TRUE
from zaohua.assistant.teams import TeamRuns
from zaohua.assistant.teams.beginning import Order
from zaohua.store.database import Database

async def main():
    engine = Scripted({{"writer": [TRUE], "editor": ["~never"]}})
    runs = TeamRuns(Database({url!r}), models_of(engine), Path({locks!r}))
    run = await runs.start(ME, team_of(LOOP), Order(FACTS))
    async for event in runs.follow(ME, run.id):
        if getattr(event, "role", "") == "editor":
            print("editing", run.id, flush=True)
asyncio.run(main())
"""


async def test_a_run_goes_on_after_kill_9(make: MakeRuns, sqlite: Database, tmp_path: Path):
    locks = tmp_path / "locks"
    root = str(Path(__file__).parents[3])
    script = SCRIPT.format(root=root, url=sqlite.url, locks=str(locks))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    number = int(process.stdout.readline().split()[1])
    engine = Scripted({"editor": ["whole"]})
    runs = make(engine)
    seen, _ = await runs.show(ME, number)
    assert seen.state == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    seen, before = await runs.show(ME, number)
    assert (seen.state, seen.reason) == ("interrupted", "its process ended")
    assert [one.content for one in before if one.entry == "draft"] == [TRUE]
    began = time.monotonic()
    await runs.resume(ME, number)
    seen, messages = await ended(runs, number)
    assert time.monotonic() - began < 5
    assert seen.state == "complete"
    assert messages[: len(before)] == before
    assert set(engine.asked) == {"editor"}
    assert outcome(seen, messages).text == "whole"
