from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.cleaning.making import CHINESE, ENGLISH, chat, kept, reason, text
from zaohua.data.cleaning.conversion import ConvertChinese
from zaohua.data.cleaning.languages import IdentifyLanguage, detect_language
from zaohua.errors import UsageError

SHORT = Path(__file__).with_name("short_texts.tsv")


def test_a_hundred_short_texts() -> None:
    rows = [line.split("\t") for line in SHORT.read_text("utf-8").splitlines()]
    right = sum(detect_language(said) == language for language, said in rows)
    assert len(rows) == 100
    assert right >= 97


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Bonjour tout le monde, comment allez-vous aujourd'hui ?"),
        ("de", "Der Hund läuft über die Straße und bellt laut."),
        ("ru", "Привет, как дела? Сегодня хорошая погода"),
        ("ja", "今日はいい天気ですね"),
        ("ko", "안녕하세요 반갑습니다"),
        ("und", "12345 !!! …"),
        ("und", ""),
    ],
)
def test_others_are_not_taken_for_ours(language: str, said: str) -> None:
    assert detect_language(said) == language


def test_the_step_writes_down_or_drops() -> None:
    step = IdentifyLanguage()
    assert kept(step.apply(text(CHINESE, topic="x"))).meta == {"topic": "x", "language": "zh"}
    assert kept(step.apply(chat("What is this?", ENGLISH))).meta["language"] == "en"
    assert reason(step.apply(text("今日はいい天気ですね"))) == "language_ja"
    assert kept(IdentifyLanguage(keep=()).apply(text("今日は"))).meta["language"] == "ja"


@given(st.text(max_size=60))
def test_any_text_has_a_language(said: str) -> None:
    assert detect_language(said)


def test_scripts_are_converted_in_chinese_only() -> None:
    assert kept(ConvertChinese().apply(text("漢字簡體，後面的麵條"))).text == "汉字简体，后面的面条"
    back = kept(ConvertChinese("s2t").apply(chat("后面的面条", "皇后")))
    assert [turn.content for turn in back.messages] == ["後面的麪條", "皇后"]
    english = text(ENGLISH)
    assert ConvertChinese().apply(english) is english
    with pytest.raises(UsageError, match="x2y"):
        ConvertChinese("x2y")
