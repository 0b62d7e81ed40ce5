from __future__ import annotations

import pytest

from zaohua.text.instructions import CHINESE, default_instructions, is_chinese


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("如何做好时间管理", True),
        ("用Python写一个爬虫", True),
        ("What is 时间?", False),
        ("時間管理のコツを教えてください", False),
        ("시간 관리 時間", False),
        ("😀 42", False),
        ("", False),
    ],
)
def test_language(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese
    assert default_instructions(text) == (CHINESE if chinese else "")
