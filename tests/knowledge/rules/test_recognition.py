"""What stands in a sentence: a table in Chinese and English, and properties of its parts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.knowledge.rules.conftest import TODAY
from zaohua.knowledge.rules import RuleBook
from zaohua.knowledge.rules.months import add_months, years_between
from zaohua.knowledge.rules.recognition.amounts import amounts_in
from zaohua.knowledge.rules.recognition.dates import dates_in
from zaohua.knowledge.rules.recognition.units import UNITS, converted
from zaohua.text.numerals import number


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


SHOP: list[tuple[str, dict[str, object]]] = [
    ("签收 9 天了，鞋子没穿过，能退吗", {"delivered": ago(9), "goods": "shoes", "used": False}),
    ("鞋子是2026年11月3日签收的", {"delivered": date(2026, 11, 3), "goods": "shoes"}),
    ("我11月3号收到的衣服", {"delivered": date(2026, 11, 3), "goods": "clothes"}),
    ("12月3日买的零食", {"delivered": date(2025, 12, 3), "goods": "food"}),
    ("昨天到货的运动鞋穿了一次", {"delivered": ago(1), "goods": "shoes", "used": True}),
    ("三天前买的外套，还没有拆封", {"delivered": ago(3), "goods": "clothes", "opened": False}),
    ("两周前签收", {"delivered": ago(14)}),
    ("半个月前买的", {"delivered": ago(15)}),
    ("一个月前收到", {"delivered": date(2026, 10, 27)}),
    ("一个半月前收到", {"delivered": date(2026, 10, 12)}),
    ("上周三签收的", {"delivered": date(2026, 11, 18)}),
    ("前天到货", {"delivered": ago(2)}),
    ("买了十五天了", {"delivered": ago(15)}),
    ("已经收到两个星期了", {"delivered": ago(14)}),
    ("二〇二六年十月一日签收", {"delivered": date(2026, 10, 1)}),
    ("2026-11-03 签收", {"delivered": date(2026, 11, 3)}),
    ("2026/11/3收到", {"delivered": date(2026, 11, 3)}),
    ("食品打开过了", {"goods": "food", "opened": True}),
    ("没拆开过", {"opened": False}),
    ("拆封了吗？", {}),
    ("有没有拆封都能退吗", {}),
    ("鞋子穿没穿过有关系吗", {"goods": "shoes"}),
    ("穿都没穿过", {"used": False}),
    ("不是没穿过", {"used": True}),
    ("从没用过，全新的", {"used": False}),
    ("衣服还没来得及穿过", {"goods": "clothes", "used": False}),
    ("如果穿过了还能退吗", {"used": True}),
    ("不是鞋子，是衣服", {"goods": "clothes"}),
    ("鞋子和衣服都能退吗", {}),
    ("花了¥129.5", {"price": Decimal("129.5")}),
    ("花了129.50元", {"price": Decimal("129.50")}),
    ("价格是一百二十元", {"price": Decimal(120)}),
    ("付了三千五块钱", {"price": Decimal(3500)}),
    ("付了 1.5 万元", {"price": Decimal(15000)}),
    ("花了三块五", {"price": Decimal("3.5")}),
    ("花了十块零五毛", {"price": Decimal("10.5")}),
    ("价格1.2万元", {"price": Decimal(12000)}),
    ("人民币 1,299 元买的", {"price": Decimal(1299)}),
    ("我付了 $40", {}),
    ("价格 129", {"price": Decimal(129)}),
    ("订单号：A20261103", {"order": "a20261103"}),
    ("The shoes were delivered 9 days ago, never worn", {"delivered": ago(9), "goods": "shoes", "used": False}),
    ("I received it two weeks ago", {"delivered": ago(14)}),
    ("bought on 3 Nov 2026", {"delivered": date(2026, 11, 3)}),
    ("delivered on November 3rd", {"delivered": date(2026, 11, 3)}),
    ("It arrived Nov 3, 2026.", {"delivered": date(2026, 11, 3)}),
    ("It arrived on the 3rd of November", {"delivered": date(2026, 11, 3)}),
    ("arrived on 11/3/2026", {}),
    ("arrived on 13/11/2026", {"delivered": date(2026, 11, 13)}),
    ("I bought it yesterday", {"delivered": ago(1)}),
    ("I bought it a week ago", {"delivered": ago(7)}),
    ("bought last Monday", {"delivered": date(2026, 11, 23)}),
    ("arrived a fortnight ago", {"delivered": ago(14)}),
    ("bought three months ago", {"delivered": date(2026, 8, 27)}),
    ("unopened food", {"goods": "food", "opened": False}),
    ("I haven't opened it yet", {"opened": False}),
    ("without opening the box", {"opened": False}),
    ("not worn but opened", {"used": False, "opened": True}),
    ("I wore the jacket once", {"goods": "clothes", "used": True}),
    ("Can I return worn shoes?", {"goods": "shoes", "used": True}),
    ("Has it been opened?", {}),
    ("brand new sneakers", {"goods": "shoes", "used": False}),
    ("it is not unopened", {"opened": True}),
    ("I paid 129.5 yuan", {"price": Decimal("129.5")}),
    ("the price was RMB 1,299", {"price": Decimal(1299)}),
    ("paid a hundred and twenty yuan", {"price": Decimal(120)}),
    ("order no. X99812A", {"order": "x99812a"}),
    ("delivered 9 days ago and paid ¥40", {"delivered": ago(9), "price": Decimal(40)}),
    ("hello", {}),
    ("你好，在吗", {}),
]  # fmt: skip

DOSES: list[tuple[str, dict[str, object]]] = [
    ("每次吃500毫克，每天三次", {"dose": Decimal(500), "often": Decimal(3)}),
    ("一次5 mg，一日两次", {"dose": Decimal(5), "often": Decimal(2)}),
    ("一次零点五克", {"dose": Decimal(500)}),
    ("孩子3岁，体重15公斤", {"age": Decimal(3), "weight": Decimal(15)}),
    ("宝宝6个月大，8.5kg", {"age": Decimal("0.5"), "weight": Decimal("8.5")}),
    ("体重三十斤", {"weight": Decimal(15)}),
    ("每8小时吃一次", {"often": Decimal(3)}),
    ("隔了4个小时", {"waited": Decimal(4)}),
    ("隔了两个半小时", {"waited": Decimal("2.5")}),
    ("烧到38.5度", {"fever": Decimal("38.5")}),
    ("体温 39℃，没有怀孕", {"fever": Decimal(39), "pregnant": False}),
    ("I take 500 mg three times a day", {"dose": Decimal(500), "often": Decimal(3)}),
    ("a dose of 0.5 g twice daily", {"dose": Decimal(500), "often": Decimal(2)}),
    ("500mg every 6 hours", {"dose": Decimal(500), "often": Decimal(4)}),
    ("a 3 year old child of 15 kg", {"age": Decimal(3), "weight": Decimal(15)}),
    ("He is 34 years old", {"age": Decimal(34)}),
    ("I weigh 100 lb", {"weight": Decimal("45.359237")}),
    ("two hours since the last one", {"waited": Decimal(2)}),
    ("she's not pregnant", {"pregnant": False}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SHOP)
def test_of_the_shop(shop: RuleBook, text: str, wanted: dict[str, object]) -> None:
    assert shop.facts_in(text, today=TODAY) == wanted


@pytest.mark.parametrize(("text", "wanted"), DOSES)
def test_of_doses(doses: RuleBook, text: str, wanted: dict[str, object]) -> None:
    assert doses.facts_in(text, today=TODAY) == wanted


def test_the_table_is_long_enough() -> None:
    assert len(SHOP) + len(DOSES) >= 60


def test_words_of_one_language_alone(shop: RuleBook) -> None:
    assert shop.facts_in("worn 鞋子", "zh", TODAY) == {"goods": "shoes"}
    assert shop.facts_in("worn 鞋子", "en", TODAY) == {"used": True}


_PLACES = ("", "十", "百", "千")


def chinese(value: int) -> str:
    """``value`` below 10^12 as it is written in full."""
    if value == 0:
        return "零"
    text, zero = "", False
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = value // unit % 10**4
        if not part:
            zero = bool(text)
            continue
        if text and (zero or part < 1000):
            text += "零"
        text += _four(part) + name
        zero = False
    return text.replace("一十", "十", 1) if text.startswith("一十") else text


def _four(value: int) -> str:
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return text


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905


def english(value: int) -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    for unit, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= unit:
            rest = value % unit
            joint = " and " if unit == 100 else " "
            return f"{english(value // unit)} {name}" + (joint + english(rest) if rest else "")
    raise AssertionError


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_are_read_back(value: int) -> None:
    assert number(chinese(value)) == value


@given(st.integers(0, 10**8))
def test_english_numerals_are_read_back(value: int) -> None:
    assert number(english(value)) == value


@given(st.decimals(0, 10**9, places=3), st.booleans())
def test_figures_are_read_exactly(value: Decimal, grouped: bool) -> None:
    assert number(f"{value:,}" if grouped else f"{value}") == value


@given(st.text("零一二两三十百千万亿点半", max_size=12))
def test_no_run_of_numerals_breaks_it(text: str) -> None:
    found = number(text)
    assert found is None or found >= 0


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    plain = text.lower()
    dates_in(plain, TODAY)
    for amount in amounts_in(plain):
        assert 0 <= amount.start < amount.end <= len(plain)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两百五", 250), ("一万二", 12000), ("一百零二", 102), ("一千零二十", 1020), ("十二", 12),
        ("二〇二六", 2026), ("一万亿", 10**12), ("3千5百", 3500), ("1万2千", 12000),
        ("三点一四", Decimal("3.14")), ("一点五万", 15000), ("半", Decimal("0.5")), ("a dozen", 12),
        ("one and a half", Decimal("1.5")), ("a couple of", 2), ("百百", None), ("五五十", None),
        ("five five", None),
    ],
)  # fmt: skip
def test_numbers_as_people_say_them(text: str, value: Decimal | int | None) -> None:
    assert number(text) == value


UNIT = st.sampled_from([unit for unit in UNITS if unit.words[0]])


@given(st.decimals(0, 10**6, places=2), UNIT)
def test_an_amount_is_found_with_its_unit(value: Decimal, unit) -> None:
    for word in unit.words:
        [found] = amounts_in(f"约 {value} {word} 左右")
        assert (found.value, found.unit) == (value, unit)


@given(st.integers(0, 10**6), UNIT, UNIT)
def test_units_become_one_another_and_back(value: int, one, other) -> None:
    there = converted(Decimal(value), one, other)
    if there is None:
        assert one.dimension != other.dimension
    else:
        back = converted(there, other, one)
        assert back is not None
        assert abs(back - value) < Decimal("1e-15")


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_a_day_is_read_in_every_spelling(day: date) -> None:
    for text in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年 {day.month} 月 {day.day} 号",
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.day} {day:%B} {day.year}".lower(),
        f"{day:%b} {day.day}, {day.year}".lower(),
        f"the {day.day}th of {day:%B} {day.year}".lower(),
        f"{''.join('〇一二三四五六七八九'[int(c)] for c in str(day.year))}年{chinese(day.month)}月{chinese(day.day)}日",
    ):
        assert [one.value for one in dates_in(text, TODAY)] == [day], text


@given(st.integers(0, 4000))
def test_days_ago(days: int) -> None:
    for text in (
        f"{days}天前",
        f"{chinese(days)}天以前",
        f"{days} days ago",
        f"{english(days)} days ago",
    ):
        assert [one.value for one in dates_in(text, TODAY)] == [ago(days)], text


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_go_to_the_same_day_or_the_last(day: date, months: int) -> None:
    there = add_months(day, months)
    assert (there.year - day.year) * 12 + there.month - day.month == months
    assert there.day == day.day or (there + timedelta(days=1)).day == 1


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 90))
def test_an_age_changes_on_the_birthday(born: date, age: int) -> None:
    birthday = add_months(born, 12 * age)
    assert years_between(born, birthday) == age or (born.month, born.day) == (2, 29)
    assert years_between(born, birthday - timedelta(days=1)) == age - 1 or age == 0


def test_a_day_without_a_year_lies_behind_or_ahead() -> None:
    [behind] = dates_in("12月3日", TODAY)
    [ahead] = dates_in("12月3日", TODAY, ahead=True)
    assert (behind.value, ahead.value) == (date(2025, 12, 3), date(2026, 12, 3))
    assert dates_in("2月29日", TODAY)[0].value == date(2024, 2, 29)
    assert dates_in("2月30日", TODAY) == []
