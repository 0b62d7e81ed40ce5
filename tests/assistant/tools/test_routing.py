"""What stands in a question in so many words is found; what could mean something else is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zaohua.assistant.tools.routing import calls_in


def found(question: str) -> tuple[str, dict[str, Any]] | None:
    calls = calls_in(question)
    return (calls[0].name, json.loads(calls[0].arguments)) if calls else None


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("What is 347 * 28?", "347 * 28"), ("请计算 1234 + 5678。", "1234 + 5678"),
        ("240的15%是多少？", "240的15%"), ("Calculate 15% of 2,480.", "15% of 2480"),
        ("125 乘以 36 等于几", "125 * 36"), ("2的10次方等于多少", "2^10"),
        ("(12.5 + 3) × 4 等于多少", "(12.5 + 3) × 4"), ("3600 元的 35% 是多少？", "3600的35%"),
        ("What is the square root of 1,764?", "sqrt(1764)"), ("13 的平方是多少？", "13^2"),
        ("What is 8,451 divided by 27?", "8451 / 27"), ("3.5万*2=?", "3.5万*2"),
    ],
)  # fmt: skip
def test_calculations(question: str, expression: str) -> None:
    assert found(question) == ("calculate", {"expression": expression})


@pytest.mark.parametrize(
    ("question", "value", "one", "two"),
    [
        ("5 miles in km", "5", "mile", "km"), ("How many cm are in 3 feet?", "3", "ft", "cm"),
        ("12斤是多少公斤？", "12", "斤", "kg"), ("98.6 °F to celsius", "98.6", "°F", "°C"),
        ("100 km/h 等于多少 m/s", "100", "km/h", "m/s"), ("3亩是多少平方米", "3", "亩", "m²"),
        ("Convert 72 degrees Fahrenheit to Celsius.", "72", "°F", "°C"),
        ("请把1,500米换算成公里", "1500", "m", "km"),
    ],
)  # fmt: skip
def test_conversions(question: str, value: str, one: str, two: str) -> None:
    assert found(question) == ("convert_unit", {"value": value, "from_unit": one, "to_unit": two})


@pytest.mark.parametrize(
    ("question", "call"),
    [
        ("今天几号？", ("today", {})),
        ("What's the date today?", ("today", {})),
        ("2026年10月1日是星期几？", ("weekday", {"date": "2026年10月1日"})),
        ("What weekday was July 20, 1969?", ("weekday", {"date": "july 20, 1969"})),
        ("2024-03-01到2024-12-25有多少天？",
         ("days_between", {"start": "2024-03-01", "end": "2024-12-25"})),
        ("Which date is 45 days after 2024-01-31?",
         ("add_to_date", {"start": "2024-01-31", "days": 45})),
        ("If I start on 2026-04-10, what date is it in 2 weeks?",
         ("add_to_date", {"start": "2026-04-10", "weeks": 2})),
        ("2024年3月1日之前2周是几号", ("add_to_date", {"start": "2024年3月1日", "weeks": -2})),
        ("今天之后100天是几月几日？", ("add_to_date", {"start": "今天", "days": 100})),
    ],
)  # fmt: skip
def test_dates(question: str, call: tuple[str, dict[str, Any]]) -> None:
    assert found(question) == call


@pytest.mark.parametrize(
    "question",
    [
        "", "你好", "Tell me a story about 3 cats and 5 dogs.", "3-5天能到吗？",
        "我住北京路 5-7 号，怎么走？", "电话 021-5551234 是多少", "What happened in 2024/25?",
        "How many people live in 3 countries?", "年假有几天？",
        "一件衣服 480 元，打七五折以后卖多少元？", "Is 2024-03-05 a good date?",
        "5 apples in a basket", "Compare 3*4 and 5*6: what is larger?", "1/0 等于多少",
        "3 kg in km", "What is 9**9**9?", "x" * 500 + " 1+1=?", "今天天气怎么样？",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_model(question: str) -> None:
    assert found(question) is None
