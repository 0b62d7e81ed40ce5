"""The list at the side, settings, probabilities, feedback, preferences, signing in."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.page.conftest import Open, Server, ask

pytestmark = pytest.mark.browser


def test_search_finds_a_chinese_word_of_two_characters(open_page: Open) -> None:
    page = open_page()
    ask(page, "北京的秋天应该穿什么衣服出门")
    ask(page, "[[words 900]]")
    page.get_by_role("button", name="新对话").click()
    ask(page, "怎样煮面条")
    page.keyboard.press("Control+k")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("秋天")
    hits = page.locator("nav li")
    expect(hits).to_have_count(1)
    expect(hits.locator("mark").first).to_have_text("秋天")
    hits.locator("a").click()
    expect(page.locator("article.user .bubble").first).to_contain_text("秋天")
    expect(page.locator("article.user .bubble").first).to_be_in_viewport()
    page.locator("#search").fill("没有这个词")
    expect(page.locator("nav .none")).to_contain_text("没有找到")
    page.locator("#search").press("Escape")
    expect(page.locator("#search")).to_have_value("")


def test_rename_pin_archive_delete_and_undo(open_page: Open, server: Server) -> None:
    page = open_page()
    ask(page, "整理对话")
    name = page.url.rpartition("/")[2]
    entry = page.locator(f".entry:has(a[href='/c/{name}'])")

    def choose(label: str) -> None:
        entry.hover()
        entry.locator("[aria-haspopup=menu]").click()
        entry.get_by_role("menuitem", name=label, exact=True).click()

    choose("重命名")
    page.keyboard.type("新的名字")
    page.keyboard.press("Enter")
    expect(entry.locator(".title")).to_have_text("新的名字")
    choose("置顶")
    expect(page.locator("nav h2").first).to_have_text("置顶")
    choose("归档")
    expect(entry).to_have_count(0)
    page.get_by_role("button", name="已归档").click()
    expect(entry).to_have_count(1)
    choose("取消归档")
    page.get_by_role("button", name="全部对话").click()
    expect(entry).to_have_count(1)
    choose("删除")
    expect(entry).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(entry).to_have_count(1)
    choose("删除")
    page.reload()
    page.wait_for_selector("#composer")
    expect(entry).to_have_count(0)
    assert httpx.get(f"{server.url}/api/conversations/{name}").status_code == 404


def test_sampling_panel_persists(open_page: Open, server: Server) -> None:
    page = open_page()
    page.get_by_role("button", name="对话设置").click()
    page.get_by_label("系统提示词").fill("只用一句话回答")
    page.locator("#sampling-temperature").fill("0.3")
    page.locator("#sampling-top_k").fill("7")
    page.keyboard.press("Escape")
    page.reload()
    ask(page, "你好")
    name = page.url.rpartition("/")[2]
    stored = httpx.get(f"{server.url}/api/conversations/{name}").json()["conversation"]
    assert stored["sampling"] == {"temperature": 0.3, "top_k": 7}
    assert stored["system"] == "只用一句话回答"
    page.get_by_role("button", name="对话设置").click()
    page.locator("#sampling-temperature").fill("")
    page.keyboard.press("Tab")
    page.locator("#overflow").select_option("refuse")
    page.wait_for_timeout(400)
    page.reload()
    page.get_by_role("button", name="对话设置").click()
    expect(page.locator("#sampling-temperature")).to_have_value("")
    expect(page.locator("#sampling-top_k")).to_have_value("7")
    expect(page.locator("#overflow")).to_have_value("refuse")


def test_choosing_a_model(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name=re.compile("^模型")).click()
    entry = page.get_by_role("menuitemradio").nth(1)
    expect(entry).to_contain_text("就绪")
    expect(entry).to_contain_text("8K")
    entry.click()
    ask(page, "换个模型")
    expect(page.locator(".stats")).to_contain_text("fake-2")


def test_token_probabilities_by_pointing_and_by_keys(open_page: Open) -> None:
    page = open_page()
    ask(page, "概率是多少")
    page.get_by_role("button", name="词元概率").click()
    tokens = page.locator(".tokens [role=option]")
    expect(tokens.nth(3)).to_be_visible()
    tokens.nth(2).hover()
    card = page.locator("[role=tooltip]")
    expect(card).to_be_visible()
    expect(card.locator("svg").first).to_be_visible()
    expect(card).to_contain_text("%")
    tokens.nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(tokens.nth(3)).to_be_focused()
    expect(card).to_be_visible()
    page.get_by_role("button", name="词元概率").click()
    expect(page.locator(".tokens")).to_have_count(0)


def test_feedback_with_reasons(open_page: Open, server: Server) -> None:
    page = open_page()
    ask(page, "评价一下")
    page.get_by_role("button", name="回答不好").click()
    page.get_by_role("button", name="事实有误").click()
    page.get_by_label("补充说明").fill("年份不对")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".notice")).to_contain_text("已记录")
    name = page.url.rpartition("/")[2]
    last = httpx.get(f"{server.url}/api/conversations/{name}").json()["messages"][-1]
    assert last["feedback"] == {"rating": "down", "reasons": ["wrong"], "comment": "年份不对"}
    expect(page.get_by_role("button", name="回答不好")).to_have_attribute("aria-pressed", "true")


def test_language_and_theme_are_kept(open_page: Open) -> None:
    page = open_page(locale="en-GB")
    expect(page.locator("#composer")).to_have_attribute("placeholder", "Ask anything…")
    page.get_by_role("button", name="Preferences").click()
    page.get_by_label("中文").check(force=True)
    expect(page.locator("dialog h2")).to_have_text("偏好设置")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("深色").check(force=True)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_dark_follows_the_system(open_page: Open) -> None:
    page = open_page(scheme="dark")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 60


def test_shortcuts_and_their_sheet(open_page: Open) -> None:
    page = open_page()
    page.locator(".scroller").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog h2")).to_have_text("键盘快捷键")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Control+,")
    expect(page.locator("dialog h2")).to_have_text("对话设置")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+b")
    expect(page.locator("aside")).to_have_count(0)
    page.keyboard.press("Control+b")
    expect(page.locator("aside")).to_have_count(1)
    page.keyboard.press("Shift+Escape")
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("?")
    expect(page.locator("#composer")).to_have_value("?")


def test_export_and_import(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    ask(page, "导出这段对话")
    entry = page.locator(".entry.current")
    with page.expect_download() as waiting:
        entry.hover()
        entry.locator("[aria-haspopup=menu]").click()
        entry.get_by_role("menuitem", name="导出 JSON").click()
    file = tmp_path / "export.json"
    waiting.value.save_as(file)
    page.get_by_role("button", name="偏好设置").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".notice")).to_contain_text("跳过")


def test_signing_in(own_server: Callable[..., Server], open_page: Open, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "zaohua", "keys", "create", "tester"],
        env={"ZAOHUA_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    secret = re.search(r"zao-\S+", made.stdout)
    assert secret, made.stdout
    own = own_server("--require-key")
    page = open_page(at=own.url)
    page.watch.forgive("401")
    box = page.get_by_label("API 密钥")
    expect(box).to_be_focused()
    box.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("密钥不对")
    box.fill(secret[0])
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    ask(page, "登录之后")
    expect(page.locator("article.assistant")).to_have_count(1)
