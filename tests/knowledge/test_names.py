"""Names that people's files come with, and those they get."""

from __future__ import annotations

import pytest

from zaohua.knowledge.names import MAX_BYTES, safe_name, shown_name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("合同 2026.pdf", "合同 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\nc.md", "a_b_c.md"),
        ("archive!member.zip", "archive_member.zip"),
        ("what?*.csv", "what__.csv"),
        ("con.txt", "file_con.txt"),
        ("nul", "file_nul"),
        ("exe\u202efdp.exe", "exe_fdp.exe"),
        ("trailing. ", "trailing"),
        ("cafe\u0301.md", "caf\u00e9.md"),
        ("half\ud800.txt", "half_.txt"),
    ],
)
def test_a_name_is_made_safe(given: str, safe: str) -> None:
    assert safe_name(given) == safe
    assert safe_name(safe) == safe


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("长" * 300 + ".pdf")
    assert name.endswith("长.pdf")
    assert len(name.encode()) <= MAX_BYTES
    assert len(safe_name("x." + "y" * 500).encode()) <= MAX_BYTES


def test_a_name_is_shown_from_its_root_on() -> None:
    roots = ["/srv/docs", "/srv/docs/deep", "/home/me/up/3/rules.zip"]
    assert shown_name("/srv/docs/a/b.md", roots) == "docs/a/b.md"
    assert shown_name("/srv/docs/deep/c.md", roots) == "deep/c.md"
    assert shown_name("/home/me/up/3/rules.zip!in/x.txt", roots) == "rules.zip!in/x.txt"
    assert shown_name("/gone/d.md", roots) == "d.md"
