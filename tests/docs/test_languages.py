"""The Chinese pages say what the English ones say: same commands, names, figures and headings.

Their commands need not be run a second time, since they equal those that are.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHINESE = sorted([*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/**/*.zh-CN.md")])
ALWAYS = {"README", "cli", "api", "models", "training", "tools"}

FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
NOTE = re.compile(r"<!--.*?-->", re.DOTALL)
COMMENT = re.compile(r"(?:^|\s+)#\s.*$", re.MULTILINE)
QUOTED = re.compile(r'"([^"\n]*)"')
NAME = re.compile(r"``(?P<long>.+?)``|`(?P<short>[^`\n]+)`")
FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)", re.ASCII)
LINK = re.compile(r"\]\([^)\s]+\)")


def english_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh-CN.md", ".md"))


def read(page: Path) -> str:
    return NOTE.sub("", page.read_text("utf-8")).replace(".zh-CN.md", ".md")


def fences(text: str) -> list[tuple[str, list[str]]]:
    return [(language, meant(language, code)) for language, code in FENCE.findall(text)]


def meant(language: str, code: str) -> list[str]:
    """The lines of a fence without comments and texts for people.

    A fence of plain text is a table: its first column counts.
    """
    if language == "text":
        return [re.split(r"(?<=\S)\s{2,}", line)[0] for line in code.splitlines()]
    return [QUOTED.sub(unless_a_name, line) for line in COMMENT.sub("", code).splitlines() if line]


def unless_a_name(quoted: re.Match[str]) -> str:
    """A text for people (with a space, with Chinese, or a full stop) as ``"…"``."""
    text = quoted[1]
    for_people = text == "." or " " in text or not text.isascii()
    return '"…"' if for_people else quoted[0]


def prose(text: str) -> str:
    return FENCE.sub("", text)


def names(text: str) -> Counter[str]:
    return Counter(found["long"] or found["short"] for found in NAME.finditer(prose(text)))


def figures(text: str) -> set[str]:
    return set(FIGURE.findall(LINK.sub("", NAME.sub("", prose(text)))))


def shape(text: str) -> list[str]:
    """Headings by level, items, rows of tables with their columns; not paragraphs' line breaks."""
    marks = re.findall(r"^(#+ |- |\|.*$|!\[)", prose(text), re.MULTILINE)
    return [f"row of {mark.count('|')}" if mark[0] == "|" else mark for mark in marks]


def test_the_pages_a_user_needs_are_in_both_languages():
    assert {page.name.removesuffix(".zh-CN.md") for page in CHINESE} >= ALWAYS


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
class TestTwins:
    def test_show_the_same_commands(self, page: Path):
        assert fences(read(page)) == fences(read(english_of(page)))

    def test_speak_of_the_same_names(self, page: Path):
        assert names(read(page)) == names(read(english_of(page)))

    def test_state_the_same_figures(self, page: Path):
        assert figures(read(page)) == figures(read(english_of(page)))

    def test_have_the_same_shape(self, page: Path):
        assert shape(read(page)) == shape(read(english_of(page)))

    def test_begin_with_a_link_to_each_other(self, page: Path):
        english = english_of(page)
        assert page.read_text("utf-8").splitlines()[2] == f"[English]({english.name})"
        assert english.read_text("utf-8").splitlines()[2] == f"[中文]({page.name})"

    def test_the_chinese_one_leads_to_chinese_pages(self, page: Path):
        body = page.read_text("utf-8").split("\n", 3)[3]
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+\.md)", body):
            twin = (page.parent / target).with_suffix(".zh-CN.md")
            assert target.endswith(".zh-CN.md") or not twin.exists(), target


def test_the_comparison_sees_another_option_but_not_another_prompt():
    english = '```sh\nzaohua chat --seed 7 "Tell me a story"  # once\n```\n'
    chinese = '```sh\nzaohua chat --seed 7 "给我讲个故事"  # 一次\n```\n'
    assert fences(english) == fences(chinese) == [("sh", ['zaohua chat --seed 7 "…"'])]
    assert fences(english) != fences(chinese.replace("--seed 7", "--seed 8"))
    assert fences(english) != fences(chinese.replace("```sh", "```text"))


def test_the_comparison_keeps_strings_that_are_names():
    assert meant("python", 'model="qwen2.5-0.5b", base_url="http://h/v1"\n') == [
        'model="qwen2.5-0.5b", base_url="http://h/v1"'
    ]
    assert meant("sh", 'zaohua generate --regex "(yes|no)" "Wet or dry?"\n') == [
        'zaohua generate --regex "(yes|no)" "…"'
    ]
