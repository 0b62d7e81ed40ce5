"""The real server process, killed in the middle of an answer."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.service.chat.conftest import ask, events, follow

_URL = re.compile(r"http://[\w.]+:\d+")


@contextmanager
def served(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A `zaohua serve` of its own over ``home`` with the fake engine."""
    log = home.with_suffix(".log")
    environment = {**os.environ, "ZAOHUA_HOME": str(home), "ZAOHUA_ENGINE": "fake"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "zaohua", "serve", "--port", "0"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=home.parent,
        )
        try:
            yield process, _wait_for_url(process, log)
        finally:
            process.kill()
            process.wait(20)


def _wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(1200):
        found = _URL.search(log.read_text(errors="replace"))
        if found and _answers(found.group()):
            return found.group()
        assert process.poll() is None, log.read_text(errors="replace")
        time.sleep(0.05)
    raise AssertionError(log.read_text(errors="replace"))


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_that_was_shown_is_lost(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    with served(home) as (process, url):
        async with httpx.AsyncClient(base_url=url, timeout=30) as page:
            _, first = await ask(page, "[[say 第一个回答]]")
            await follow(page, first["id"])
            _, second = await ask(
                page,
                "[[words 3000]][[slow 0.005]][[reason]]",
                first["conversation_id"],
                first["id"],
            )
            shown = ""
            try:
                async for event in events(page, f"/api/messages/{second['id']}/stream"):
                    if event.name == "delta":
                        shown += event.data["reasoning"] + event.data["content"]
                    if len(shown) > 400 and process.poll() is None:
                        process.send_signal(number)
            except httpx.HTTPError:
                pass
        process.wait(20)
    assert len(shown) > 400
    with served(home) as (process, url):
        async with httpx.AsyncClient(base_url=url, timeout=30) as page:
            whole = (await page.get(f"/api/conversations/{first['conversation_id']}")).json()
            kept = whole["messages"][3]
            assert kept["status"] == "interrupted"
            assert (kept["reasoning"] + kept["content"]).startswith(shown)
            assert whole["messages"][1]["content"] == "第一个回答"
            text, done = await follow(page, second["id"], len(shown))
            assert done["message"]["status"] == "interrupted"
            assert shown + text == kept["reasoning"] + kept["content"]
            found = (await page.get("/api/conversations?q=focus")).json()["items"]
            assert [item["message_id"] for item in found] == [second["id"]]
            again = (await page.post(f"/api/messages/{second['id']}/regenerate")).json()
            stopped = await page.post(f"/api/messages/{again['assistant']['id']}/stop")
            assert stopped.json()["status"] == "stopped"
