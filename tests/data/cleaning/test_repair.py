from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.cleaning.making import CHINESE, ENGLISH, chat, kept, reason, text
from zaohua.data.cleaning.markup import StripMarkup, without_markup
from zaohua.data.cleaning.repair import Normalise, RepairEncoding, normalised, repaired


@pytest.mark.parametrize(
    "meant", ["schön und gut", "café au lait — déjà vu", "这是一句中文。", "naïve “quotes”"]
)
def test_utf8_read_as_latin1_is_undone(meant: str) -> None:
    assert repaired(meant.encode().decode("cp1252", "replace")) == meant or "\ufffd" in (
        meant.encode().decode("cp1252", "replace")
    )
    assert repaired(meant.encode().decode("latin-1")) == meant


def test_utf8_read_as_gbk_is_undone() -> None:
    meant = "你好世界"
    assert repaired(meant.encode().decode("gb18030")) == meant


@pytest.mark.parametrize(
    "right",
    [
        CHINESE,
        ENGLISH,
        "café, naïve, Ærøskøbing",
        "浣熊在鐨山，涓涓细流",
        "ＡＢＣ，１２３！",
        "“你好”—他说…",
    ],
)
def test_right_text_is_left_alone(right: str) -> None:
    assert repaired(right) == right


def test_text_lost_for_good_is_dropped() -> None:
    assert reason(RepairEncoding().apply(text("锟斤拷锟斤拷 abc"))) == "broken_encoding"
    assert reason(RepairEncoding().apply(text("a\ufffdb" * 20))) == "broken_encoding"
    assert reason(RepairEncoding().apply(text(CHINESE * 3 + "\ufffd"))) is None


def test_chinese_read_as_gbk_with_losses_is_dropped() -> None:
    garbled = CHINESE.encode().decode("gb18030", "ignore")
    assert reason(RepairEncoding().apply(text(garbled))) == "broken_encoding"
    brook = "涓涓细流汇成大河，浣纱的女子在河边唱歌。"
    assert reason(RepairEncoding().apply(text(brook))) is None


def test_normalising() -> None:
    messy = (
        "\ufeffe\u0301te\u0301\r\nzero\u200bwidth\x00\u00a0space \t\rend\u2028next\n\n\n\nlast  \n"
    )
    assert normalised(messy) == "été\nzerowidth space\nend\nnext\n\nlast"
    assert normalised("    indented code\n\tstays") == "    indented code\n\tstays"
    assert normalised("👨\u200d👩\u200d👧，全角！") == "👨\u200d👩\u200d👧，全角！"
    outcome = kept(Normalise().apply(chat("a\r\nb", "c\u200bd")))
    assert [turn.content for turn in outcome.messages] == ["a\nb", "cd"]


@given(st.text(st.characters(codec=None), max_size=80))
def test_normalising_twice_changes_nothing_and_nothing_unfit_stays(raw: str) -> None:
    once = normalised(raw)
    assert normalised(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()
    assert not {"\r", "\x00", "\u200b", "\ufeff"} & set(once)


def test_markup_goes_and_mathematics_stays() -> None:
    page = (
        "<div class='x'><p>第一段&nbsp;文字</p><script>var a = '<p>';</script><!-- no -->"
        "<p>a &lt; b &amp; c</p></div>"
    )
    assert without_markup(page).split() == ["第一段", "文字", "a", "<", "b", "&", "c"]
    for plain in ("if a < b and c > d", "vector<int> v; List<Poem>", "AT&T a&copy=1", "x <y> z"):
        assert without_markup(plain) == plain


def test_boilerplate_lines_go_and_sentences_stay() -> None:
    page = "\n".join(
        ["正文第一句。", "上一篇：旧闻", "版权所有 © 2024", "登录", "登录之后，他写了一封信。"]
    )
    assert kept(StripMarkup().apply(text(page))).text == "正文第一句。\n登录之后，他写了一封信。"
    page = "Text stays.\nAll rights reserved.\nRead more\nSubscribe to what she says, he said."
    outcome = kept(StripMarkup().apply(text(page))).text
    assert outcome == "Text stays.\nSubscribe to what she says, he said."
    assert reason(StripMarkup().apply(text("<p></p>"))) == "empty"
    answer = chat("How do I make text bold?", "Write <b>bold</b>.")
    assert StripMarkup().apply(answer) is answer


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 200_000,
        "<a " * 70_000,
        "<script>" * 30_000,
        "<!--" * 50_000,
        "&a" * 100_000,
        " " * 200_000,
        " \n" * 100_000,
        "\u3000" * 200_000 + "x",
        "<p" + " a" * 100_000,
    ],
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    began = time.process_time()
    without_markup(hostile)
    normalised(hostile)
    repaired(hostile)
    assert time.process_time() - began < 3
