"""Makes the pictures of the README: the page in Chromium, before a server with a real model.

    python -m bench.screenshots [--model qwen2.5-0.5b] [--home HOME] [--out docs/images]

``--model poet`` takes the poet's, from the home in which ``zaohua run poet`` was run.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.servers import model_home, zaohua_serve

DEFAULT = "qwen2.5-0.5b"
ANSWER_SECONDS = 600
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
QUESTIONS_ZH = ("请问，如何做好时间管理？",)
QUESTIONS_POET = ("写一首五言绝句，题为《春夜》。",)
QUESTIONS_EN = (
    "Compare bubble sort and merge sort in a small table.",
    "Write a Python function that merges two sorted lists.",
)


@dataclass(frozen=True)
class Picture:
    """One picture: who asks what, on which screen."""

    name: str
    locale: str
    scheme: Literal["light", "dark"]
    screen: ViewportSize
    questions: tuple[str, ...]
    model: str = DEFAULT


PICTURES = (
    Picture("chat-zh-light", "zh-CN", "light", DESK, QUESTIONS_ZH),
    Picture("chat-en-dark", "en-US", "dark", DESK, QUESTIONS_EN),
    Picture("chat-zh-phone", "zh-CN", "light", PHONE, QUESTIONS_ZH),
    Picture("poet-zh-light", "zh-CN", "light", DESK, QUESTIONS_POET, "poet"),
)


def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer is there."""
    page.locator("#composer").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_selector("article.running", state="attached", timeout=10_000)
    page.wait_for_selector("article.running", state="detached", timeout=ANSWER_SECONDS * 1000)


def take(browser: Browser, url: str, picture: Picture, folder: Path) -> None:
    """Make one picture."""
    context = browser.new_context(
        viewport=picture.screen,
        locale=picture.locale,
        color_scheme=picture.scheme,
        device_scale_factor=2,
        is_mobile=picture.screen is PHONE,
        has_touch=picture.screen is PHONE,
    )
    page = context.new_page()
    page.goto(url)
    for question in picture.questions:
        ask(page, question)
    _wait_for_title(url)
    page.mouse.move(0, 0)
    page.wait_for_timeout(6_000)
    page.screenshot(path=folder / f"{picture.name}.png")
    context.close()


def _wait_for_title(url: str) -> None:
    """The server names a conversation when its model is idle."""
    time.sleep(2)
    for _ in range(20):
        newest = httpx.get(f"{url}/api/conversations?limit=1").json()["items"][0]
        if not any(newest["title"] in picture.questions for picture in PICTURES):
            return
        time.sleep(1)


def main() -> None:
    """Make all pictures of a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--home", type=Path, help="where the model is; pulled when left out")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    home = given.home or model_home(given.model)
    with (
        tempfile.TemporaryDirectory() as scratch,
        zaohua_serve(home, given.model, database_url=f"sqlite:///{scratch}/new.db") as served,
        sync_playwright() as playwright,
    ):
        url = served.target.base_url.removesuffix("/v1")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for picture in (p for p in PICTURES if p.model == given.model):
            take(browser, url, picture, given.out)
            print(given.out / f"{picture.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
