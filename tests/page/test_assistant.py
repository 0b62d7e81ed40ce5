"""What the assistant knows and can do, in the browser: memory, prompts, scenarios, the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.conftest import PHONE, Open, Server, ask
from tests.page.test_access import STICKING_OUT
from tests.page.test_knowledge import filled
from zaohua.knowledge.graph import Graph
from zaohua.settings import Settings
from zaohua.store.database import Database

pytestmark = pytest.mark.browser
COMPANY = "# 青禾科技\n\n青禾科技由林远于2015年创立。公司位于石泉镇。\n\n林远的妻子是陈晓。\n"
HEAD = {
    "version": 1,
    "title": {"zh": "小店客服", "en": "Little shop"},
    "about": {"zh": "回答一家商店的顾客。", "en": "Answers the customers of a shop."},
    "greeting": {"zh": "您好，想了解什么？", "en": "Hello, what can I do for you?"},
    "suggestions": {"zh": ["怎么退货？", "多久送到？"], "en": ["How do I return something?"]},
    "grounding": "strict",
    "templates": ["shorten", "summary"],
}
CARD = {"zh": "# 小店\n\n只答资料里**有**的。", "en": "# The shop\n\nOnly what **is** there."}


def places(page: Page, name: str) -> None:
    page.locator(".sidebar").get_by_role("link", name=name, exact=True).click()


@pytest.fixture
def memories(server: Server) -> Iterator[httpx.Client]:
    """Nothing is remembered; the API of what is."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=20) as client:
        client.delete("/memories")
        yield client


@pytest.fixture
def firms(server: Server) -> str:
    """A collection with a graph."""
    filled(server, "firms", {"a.md": COMPANY})
    database = Database(Settings(home=server.home).resolved_database_url)
    Graph(database).build(["firms"])
    database.close()
    return "firms"


@pytest.fixture
def shop(server: Server) -> None:
    """A scenario of the user's."""
    folder = server.home / "scenarios" / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(json.dumps(HEAD, ensure_ascii=False), "utf-8")
    (folder / "card.md").write_text(CARD["en"], "utf-8")
    (folder / "card.zh-CN.md").write_text(CARD["zh"], "utf-8")


def test_what_is_remembered_is_seen_changed_and_forgotten(
    open_page: Open, memories: httpx.Client
) -> None:
    page = open_page()
    ask(page, "请记住我对花生过敏")
    talk = page.url
    memories.post("/memories", json={"text": "成都", "kind": "city"})
    memories.post("/memories", json={"text": "杭州", "kind": "city"})
    places(page, "记忆")
    group = page.get_by_role("list", name="过敏")
    expect(group).to_contain_text("今天")
    expect(group).to_contain_text("不会淡忘")
    page.get_by_text("以前记得、现在不再成立的").click()
    expect(page.locator("details li")).to_contain_text("成都 → 杭州")
    page.get_by_role("button", name=re.compile("^修改「杭州」")).click()
    editor = page.get_by_role("textbox", name=re.compile("^修改"))
    expect(editor).to_be_focused()
    editor.fill("苏州")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="住在")).to_contain_text("苏州")
    page.get_by_role("button", name="忘记「苏州」").click()
    expect(page.get_by_role("list", name="住在")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("list", name="住在")).to_contain_text("苏州")
    group.get_by_role("link").click()
    page.wait_for_url(talk)
    expect(page.locator("article.user").first).to_be_in_viewport()


def test_memory_by_hand_off_and_forgotten_for_good(open_page: Open, memories: httpx.Client) -> None:
    page = open_page("/#/memory", ready=".page")
    page.watch.forgive("400")
    box = page.get_by_role("textbox", name="手动添加")
    box.fill("我的密码是 hunter2xyz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    box.fill("茶")
    page.get_by_label("类别").select_option("like")
    page.get_by_role("button", name="记住", exact=True).click()
    expect(page.get_by_role("list", name="喜欢", exact=True)).to_contain_text("茶")
    expect(box).to_have_value("")
    with page.expect_response("**/api/memories/switch"):
        page.get_by_role("switch").uncheck()
    expect(page.locator("#memory-on")).to_contain_text("已关闭")
    assert memories.get("/memories/switch").json() == {"on": False}
    page.get_by_role("switch").check()
    page.get_by_role("button", name="全部忘记").click()
    sure = page.locator("dialog .danger")
    expect(sure).to_be_disabled()
    page.locator("dialog .field").fill("全部忘记")
    page.keyboard.press("Enter")
    expect(page.locator("main .none")).to_be_visible()
    assert memories.get("/memories", params={"history": True}).json()["items"] == []


def test_the_library_is_searched_and_a_form_filled(open_page: Open) -> None:
    page = open_page()
    page.watch.forgive("400")
    places(page, "提示词")
    cards = page.get_by_role("list", name="提示词").locator("li")
    expect(cards.first).to_be_visible()
    both = cards.count()
    page.get_by_label("全部").check(force=True)
    expect(cards).not_to_have_count(both)
    page.get_by_label("中文").check(force=True)
    page.get_by_label("搜索提示词").fill("缩")
    expect(cards).to_have_count(1)
    cards.get_by_role("link").click()
    page.get_by_role("button", name="运行").click()
    text = page.locator("textarea.main")
    expect(text).to_be_focused()
    expect(page.locator(".fault")).to_have_text("请填写")
    text.fill("今天的会推迟到周五[[say 会推迟到周五]]")
    expect(page.locator(".fault")).to_have_count(0)
    page.locator("input[type=number]").fill("99")
    page.get_by_role("button", name="运行").click()
    expect(page.locator(".fault")).to_have_text("最大是 90")
    page.locator("input[type=number]").fill("40")
    page.keyboard.press("Control+Enter")
    expect(page.locator("del").first).to_have_text("今天的")
    assert Axe().run(page, context="main").violations_count == 0
    page.get_by_label("标出改动").uncheck()
    expect(page.locator("section .text")).to_have_text("会推迟到周五")
    page.get_by_role("button", name="在对话中继续").click()
    expect(page.locator("article.assistant .markdown")).to_have_text("会推迟到周五")
    page.go_back()
    expect(text).to_have_value(re.compile("^今天的会"))


def test_the_forms_of_results(open_page: Open) -> None:
    page = open_page("/#/prompts/extract?language=zh", ready="textarea.main")
    page.locator("textarea.main").evaluate(
        """area => { const data = new DataTransfer();
          data.items.add(new File([new Uint8Array([0xc4, 0xe3, 0xba, 0xc3])], 'gbk.txt'));
          const options = { dataTransfer: data, bubbles: true, cancelable: true };
          area.dispatchEvent(new DragEvent('drop', options)); }"""
    )
    expect(page.locator("textarea.main")).to_have_value("你好")
    page.locator(".page textarea:not(.main)").fill("姓名、日期")
    page.get_by_role("button", name="运行").click()
    expect(page.locator("section th")).to_have_text(["姓名", "日期"])
    page.goto(page.url.replace("extract", "classify"))
    page.get_by_role("button", name="填入示例").click()
    page.get_by_role("button", name="运行").click()
    expect(page.locator("section .choice")).to_have_text("体育")


@pytest.mark.usefixtures("shop")
def test_a_scenario_begins_a_conversation(open_page: Open) -> None:
    page = open_page()
    sent: list[Any] = []
    made = re.compile("/api/conversations$")
    page.on("request", lambda r: sent.append(r.post_data_json) if made.search(r.url) else None)
    places(page, "场景")
    card = page.get_by_role("list", name="场景").locator("li").filter(has_text="小店客服")
    expect(card).to_contain_text("只说资料中有的")
    expect(card.get_by_role("link", name="缩写")).to_be_visible()
    card.get_by_role("link", name="小店客服").click()
    expect(page.locator(".card strong")).to_have_text("有")
    page.get_by_role("button", name="开始对话").click()
    expect(page.locator("main section")).to_contain_text("您好，想了解什么？")
    expect(page.get_by_role("link", name="场景：小店客服")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="怎么退货？").click()
    expect(page.locator("article.assistant .markdown")).to_be_visible()
    page.wait_for_url("**/c/*")
    assert sent == [{"scenario": "shop"}]
    page.get_by_role("button", name="新对话").first.click()
    expect(page.locator(".empty")).to_be_visible()


def test_the_graph_is_gone_around_in(open_page: Open, firms: str) -> None:
    page = open_page(f"/#/knowledge/collection/{firms}", ready=".graph")
    page.locator(".graph").click()
    names = page.get_by_role("list", name="关系最多的")
    expect(names).to_contain_text("林远")
    page.get_by_role("searchbox").last.fill("青禾")
    expect(page.get_by_role("list", name="找到的名称").locator("li")).to_have_count(1)
    page.keyboard.press("Enter")
    drawing = page.locator("svg[role=group]")
    expect(drawing.locator(".centre")).to_have_text("青禾科技")
    node = drawing.get_by_role("link", name="林远", exact=True)
    node.focus()
    page.keyboard.press("Enter")
    expect(drawing.locator(".centre")).to_have_text("林远")
    expect(drawing.locator(".centre")).to_be_focused()
    expect(page.get_by_role("list", name="2 条关系")).to_contain_text("陈晓")
    page.go_back()
    expect(drawing.locator(".centre")).to_have_text("青禾科技")
    drawing.get_by_role("link", name=re.compile("创立.*打开出处")).click()
    expect(page.locator(".text mark")).to_contain_text("青禾科技由林远于2015年创立")


def test_without_a_graph_it_says_how_to_make_one(open_page: Open, server: Server) -> None:
    filled(server, "plain", {"a.txt": "晴。"})
    page = open_page("/#/knowledge/graph/plain", ready=".page")
    expect(page.locator("pre").first).to_have_text(
        "zaohua knowledge graph build --collection plain"
    )


@pytest.fixture
def everything(
    open_page: Open, memories: httpx.Client, firms: str, shop: None
) -> Callable[..., list[tuple[Page, str]]]:
    """Opens a page, and where to look with it, each place with what must be there."""

    def go(**options: Any) -> list[tuple[Page, str]]:
        memories.post("/memories", json={"text": "杭州", "kind": "city"})
        memories.post("/memories", json={"text": "喝茶不喝咖啡", "kind": "note"})
        page = open_page(**options)
        return [
            (page, f"{address} {ready}")
            for address, ready in (
                ("/#/memory", ".page li"),
                ("/#/prompts", ".page li a"),
                ("/#/prompts/shorten?language=zh", "textarea.main"),
                ("/#/scenarios", ".page li a"),
                ("/#/scenarios/shop", ".card strong"),
                ("/?scenario=shop", "main section li"),
                (f"/#/knowledge/graph/{firms}/青禾科技", "svg .node"),
            )
        ]

    return go


@pytest.mark.parametrize(
    ("scheme", "locale", "some"),
    [
        ("light", "zh-CN", slice(0, None, 2)),
        ("dark", "en-GB", slice(1, None, 2)),
        pytest.param("dark", "zh-CN", slice(None), marks=pytest.mark.slow),
        pytest.param("light", "en-GB", slice(None), marks=pytest.mark.slow),
    ],
)
def test_all_of_it_is_accessible(
    everything: Callable[..., list[tuple[Page, str]]],
    scheme: str,
    locale: str,
    some: slice,
    server: Server,
) -> None:
    options = {"scheme": scheme, "locale": locale}
    if locale == "en-GB":
        options |= {"viewport": PHONE}
    for page, place in everything(**options)[some]:
        address, _, ready = place.partition(" ")
        page.goto(server.url + address)
        page.wait_for_selector(ready)
        assert Axe().run(page, context="main").violations_count == 0, address
        assert page.evaluate(STICKING_OUT) == [], address
