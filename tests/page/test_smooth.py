"""Nothing jumps, nothing stutters, little is loaded."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Open, Server, ask

pytestmark = [pytest.mark.browser, pytest.mark.alone]
FIRST_LOAD_LIMIT = 200_000
LONG = """时间管理的要点是先做重要的事，再做紧急的事。

- 列清单
- 分时段

```python
print(1)
```
"""

OBSERVE = """
window.shifts = []; window.tasks = [];
new PerformanceObserver(l => l.getEntries().forEach(e => shifts.push(e.value)))
  .observe({type: 'layout-shift', buffered: false});
new PerformanceObserver(l => l.getEntries().forEach(e => tasks.push(e.duration)))
  .observe({type: 'longtask', buffered: false});
"""


def many_messages(count: int) -> bytes:
    start = "2026-01-01T00:00:00+00:00"
    messages: list[dict[str, Any]] = [
        {
            "id": f"m{i}",
            "parent_id": f"m{i - 1}" if i else None,
            "role": "assistant" if i % 2 else "user",
            "content": f"第 {i} 条。{LONG if i % 2 else '请再说一遍'}",
            "status": "complete",
            "created_at": start,
        }
        for i in range(count)
    ]
    conversation = {"id": "long", "title": "很长的对话", "created_at": start, "updated_at": start}
    document = {
        "format": "zaohua.conversation",
        "version": 1,
        "conversation": conversation,
        "messages": messages,
    }
    return json.dumps(document).encode()


def test_first_load_is_small(open_page: Open) -> None:
    """Bytes on the wire of everything but the API, as the browser counts them."""
    page = open_page(ready="html")
    page.watch.forgive("about:blank")
    page.goto("about:blank")
    client = page.context.new_cdp_session(page)
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    client.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    client.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(page.watch.url)
    page.wait_for_load_state("networkidle")
    loaded = {urls[name]: size for name, size in sizes.items() if "/api/" not in urls[name]}
    assert any(url.endswith(".js") for url in loaded)
    assert 20_000 < sum(loaded.values()) <= FIRST_LOAD_LIMIT, loaded


def test_works_without_any_other_host(open_page: Open) -> None:
    """Every request of every test is watched; here the whole of a session is walked through."""
    page = open_page()
    ask(page, "[[markdown]]")
    for shortcut in ("Control+,", "?"):
        page.locator(".scroller").focus()
        page.keyboard.press(shortcut)
        expect(page.locator("dialog[open]")).to_be_visible()
        page.keyboard.press("Escape")
    page.watch.check()


def test_nothing_shifts_while_an_answer_grows(open_page: Open) -> None:
    page = open_page()
    ask(page, "先说一句")
    page.evaluate(OBSERVE)
    ask(page, "[[markdown]] [[slow 0.02]]")
    page.wait_for_timeout(700)
    assert sum(page.evaluate("shifts")) < 0.02


def test_the_end_is_followed_only_from_the_end(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[words 900]]")
    page.wait_for_timeout(200)
    at_end = "e => e.scrollHeight - e.scrollTop - e.clientHeight < 4"
    box = page.locator(".scroller")
    assert box.evaluate(at_end)
    ask(page, "[[words 300]] [[slow 0.01]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    box.hover()
    page.mouse.wheel(0, -700)
    page.wait_for_timeout(300)
    place = box.evaluate("e => e.scrollTop")
    page.wait_for_timeout(700)
    assert abs(box.evaluate("e => e.scrollTop") - place) < 3
    page.get_by_role("button", name="回到最新").click()
    expect(page.locator("article.running")).to_have_count(0)
    page.wait_for_timeout(400)
    assert box.evaluate(at_end)
    expect(page.get_by_role("button", name="回到最新")).to_have_count(0)


def frames(page: Page, action: str) -> float:
    """The longest pause between frames in milliseconds while ``action`` runs for a second."""
    longest: float = page.evaluate(
        """async action => {
          let longest = 0, last = performance.now(), on = true;
          const tick = now => { longest = Math.max(longest, now - last); last = now;
                                if (on) requestAnimationFrame(tick); };
          requestAnimationFrame(tick);
          await eval(action)();
          on = false;
          return longest;
        }""".replace("eval(action)", f"({action})"),
        action,
    )
    return longest


def test_five_hundred_messages_stay_smooth(open_page: Open, server: Server) -> None:
    report = httpx.post(
        f"{server.url}/api/import", files={"file": ("long.json", many_messages(500))}
    ).json()
    page = open_page(f"/c/{report['conversation_ids'][0]}", ready="article")
    expect(page.locator("article")).to_have_count(500)
    page.wait_for_timeout(800)
    at_end = "e => e.scrollHeight - e.scrollTop - e.clientHeight < 4"
    assert page.locator(".scroller").evaluate(at_end)
    page.evaluate(OBSERVE)
    scroll = """async () => {
      const box = document.querySelector('.scroller');
      for (let i = 0; i < 60; i++) { box.scrollTop -= 400;
        await new Promise(done => requestAnimationFrame(done)); }
    }"""
    assert frames(page, scroll) < 250
    page.locator("#composer").press_sequentially("打字也要顺畅 typing stays smooth", delay=10)
    assert sum(page.evaluate("tasks")) < 700
    assert max(page.evaluate("tasks"), default=0) < 250
