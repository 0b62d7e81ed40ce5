from __future__ import annotations

import random
import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.text.personal import is_card_number, is_resident_id, masked

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(seed: int) -> str:
    chance = random.Random(seed)
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(28_000))
    body = f"{chance.choice((11, 31, 44, 51, 65))}0{chance.randint(100, 999)}{born:%Y%m%d}"
    body += f"{chance.randint(0, 999):03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def card(seed: int, length: int = 19) -> str:
    chance = random.Random(seed)
    body = "62" + "".join(str(chance.randint(0, 9)) for _ in range(length - 3))
    return next(body + check for check in "0123456789" if luhn(body + check))


def luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@given(st.integers(0, 10**6))
def test_ids_and_cards_with_right_check_digits_only(seed: int) -> None:
    number, bank = resident_id(seed), card(seed, 16 + seed % 4)
    assert is_resident_id(number) and is_card_number(bank)
    assert masked(f"身份证{number}，卡号{bank}。", True) == "身份证[身份证号]，卡号[银行卡号]。"
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    assert not is_resident_id(wrong)
    off = bank[:-1] + str((int(bank[-1]) + 1) % 10)
    assert not is_card_number(off) and masked(f"卡号{off}。", True) == f"卡号{off}。"


@given(st.sampled_from("3456789"), st.integers(0, 10**9 - 1), st.sampled_from(["", " ", "-"]))
def test_every_mobile_number(second: str, rest: int, gap: str) -> None:
    digits = f"1{second}{rest:09}"
    number = f"{digits[:3]}{gap}{digits[3:7]}{gap}{digits[7:]}"
    assert masked(f"请拨{number}联系", True) == "请拨[手机号]联系"
    assert masked(f"call +86 {number}.", False) == "call [PHONE]."


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("邮箱abc.d+e@mail.example.com，谢谢", "邮箱[邮箱]，谢谢"),
        ("服务器8.8.8.8和114.114.114.114", "服务器[IP地址]和[IP地址]"),
        ("地址2001:4860:4860::8888。", "地址[IP地址]。"),
        ("电话010-62345678或(0755) 26789012", "电话[电话]或[电话]"),
        ("卡 6222 0200 0000 0000 005", "卡 6222 0200 0000 0000 005"),
    ],
)
def test_other_kinds(said: str, expected: str) -> None:
    assert masked(said, True) == expected


@pytest.mark.parametrize(
    "plain",
    [
        "2024年3月15日，1999-2024，20240315",
        "订单号：13812345678",
        "Order no. 13812345678 shipped",
        "圆周率3.14159265358979",
        "0.13812345678",
        "version 10.15.7.1234",
        "v1.2.3.4",
        "版本号 12.34.56.78",
        "Chrome/120.0.0.0",
        "nginx 2.14.3.1",
        "127.0.0.1 192.168.1.10 10.0.0.1",
        "999.300.1.2",
        "std::vector a::b",
        "12:30:45",
        "价格1,381,234,567元",
        "ISBN 978-7-02-000220-7",
        "1381234567",
        "138123456789",
        "abc13812345678def",
        "@someone 你好",
        "a@b",
        "sha 62ab13812345678f",
        "2024-12-31 23:59:59",
        "第3.1.2.4节",
        "QQ群 12345678",
        "1 000 000 000 000 000 000",
    ],
)
def test_what_is_not_personal_stays(plain: str) -> None:
    assert masked(plain, True) == plain
    assert masked(plain, False) == plain


@given(st.integers(1000, 2999), st.integers(1, 12), st.integers(1, 31), st.integers(0, 86_399))
def test_dates_and_times_stay(year: int, month: int, day: int, second: int) -> None:
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    for plain in (
        f"{year}-{month:02}-{day:02} {clock}",
        f"{year}{month:02}{day:02}",
        f"{year}年{month}月{day}日",
        f"{day}/{month}/{year}",
        f"{year}-{year + 1}",
        f"{year}{month:02}{day:02}{clock.replace(':', '')}",
    ):
        assert masked(plain, True) == plain


@given(st.lists(st.integers(0, 99), min_size=2, max_size=4))
def test_version_numbers_stay(parts: list[int]) -> None:
    number = ".".join(map(str, parts))
    for plain in (f"version {number}", f"v{number}", f"版本{number}", f"release-{number}"):
        assert masked(plain, False) == plain


@given(st.text(alphabet="0123456789 -.@:()abX+手\n", max_size=120))
def test_masking_twice_changes_nothing_more(said: str) -> None:
    once = masked(said, True)
    assert masked(once, True) == once


@pytest.mark.parametrize(
    "hostile",
    [
        "1" * 200_000,
        "1 " * 100_000,
        "1." * 100_000,
        "a" * 200_000 + "@",
        "a.a-" * 50_000 + "@" * 50_000,
        "a@" * 100_000,
        "a@b." * 50_000,
        "2001:" * 40_000,
        "1-3-" * 50_000,
        "138 " * 50_000,
        "(010) " * 30_000,
    ],
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    began = time.process_time()
    masked(hostile, True)
    assert time.process_time() - began < 3
