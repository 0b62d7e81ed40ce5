"""Measures of poems, on poems whose values are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zaohua.data.sets.poetry.rhymes import rhyme_book
from zaohua.evaluate.poems.measures import Judged, Request, judge, lines_of, tones_kept
from zaohua.evaluate.poems.summary import interval, summary

TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
ASKED = Request("title", "五绝", 4, 5, title="登鹳雀楼")


def judged(answer: str, request: Request = ASKED, known: frozenset[str] = frozenset()) -> Judged:
    return judge(answer, request, rhyme_book(), known)


def test_a_poem_as_it_should_be_has_everything() -> None:
    found = judged(TOWER)
    assert found.form and found.rhyme and found.on_title
    assert (found.rhyming_lines, found.even_lines) == (2, 2)
    assert not found.copied and not found.repeated
    assert found.acrostic is None
    assert found.new_bigrams == 1.0


@pytest.mark.parametrize(
    "answer",
    [
        TOWER.replace("更上一层楼", "更上层楼"),
        TOWER.replace("更上一层楼", "更上一层楼楼"),
        TOWER + "\n完。",
        TOWER.partition("\n")[0],
        TOWER.replace("黄河", "ab"),
        "好的，这是一首诗：" + TOWER,
        "",
    ],
)
def test_one_line_or_character_too_many_or_too_few_is_not_the_form(answer: str) -> None:
    found = judged(answer)
    assert not found.form and not found.rhyme
    assert (found.rhyming_lines, found.even_lines) == (0, 2)


def test_line_breaks_and_other_stops_part_lines_as_well() -> None:
    assert lines_of(TOWER) == lines_of(TOWER.replace("，", "\n").replace("。", "！"))
    assert judged(" ".join(lines_of(TOWER))).form


def test_lines_of_one_rhyme_must_end_differently() -> None:
    assert not judged(TOWER.replace("楼", "山")).rhyme
    assert not judged(TOWER.replace("楼", "流")).rhyme
    assert judged(TOWER.replace("楼", "秋")).rhyme


def test_three_of_four_even_lines_are_counted_but_are_no_rhyme() -> None:
    ends = ["流", "楼", "秋", "山"]
    answer = "\n".join(f"白日依山尽，黄河入海{end}。" for end in ends)
    found = judged(answer, Request("form", "五律", 8, 5))
    assert found.form and not found.rhyme
    assert (found.rhyming_lines, found.even_lines) == (3, 4)
    assert found.repeated


def test_a_poem_gone_on_with_is_measured_with_its_beginning() -> None:
    given = ("白日依山尽", "黄河入海流")
    request = Request("continue", "五绝", 4, 5, given=given)
    found = judged("欲穷千里目，更上一层楼。", request)
    assert found.form and found.rhyme
    assert not judged(TOWER, request).form
    assert not judged("欲穷千里目，更上一层山。", request).rhyme


def test_given_lines_are_not_copied_ones() -> None:
    known = frozenset(lines_of(TOWER))
    assert judged(TOWER, known=known).copied
    assert judged(TOWER.replace("欲穷", "欲见"), known=known).copied
    given = Request("continue", "五绝", 4, 5, given=lines_of(TOWER))
    assert not judged(TOWER, given, known).copied
    assert not judged("白日，黄河。", known=frozenset({"白日"})).copied


def test_acrostics_begin_as_asked_in_order() -> None:
    asked = replace(ASKED, heads="白黄欲更")
    assert judged(TOWER, asked).acrostic is True
    assert judged(TOWER, replace(asked, heads="黄白欲更")).acrostic is False
    assert judged(TOWER.partition("\n")[0], asked).acrostic is False


def test_a_rhyme_asked_for_is_that_of_all_even_lines() -> None:
    asked = replace(ASKED, rhyme="尤")
    assert judged(TOWER, asked).rhyme_asked is True
    assert judged(TOWER.replace("楼", "山"), asked).rhyme_asked is False
    assert judged(TOWER, replace(asked, rhyme="东")).rhyme_asked is False
    assert judged(TOWER.partition("\n")[0], asked).rhyme_asked is False
    assert judged(TOWER).rhyme_asked is None


def test_tones_alternate_at_the_second_fourth_and_sixth_character() -> None:
    book, seven = rhyme_book(), Request("form", "七绝", 4, 7)
    assert tones_kept("白日依山尽", ASKED, book) is True  # 日 oblique, 山 level
    assert tones_kept("白日依水尽", ASKED, book) is False
    assert tones_kept("朝辞白帝彩云间", seven, book) is True
    assert tones_kept("朝辞白帝彩凤间", seven, book) is False
    assert tones_kept("朝看白云彩凤间", ASKED, book) is None
    assert tones_kept("白A依山尽", ASKED, book) is None


def test_figures_are_shares_over_those_they_apply_to() -> None:
    acrostic = replace(ASKED, heads="白黄欲更")
    answers = [TOWER, "白日。"]
    every = [judged(answers[0], acrostic), judged(answers[1])]
    figures = summary(every, [lines_of(answer) for answer in answers])
    assert figures["form"] == figures["rhyme"] == 0.5
    assert figures["acrostic"] == 1.0
    assert figures["rhyming_lines"] == 0.5
    assert figures["distinct_lines"] == 1.0
    assert list(figures)[:3] == ["form", "rhyme", "copied"]


def test_intervals_are_wilsons() -> None:
    # statsmodels.stats.proportion.proportion_confint(190, 200, method="wilson")
    assert interval(0.95, 200) == (0.9104, 0.9726)
    assert interval(0.0, 10) == (0.0, 0.2775)
