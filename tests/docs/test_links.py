"""Every link of every page inside the repository leads somewhere, to a heading too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "web" / "README.md"])
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)(?: \"[^\"]*\")?\)")


def links_of(text: str) -> list[str]:
    return LINK.findall(CODE.sub("", FENCE.sub("", text)))


def anchors_of(text: str) -> set[str]:
    """The names that headings get: lower case, without punctuation, spaces as hyphens."""
    headings = re.findall(r"^#+ +(.+?)\s*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in anchors_of(target.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    links = links_of(page.read_text("utf-8"))
    assert [link for link in links if not leads_somewhere(page, link)] == []


def test_a_heading_is_found_by_its_anchor():
    text = "# Up & down\n\n## 磁盘上的样子\n\n```\n# not a heading\n```\n"
    assert anchors_of(text) == {"up--down", "磁盘上的样子"}


def test_links_in_code_are_not_links():
    assert links_of("[a](b.md) `[c](d.md)` [e](https://f) [g](#h)\n```\n[i](j)\n```\n") == [
        "b.md",
        "#h",
    ]


@pytest.mark.parametrize("link", ["docs/none.md", "docs/cli.md#none", "#none", "../elsewhere"])
def test_a_broken_link_is_seen(link: str):
    assert not leads_somewhere(ROOT / "README.md", link)
    assert leads_somewhere(ROOT / "README.md", "docs/cli.md#settings")
