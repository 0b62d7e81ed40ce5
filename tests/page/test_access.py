"""axe finds nothing to complain about, in both themes, and a phone fits."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.conftest import PHONE, Open, ask

pytestmark = pytest.mark.browser
STICKING_OUT = """() => [document.documentElement, ...document.querySelectorAll('main *')]
  .filter(e => e.checkVisibility() && !e.closest('.visually-hidden, pre, .table')
            && (e.getBoundingClientRect().right > innerWidth + 1
                || e === document.documentElement && e.scrollWidth > innerWidth))
  .map(e => e.outerHTML.slice(0, 120))"""


def assert_accessible(page: Page) -> None:
    page.wait_for_timeout(350)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_thread(open_page: Open, scheme: str) -> None:
    page = open_page(scheme=scheme)
    assert_accessible(page)
    ask(page, "[[markdown]]")
    ask(page, "[[fail after 3]] 一二三四五六")
    assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("button", ["对话设置", "偏好设置", "键盘快捷键"])
def test_the_dialogs(open_page: Open, scheme: str, button: str) -> None:
    page = open_page(scheme=scheme)
    page.get_by_role("button", name=button).click()
    expect(page.locator("dialog[open]")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=button)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_probabilities_and_feedback(open_page: Open, scheme: str) -> None:
    page = open_page(scheme=scheme)
    ask(page, "概率是多少")
    page.get_by_role("button", name="词元概率").click()
    page.locator(".tokens [role=option]").nth(2).hover()
    assert_accessible(page)
    page.get_by_role("button", name="回答得好").click()
    assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_a_drawer_and_nothing_sticks_out(open_page: Open, scheme: str) -> None:
    page = open_page(viewport=PHONE, scheme=scheme, has_touch=True, is_mobile=True)
    assert page.evaluate(STICKING_OUT) == []
    ask(page, "[[markdown]]")
    assert page.evaluate(STICKING_OUT) == []
    assert_accessible(page)
    page.get_by_role("button", name="打开对话列表").click()
    expect(page.locator("dialog.drawer")).to_be_visible()
    assert_accessible(page)
    small = page.eval_on_selector_all(
        ".drawer button, .drawer a.brand, .drawer .entry a",
        "all => all.filter(e => e.offsetParent && e.offsetHeight < 40 && !e.matches('.brand'))"
        ".map(e => e.outerHTML.slice(0, 80))",
    )
    assert small == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog.drawer")).to_be_hidden()
    page.get_by_role("button", name="打开对话列表").click()
    page.locator(".drawer .new").click()
    expect(page.locator("dialog.drawer")).to_be_hidden()
    expect(page.locator(".empty")).to_be_visible()
    assert page.evaluate(STICKING_OUT) == []


def test_streaming_text_is_not_read_out_piece_by_piece(open_page: Open) -> None:
    page = open_page()
    ask(page, "[[words 60]] [[slow 0.02]]", wait=False)
    expect(page.locator("[role=log]")).to_have_attribute("aria-live", "off")
    expect(page.locator("[role=status]")).to_have_text("正在回答")
    expect(page.locator("[role=status]")).to_contain_text("回答完毕")
