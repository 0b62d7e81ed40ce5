"""A text is parted where it parts by itself, nothing lost, no part too long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zaohua.generate.long.parts import halves, parts
from zaohua.generate.prompt_size import tokens_of
from zaohua.text.sentences import clauses, sentences

CHAPTERS = "".join(
    f"第{n}章 山路\n\n" + "老人沿着山路慢慢地走，想着从前的事。他说：“天快黑了！”\n\n" * 20
    for n in range(1, 7)
)
ENGLISH = "".join(
    f"## Chapter {n}\n\n" + "The old man walked on. He said it was late.\n\n" * 30
    for n in range(1, 7)
)


@pytest.mark.parametrize("text", [CHAPTERS, ENGLISH])
def test_chapters_begin_parts(text: str):
    found = parts(text, 900, tokens_of)
    assert "".join(part.text for part in found) == text
    assert all(tokens_of(part.text) <= 900 for part in found)
    assert len(found) == 6
    assert {part.heading for part in found} == {
        line.lstrip("# ") for line in text.splitlines() if line.startswith(("第", "##"))
    }


@pytest.mark.parametrize("text", [CHAPTERS, ENGLISH])
def test_parts_are_about_equally_long_and_end_with_a_sentence(text: str):
    found = parts(text, 300, tokens_of)
    sizes = [tokens_of(part.text) for part in found[:-1]]
    assert min(sizes) > 0.4 * max(sizes)
    assert all(part.text.rstrip().endswith(("。", "”", ".")) for part in found)


def test_no_heading_stands_last_in_a_part():
    text = "".join(f"# H{n}\n\n{'word ' * 60}\n\n" for n in range(40))
    for part in parts(text, 200, tokens_of):
        assert not part.text.rstrip().splitlines()[-1].startswith("# ")


@pytest.mark.parametrize("text", ["字" * 5000, "a" * 5000, "word " * 2000, "x" * 10 + "\n" * 3000])
def test_what_does_not_part_by_itself_is_parted_all_the_same(text: str):
    found = parts(text, 100, tokens_of)
    assert "".join(part.text for part in found) == text
    assert all(tokens_of(part.text) <= 110 for part in found)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab 。.!，\n#第章一|-", max_size=400), st.integers(8, 60))
def test_nothing_is_lost(text: str, most: int):
    assert "".join(part.text for part in parts(text, most, tokens_of)) == text
    assert "".join(sentences(text)) == text
    assert "".join(clauses(text)) == text


def test_halves():
    found = halves("One. Two. Three. Four. Five. Six.", tokens_of)
    assert len(found) in (2, 3)
    assert len(halves("字", tokens_of)) == 1
