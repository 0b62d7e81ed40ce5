"""Which language a text is in, by its script."""

from __future__ import annotations

import pytest

from zaohua.text.language import main_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("员工手册规定，年假十二天。", "zh"),
        ("使用 OpenAI 的 API 和 Python 客户端调用模型，非常方便，不用学习新的东西。", "zh"),
        ("これは日本語の文章です。漢字もあります。", "ja"),
        ("이것은 한국어 문장입니다.", "ko"),
        ("The rules of the house are on the wall.", "en"),
        ("The word 你好 is Chinese for hello, and that is all of it.", "en"),
        ("Der Hund schläft unter dem Tisch.", ""),
        ("", ""),
        ("123 — 456", ""),
    ],
)
def test_main_language(text: str, language: str) -> None:
    assert main_language(text) == language
