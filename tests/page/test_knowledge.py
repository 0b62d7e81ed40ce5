"""Knowledge in the browser: files in, found, opened, out; sources and marks under an answer.

The turn that cites is not part of this page: its messages are put in on their way to the browser.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import PHONE, Open, Server, ask
from tests.page.test_access import STICKING_OUT, assert_accessible

pytestmark = pytest.mark.browser
RULES = (
    "# 员工手册\n\n## 年假\n\n满一年有十二天年假😀，可以结转。\n\n## 差旅\n\n每晚不超过四百元。\n"
)
LONG = RULES + "".join(
    f"\n## 第 {n} 条\n\n这里是第 {n} 条的内容，{'写得很长。' * 40}\n" for n in range(150)
)
ANSWER = "满一年有十二天年假[1]。**每年可以休三十天**[2]。住宿不超过四百元[1, 2]。"
SENTENCE = "**每年可以休三十天**[2]。"


def file(name: str, content: str | bytes) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def make(page: Page, name: str, ready: str = ".zone") -> None:
    """A new collection, made by hand."""
    page.locator(".sidebar").get_by_role("link", name="知识库").click()
    page.get_by_label("新建文件集").fill(name)
    page.get_by_role("button", name="新建", exact=True).click()
    page.wait_for_selector(ready)


def filled(server: Server, name: str, files: dict[str, str | bytes]) -> int:
    """A collection made by the API; the id of its first document, when all is read."""
    address = f"{server.url}/api/knowledge/collections"
    with httpx.Client(timeout=20) as client:
        if client.post(address, json={"name": name}).status_code == 201:
            sent = [("files", item) for item in files.items()]
            assert client.post(f"{address}/{name}/files", files=sent).status_code == 202
        while client.get(f"{address}/{name}").json()["waiting"]:
            time.sleep(0.02)
        items = client.get(f"{address}/{name}/files").json()["items"]
    return int(next(one["documents"][0]["id"] for one in items if one["documents"]))


def evidence(document: int) -> dict[str, Any]:
    """What the turn adds to a message that cites ``document``."""
    start = RULES.index("满一年")
    one = {
        "passage_id": 1, "document": document, "collection": "cited", "source": "/docs/rules.md",
        "title": "员工手册", "headings": ["员工手册", "年假"], "page": None, "row": None,
        "start": start, "end": start + len("满一年有十二天年假😀"),
        "text": "满一年有十二天年假😀，可以结转。",
    }  # fmt: skip
    claim = {"numbers": [1], "verdict": "supported", "missing": []}
    at = ANSWER.index(SENTENCE)
    return {
        "content": ANSWER,
        "citations": [
            {**one, "number": 1, "cited": True},
            {**one, "number": 2, "cited": True, "page": 3, "title": "Travel rules"},
            {**one, "number": 3, "cited": False},
        ],
        "claims": [
            {**claim, "start": 0, "end": at},
            {
                "start": at, "end": at + len(SENTENCE), "numbers": [2], "verdict": "unsupported",
                "missing": ["三十天"],
            },
        ],
        "trace": [
            {"step": "knowledge", "said": "6 passages from 3 documents", "milliseconds": 31.2,
             "tokens": 812, "details": {"collections": ["cited"]}},
            {"step": "engine", "said": "fake", "milliseconds": 1203.0, "tokens": 40, "details": {}},
        ],
    }  # fmt: skip


def with_evidence(page: Page, document: int) -> None:
    """From now on the last answer of every conversation cites ``document``."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        body["messages"][-1] |= evidence(document)
        route.fulfill(response=response, body=json.dumps(body))

    page.route(
        "**/api/conversations/*",
        lambda r: answer(r) if r.request.method == "GET" else r.continue_(),
    )


@pytest.fixture
def cited(open_page: Open, server: Server) -> Callable[..., Page]:
    """Opens a conversation whose answer cites a document that is there."""

    def go(**options: Any) -> Page:
        document = filled(server, "cited", {"rules.md": RULES})
        with httpx.Client(base_url=f"{server.url}/api", timeout=20) as client:
            conversation = client.post("/conversations", json={}).json()["id"]
            said = {"content": "年假有几天？", "parent_id": None}
            made = client.post(f"/conversations/{conversation}/messages", json=said).json()
            while (
                client.get(f"/conversations/{conversation}").json()["messages"][-1]["status"]
                == "running"
            ):
                time.sleep(0.02)
        assert made
        page = open_page(**options)
        with_evidence(page, document)
        page.goto(f"{server.url}/c/{conversation}")
        page.wait_for_selector("a.cite")
        return page

    return go


def test_a_name_that_cannot_be_is_told(open_page: Open) -> None:
    page = open_page()
    page.watch.forgive("400")
    make(page, "two words", ready="form .problem")
    expect(page.get_by_role("alert")).to_contain_text("不能含空格")


def test_upload_search_open_remove(open_page: Open) -> None:
    page = open_page()
    make(page, "规章")
    chosen = [file("rules.md", RULES), file("empty.txt", b""), file("x.xyz", b"\x00\xff\x00")]
    page.locator("input[type=file]").set_input_files(chosen)
    entries = page.locator("ul[aria-labelledby=files] li")
    expect(entries.filter(has_text="empty.txt")).to_contain_text("空文件")
    expect(entries.filter(has_text="x.xyz").locator(".problem")).to_be_visible()
    expect(entries.filter(has_text="rules.md").get_by_role("link")).to_be_visible()
    expect(page.locator(".figures")).to_contain_text("2 个文件读不了")
    page.get_by_placeholder("一个问题，或几个词").fill("年假有几天")
    page.keyboard.press("Enter")
    page.locator("ol li a").first.click()
    expect(page.locator("mark").first).to_contain_text("十二天年假")
    page.go_back()
    page.get_by_role("button", name="移除「rules.md」").click()
    page.get_by_role("button", name="移除", exact=True).click()
    expect(entries.filter(has_text="rules.md")).to_have_count(0)
    page.locator("a.back").click()
    page.get_by_role("button", name="删除文件集: 规章").click()
    page.get_by_role("button", name="删除文件集", exact=True).last.click()
    expect(page.locator(".notice").last).to_contain_text("已删除「规章」")
    page.get_by_role("button", name="返回对话").click()
    expect(page.locator("#composer")).to_be_visible()


def test_files_can_be_dropped(open_page: Open, server: Server) -> None:
    page = open_page()
    make(page, "dropped")
    page.evaluate(
        """() => { const data = new DataTransfer();
          data.items.add(new File(['灯在墙上。'], 'lamp.txt'));
          document.querySelector('.zone').dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    )
    expect(page.get_by_role("link", name="lamp.txt")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent_and_the_next_one_is(open_page: Open) -> None:
    page = open_page()
    told = {"waiting": 1, "embedding": None, "problem": "", "max_upload_bytes": 50}
    page.route("**/api/knowledge/progress", lambda route: route.fulfill(json=told))
    make(page, "large")
    expect(page.locator(".zone p")).to_contain_text("50")
    chosen = [file("big.txt", b"x" * 99), file("lamp.txt", "灯在墙上。")]
    page.locator("input[type=file]").set_input_files(chosen)
    expect(page.locator(".files .problem")).to_contain_text("太大")
    expect(page.get_by_role("link", name="lamp.txt")).to_be_visible()
    expect(page.locator("ul[aria-live] li")).to_have_count(1)


def test_an_answer_shows_its_sources(cited: Callable[..., Page]) -> None:
    page = cited()
    links = page.locator("article.assistant a.cite")
    expect(links).to_have_text(["1", "2", "1", "2"])
    sources = page.locator("article.assistant section ol").first.locator("li")
    expect(sources).to_have_count(2)
    expect(sources.nth(1)).to_contain_text("第 3 页 · rules.md")
    mark = page.locator("mark.unsupported").first
    expect(page.locator("mark.unsupported")).to_have_text(["每年可以休三十天", "2。"])
    mark.hover()
    expect(page.locator(".tip")).to_have_text("所引来源里没有：三十天")
    page.mouse.move(2, 2)
    expect(page.locator(".tip")).to_have_count(0)
    mark.focus()
    expect(page.locator(".tip")).to_be_visible()
    links.first.click()
    expect(page.locator(".text mark")).to_have_text("满一年有十二天年假😀")
    expect(page.locator(".text mark")).to_be_in_viewport()
    expect(page.locator("#composer")).to_be_hidden()
    page.go_back()
    expect(page.locator("a.cite").first).to_be_in_viewport()


def test_the_way_to_an_answer(cited: Callable[..., Page]) -> None:
    page = cited()
    button = page.get_by_role("button", name="回答过程")
    button.click()
    rows = page.locator(".trace > table > tbody > tr:not(.more)")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("查找资料")
    expect(rows.first).to_contain_text("812")
    expect(rows.nth(1)).to_contain_text("1.2 秒")
    button.click()
    expect(page.locator(".trace")).to_have_count(0)


def test_the_way_is_told_in_the_language_of_the_page(open_page: Open) -> None:
    page = open_page()
    ask(page, "退货要几天？")
    page.get_by_role("button", name="回答过程").click()
    told = page.locator(".trace > table > tbody > tr:not(.more) > td:nth-child(2)")
    expect(told.first).to_be_visible()
    assert [text for text in told.all_inner_texts() if re.search("[a-z]{3}", text)] == []


def test_without_evidence_nothing_is_added(open_page: Open) -> None:
    page = open_page()
    ask(page, "见[1]。")
    expect(page.locator("article.assistant .markdown")).to_contain_text("见[1]。")
    expect(page.locator("a.cite, section[aria-labelledby] ol, .trace")).to_have_count(0)
    expect(page.locator(".box .icon-button")).to_have_count(0)


def test_a_conversation_rests_on_collections(open_page: Open, server: Server) -> None:
    filled(server, "handbook", {"rules.md": RULES})
    page = open_page()
    sent: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda r: (
            sent.append(r.post_data_json)
            if r.method == "POST" and r.url.endswith("/api/conversations")
            else None
        ),
    )
    page.get_by_role("button", name="对话设置").click()
    page.get_by_role("checkbox", name="handbook").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="依据知识库：handbook")).to_be_visible()
    ask(page, "年假")
    assert sent[0]["collections"] == ["handbook"]


def test_a_long_document_opens_at_its_end(open_page: Open, server: Server) -> None:
    document = filled(server, "long", {"long.md": LONG})
    start = LONG.index("这里是第 140 条")
    page = open_page(
        f"/#/knowledge/document/{document}?at={start}-{start + 12}", ready=".text mark"
    )
    page.watch.forgive("404")
    expect(page.locator("mark")).to_have_text(LONG[start : start + 12])
    expect(page.locator("mark")).to_be_in_viewport()
    earlier = page.get_by_role("button", name="显示前文")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "?start=" in r.url else None)
    windows = 0
    while earlier.count():
        before = page.locator(".text span").count()
        # Twice within one task, as a double click comes: the second must not load again.
        earlier.evaluate("button => { button.click(); button.click() }")
        expect(page.locator(".text span")).not_to_have_count(before)
        windows += 1
    assert len(asked) == len(set(asked)) == windows > 0
    whole = page.locator(".text").evaluate("e => e.textContent")
    assert "满一年有十二天年假" in whole
    page.goto(f"{server.url}/#/knowledge/document/999999")
    expect(page.locator(".page")).to_contain_text("找不到这篇文档")


@pytest.mark.parametrize(
    ("scheme", "locale"),
    [
        ("light", "zh-CN"),
        ("dark", "en-GB"),
        pytest.param("dark", "zh-CN", marks=pytest.mark.slow),
        pytest.param("light", "en-GB", marks=pytest.mark.slow),
    ],
)
def test_all_of_it_is_accessible(
    cited: Callable[..., Page], scheme: str, locale: str, server: Server
) -> None:
    filled(server, "bad", {"rules.md": RULES, "empty.md": b"", "x.xyz": b"\x00"})
    page = cited(scheme=scheme, locale=locale, viewport=PHONE if locale == "en-GB" else None)
    page.get_by_role(
        "button", name="How it was answered" if locale == "en-GB" else "回答过程"
    ).click()
    page.locator("mark.unsupported").first.hover()
    page.locator("details summary").first.click()
    assert_accessible(page)
    assert page.evaluate(STICKING_OUT) == []
    page.locator("a.cite").first.click()
    page.wait_for_selector(".text mark")
    assert_accessible(page)
    page.goto(f"{server.url}/#/knowledge/collection/bad")
    page.locator("input[type=search].field").fill("年假")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol li a")
    assert_accessible(page)
    assert page.evaluate(STICKING_OUT) == []
    page.goto(f"{server.url}/#/knowledge")
    page.locator("main li .icon-button").first.click()
    page.wait_for_selector("dialog[open]")
    assert_accessible(page)
