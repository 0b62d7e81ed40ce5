"""The report as a page: needs nothing else, shows data as text, fits a phone, is bilingual."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.prepare.making import english, texts, told, write_jsonl
from zaohua.data.prepare import DataSpec, prepare
from zaohua.data.prepare.card import card
from zaohua.data.prepare.page import page
from zaohua.data.prepare.report import estimated_tokens
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

ATTACK = "</p></script><script>document.title='owned'</script><img src=x onerror=alert(1)> "


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    folder = tmp_path_factory.mktemp("page")
    rng = random.Random(1)
    rows: list[dict[str, object]] = [{"text": text} for text in texts(3, 80)]
    rows += [{"text": ATTACK + english(rng), "label": "<b>good</b>"}] * 2 + [{"text": ATTACK[:9]}]
    path = write_jsonl(folder / "<i>names|tell</i>.jsonl".replace("/", "_"), rows)
    (folder / "broken.jsonl").write_text('{"<script>": 1}\n')
    spec = DataSpec.model_validate(
        {"sources": [{"path": str(path)}, {"path": str(folder / "broken.jsonl")}]}
    )
    return prepare("x", spec, settings=Settings(home=folder / "home"))


def test_the_page_needs_nothing_from_elsewhere(made):
    html = (made.path / "report.html").read_text()
    assert not re.search(r"<[^>]*\b(?:src|href)\s*=|url\(|@import|https?://", html)
    assert "default-src 'none'" in html and "unsafe" not in html
    assert " style=" not in html


def test_data_is_shown_as_text(made):
    html = (made.path / "report.html").read_text()
    assert html.count("<script>") == html.count("</script>") == 1
    assert "<img" not in html and "<i>" not in html.replace("<i>−", "") and "<b>good" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_the_page_is_made_from_the_report_alone(made):
    assert page(told(made)) == (made.path / "report.html").read_text()
    assert card(told(made)) == (made.path / "README.md").read_text()


def test_the_card_says_what_was_done_and_cannot_be_broken_by_names(made):
    text = (made.path / "README.md").read_text()
    for heading in ("## Sources", "## Contents", "## How it was made", "## Known limits"):
        assert heading in text
    assert "Licence: unknown" in text and "estimated" in text and "Near-duplicates" in text
    row = next(line for line in text.splitlines() if "tell" in line)
    assert "<" not in row and row.count("|") == 6


def test_tokens_are_estimated_from_characters():
    chinese, english_ = "春眠不觉晓", "spring sleep"
    assert estimated_tokens(len(chinese), len(chinese.encode())) == 3
    assert estimated_tokens(len(english_), len(english_.encode())) == 3
    assert estimated_tokens(0, 0) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        found = Path("/usr/bin/chromium")
        if not found.exists():
            pytest.skip("Chromium is not installed")
        launched = started.chromium.launch(executable_path=str(found), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "locale", "title"),
    [(1200, "en-GB", "What each step let through"), (360, "zh-CN", "每一步留下了什么")],
)
def test_it_fits_the_screen_in_the_readers_language(made, browser, width, locale, title):
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=locale)
    shown, said = context.new_page(), []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.goto(f"file://{made.path}/report.html")
    for summary in shown.locator("summary").all():
        summary.click()
    assert shown.locator("h2").first.inner_text() == title
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert not said and shown.title() == "x · zaohua"
    shown.locator("button").click()
    assert shown.locator("h2").first.inner_text() != title
    context.close()
