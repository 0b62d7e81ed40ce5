"""Arithmetic is exact, reads both languages, and refuses what would never end."""

from __future__ import annotations

import time

import pytest

from zaohua.assistant.tools.calculator import calculate
from zaohua.errors import ZaohuaError


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ("1+2*3", "7"), ("(1+2)*3", "9"), ("2^10", "1024"), ("2**-2", "0.25"), ("2^3^2", "512"),
        ("-2^2", "-4"), ("--3", "3"), ("7 % 3", "1"), ("-7 // 2", "-4"), ("7 mod 4", "3"),
        ("1.1 + 2.2", "3.3"), ("0.1+0.2-0.3", "0"), ("1e3/8", "125"), ("1/8", "0.125"),
        ("15% of 240", "36"), ("240 的 15%", "36"), ("50%", "0.5"), ("20% + 30%", "0.5"),
        ("240*(1+15%)", "276"), ("1,234,567 * 2", "2469134"), ("max(1,234)", "234"),
        ("（１２＋３）×４÷２", "30"), ("3.5万 / 7", "5000"), ("2亿-1", "199999999"),
        ("3² + 4²", "25"),
        ("√9 + sqrt(16)", "7"), ("5!", "120"), ("round(2.345, 2)", "2.35"), ("round(-2.5)", "-3"),
        ("abs(3-5)", "2"), ("sum(1, 2, 3.5)", "6.5"), ("avg(1,2)", "1.5"), ("floor(-0.5)", "-1"),
        ("¥12.5 * 8 = ?", "100"), ("(1+2", "3"),
        ("12345678901234567890 * 10", "123456789012345678900"),
        ("log(1000)", "3"), ("2.", "2"), (".5*2", "1"),
    ],
)  # fmt: skip
def test_results(asked: str, result: str) -> None:
    found = calculate(asked)
    assert found.value["result"] == result
    assert found.text.endswith(f" {result}")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("1/3", "1/3 ≈ 0.333333333333 (exactly 1/3)"),
        ("sqrt(2)", "sqrt(2) ≈ 1.41421356237"),
        ("pi * 2", "pi * 2 ≈ 6.28318530718"),
        ("2^0.5", "2^0.5 ≈ 1.41421356237"),
        ("exp(1)", "exp(1) ≈ 2.71828182846"),
    ],
)
def test_what_is_rounded_says_so(asked: str, text: str) -> None:
    found = calculate(asked)
    assert found.text == text
    assert found.value["exact"] is False


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("9**9**9", "the result has too many digits"), ("10^1001*10^1001", "too many digits"),
        ("2^(2^(2^(2^(2^2))))", "too many digits"), ("0.5^99999999", "too many digits"),
        ("1e999999999", "is too large or too small"), ("1e401", "is too large"),
        ("999999999!", "a factorial is of"), ("exp(10^9)", "too many digits"),
        ("200 + 15%", "adding a percentage can mean two things"), ("100-10%", "two things"),
        ("1/0", "division by zero"), ("5 % 0", "division by zero"), ("0^-1", "division by zero"),
        ("sqrt(-1)", "no real square root"), ("(-8)^(1/3)", "no such root"), ("ln(0)", "logarithm"),
        ("", "a number is missing"), ("1+", "a number is missing"), ("1 2", "'2' is not expected"),
        ("1)", "')' is not expected here"), ("max()", "not expected"),
        ("sqrt(1,2)", "takes 1 to 1"),
        ("sin(1)", "'sin' is not known here"), ("__import__('os').system('x')", "is no part of"),
        ("a.b", "'.b' is no part"), ("x" * 1001, "longer than 1000"), ("(" * 60, "nested deeper"),
        ("2^" * 60 + "2", "nested deeper"), ("苹果+1", "'苹果+1' is no part of a calculation"),
        ("round(1, 10^9)", "places"), ("9" * 900 + "^9", "too many digits"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_at_once_and_in_a_line(asked: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(ZaohuaError) as refused:
        calculate(asked)
    assert time.monotonic() - began < 1
    assert said in refused.value.line()
    assert "\n" not in refused.value.line()
