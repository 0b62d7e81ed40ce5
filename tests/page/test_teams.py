"""Teams in the browser: a task given, the board as it fills, roles taken by a person."""

from __future__ import annotations

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.conftest import PHONE, Open, Server
from tests.page.test_access import STICKING_OUT

pytestmark = pytest.mark.browser
PAIR = """\
title: {zh: 两人组, en: The two}
about: {zh: 一个写，一个看。, en: "One writes, one looks."}
inputs:
  task: {about: {zh: 任务, en: the task}}
  notes: {about: {zh: 说明, en: notes}, required: false}
board: {draft: {zh: 初稿, en: Draft}, end: {zh: 结尾, en: End}, side: {zh: 旁注, en: Aside}}
roles:
  author:
    title: {zh: 作者, en: Author}
    does: "[[words 40]] [[slow 0.03]]"
    reads: task
    writes: draft
  boss:
    title: {zh: 主编, en: Chief}
    does: {zh: 写得清楚吗, en: Is it clear}
    judges: draft
    person: true
  one: {title: {zh: 甲, en: First}, does: "[[say 完。]]", reads: draft, writes: end}
  two: {title: {zh: 乙, en: Second}, does: "[[say 注。]]", reads: draft, writes: side}
steps:
  - {repeat: [author, boss], until: boss, rounds: 2}
  - parallel: [one, two]
limits: {turns: 6}
result: [draft, end]
"""


@pytest.fixture
def pair(server: Server) -> None:
    """A team of the user's."""
    folder = server.home / "teams"
    folder.mkdir(exist_ok=True)
    (folder / "pair.yaml").write_text(PAIR, "utf-8")
    (folder / "bad.yaml").write_text("roles: {a: {do: x}}\nsteps: [b]\n", "utf-8")


def begin(page: Page, task: str) -> None:
    page.locator("textarea.main").fill(task)
    page.get_by_role("button", name="开始", exact=True).click()


def role(page: Page, name: str, state: str) -> None:
    expect(page.get_by_role("list", name="发言顺序")).to_contain_text(f"{name}，{state}")


@pytest.mark.usefixtures("pair")
def test_the_board_fills_and_a_person_judges(open_page: Open) -> None:
    page = open_page()
    page.locator(".sidebar").get_by_role("link", name="团队", exact=True).click()
    page.get_by_role("link", name="交给「两人组」一件事").click()
    page.get_by_role("button", name="开始", exact=True).click()
    expect(page.locator(".fault")).to_have_text("请填写")
    expect(page.locator("textarea.main")).to_be_focused()
    begin(page, "写一句问候")
    role(page, "作者", "正在说")
    role(page, "主编", "下一个")
    draft = page.get_by_role("region", name="初稿")
    expect(draft.locator(".markdown")).to_be_visible()
    expect(page.get_by_role("region", name="结尾")).to_contain_text("等甲来写")
    say = page.get_by_role("textbox", name="请你评判：主编")
    expect(say).to_be_visible()
    role(page, "主编", "在等人")
    say.fill("太长了")
    page.get_by_role("button", name="提出异议").click()
    expect(page.get_by_role("region", name="主编")).to_contain_text("未通过")
    expect(draft.locator("h3")).to_contain_text("第 2 版")
    page.reload()
    page.get_by_role("button", name="通过", exact=True).click()
    outcome = page.get_by_role("region", name="结果")
    expect(outcome).to_contain_text("完。")
    expect(page.locator("main [role=status]")).to_contain_text("完成")
    expect(page.locator(".meters")).to_contain_text(re.compile(r"轮次\s*4 / 6"))
    expect(draft.locator("summary").first).to_have_text("以前的 1 版")
    page.get_by_role("link", name="团队", exact=True).last.click()
    past = page.get_by_role("list", name="做过的事").locator("li").filter(has_text="写一句问候")
    expect(past).to_contain_text("完成")
    past.get_by_role("button").click()
    expect(past).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    past.get_by_role("link").click()
    expect(outcome).to_be_visible()


@pytest.mark.usefixtures("pair")
def test_a_role_is_taken_and_given_back_and_a_run_stopped(open_page: Open) -> None:
    page = open_page("/#/teams/pair", ready="textarea.main")
    page.watch.forgive("400")
    page.locator("summary", has_text="角色").click()
    page.get_by_role("switch", name="由我担任作者").check()
    page.locator("summary", has_text="上限").click()
    page.get_by_label("轮次").fill("1")
    begin(page, "写一句问候")
    page.get_by_role("textbox", name="轮到你：作者").fill("早上好。")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="提出异议").wait_for()
    page.get_by_role("textbox", name="请你评判：主编").fill("换一句")
    page.get_by_role("button", name="提出异议").click()
    page.get_by_role("button", name="交给模型或代码").click()
    role(page, "作者", "正在说")
    page.get_by_role("button", name="停止").click()
    expect(page.locator("main [role=status]")).to_contain_text("已停止")
    expect(page.get_by_role("region", name="初稿")).to_contain_text("被停止")
    page.get_by_role("button", name="继续").click()
    expect(page.locator("main [role=status]")).to_contain_text("轮次用完了")
    page.get_by_role("button", name="提高上限并继续").click()
    expect(page.get_by_role("button", name="通过", exact=True)).to_be_visible()
    expect(page.locator(".meters")).to_contain_text(re.compile(r"轮次\s*2 / 2"))


def test_a_team_is_copied_changed_and_deleted(open_page: Open, server: Server) -> None:
    page = open_page("/#/teams/debate", ready="textarea.main")
    page.get_by_role("link", name="复制「辩论」后修改").click()
    name, text = page.get_by_label("名称"), page.get_by_label("团队的文件")
    expect(text).to_have_value(re.compile("zh: 辩论"))
    expect(page.get_by_role("list", name="发言顺序")).to_contain_text("书记员")
    name.fill("Mine")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".help.problem")).to_contain_text("小写字母")
    expect(name).to_be_focused()
    name.fill("mine")
    text.fill(PAIR.replace("judges", "judge").replace("until: boss", "until: bos"))
    fault = page.get_by_role("button", name="第 16 行")
    expect(fault).to_contain_text("没有这个键，是不是「judges」？")
    expect(page.locator(".line.faulty")).to_have_text(re.compile("judge: draft"))
    page.reload()
    expect(name).to_have_value("mine")
    fault.click()
    assert text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == (
        "    judge: draft"
    )
    page.keyboard.insert_text("    judges: draft")
    expect(page.locator(".faults")).to_contain_text("是不是「boss」？")
    page.keyboard.press("Control+s")
    page.wait_for_function("() => getSelection().toString().includes('until: bos,')")
    text.fill("a:\n  b: 1")
    page.keyboard.press("Enter")
    page.keyboard.type("c")
    expect(text).to_have_value("a:\n  b: 1\n  c")
    text.fill(PAIR)
    expect(page.locator(".faults")).to_have_text("文件没有问题")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h2.title")).to_have_text("两人组你的")
    assert (server.home / "teams" / "mine.yaml").read_text("utf-8") == PAIR
    page.get_by_role("link", name="修改「两人组」").click()
    text.fill(PAIR.replace("两人组", "一对"))
    page.get_by_role("button", name="放弃修改").click()
    expect(text).to_have_value(re.compile("两人组"))
    text.fill(PAIR.replace("两人组", "一对"))
    page.keyboard.press("Control+s")
    expect(page.locator("h2.title")).to_have_text("一对你的")
    page.get_by_role("button", name="删除「一对」").click()
    cards = page.get_by_role("list", name="团队")
    expect(cards).not_to_contain_text("一对")
    page.get_by_role("button", name="撤销").click()
    expect(cards).to_contain_text("一对")
    (server.home / "teams" / "mine.yaml").unlink()


@pytest.mark.usefixtures("pair")
def test_a_broken_team_is_mended_or_deleted(open_page: Open, server: Server) -> None:
    page = open_page("/#/teams", ready=".page li a")
    card = page.get_by_role("list", name="团队").locator("li").filter(has_text="bad")
    expect(card.locator(".problem")).to_contain_text("第 1 行 inputs：缺少")
    card.get_by_role("link", name="修改「bad」").click()
    expect(page.get_by_label("团队的文件")).to_have_value(re.compile("do: x"))
    page.get_by_role("button", name="删除「bad」").click()
    expect(card).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(card).to_be_visible()


def test_who_administers_nothing_changes_no_team(open_page: Open) -> None:
    page = open_page()
    page.route("**/api/session", lambda route: route.fulfill(
        json=route.fetch().json() | {"admin": False}
    ))  # fmt: skip
    page.goto(page.url.split("#")[0] + "#/teams/debate")
    page.reload()
    page.wait_for_selector("textarea.main")
    expect(page.get_by_role("link", name="复制「辩论」后修改")).to_have_count(0)


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(("scheme", "locale"), [("light", "zh-CN"), ("dark", "en-GB")])
def test_teams_are_accessible(open_page: Open, server: Server, scheme: str, locale: str) -> None:
    runs = []
    with httpx.Client(base_url=f"{server.url}/api/teams", timeout=20) as client:
        for name, inputs in (("pair", {"task": "问候"}), ("lesson", {"topic": "加法"})):
            runs.append(client.post(f"{name}/runs", json={"inputs": inputs}).json()["id"])
    viewport = PHONE if locale == "en-GB" else None
    page = open_page(scheme=scheme, locale=locale, viewport=viewport)
    for address, ready in (
        ("/#/teams", ".page li a"),
        ("/#/teams/newsroom", "textarea.main"),
        ("/#/teams/newsroom/copy", ".editor textarea"),
        ("/#/teams/bad/edit", ".faults li"),
        (f"/#/teams/runs/{runs[0]}", "section textarea"),
        (f"/#/teams/runs/{runs[1]}", ".page section dl"),
    ):
        page.goto(server.url + address)
        page.wait_for_selector(ready)
        for summary in page.locator(".page > div > details > summary, form summary").all():
            summary.click()
        assert Axe().run(page, context="main").violations_count == 0, address
        assert page.evaluate(STICKING_OUT) == [], address
