"""Questions that tools can answer: own ones, in both languages, with what an answer must hold.

``TUNED`` was at hand while `zaohua.assistant.tools.routing` was written, ``HELD_OUT`` was written
afterwards and changed nothing in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["arithmetic", "units", "dates"]


@dataclass(frozen=True)
class Question:
    """``wanted`` is a number, an ISO date or an English weekday."""

    kind: Kind
    text: str
    wanted: str


def _of(kind: Kind, *pairs: tuple[str, str]) -> tuple[Question, ...]:
    return tuple(Question(kind, text, wanted) for text, wanted in pairs)


TUNED = (
    *_of(
        "arithmetic",
        ("What is 347 * 28?", "9716"),
        ("Calculate 15% of 2,480.", "372"),
        ("What is the square root of 1764?", "42"),
        ("What is 8,451 divided by 27?", "313"),
        ("How much is (12.5 + 3.7) * 14?", "226.8"),
        ("Please work out 2 to the power of 15.", "32768"),
        ("A shop sells 38 boxes a day at 47 dollars each. How many dollars is that a day?", "1786"),
        ("请计算 5678 + 9877。", "15555"),
        ("125 乘以 368 等于几？", "46000"),
        ("3600 的 35% 是多少？", "1260"),
        ("9.9 减 3.75 等于多少？", "6.15"),
        ("1024 除以 64 再加上 17 等于多少？", "33"),
        ("13 的平方是多少？", "169"),
        ("一件衣服 480 元，打七五折以后卖多少元？", "360"),
    ),
    *_of(
        "units",
        ("How many kilometres are 26 miles?", "41.84"),
        ("Convert 72 degrees Fahrenheit to Celsius.", "22.22"),
        ("How many grams are in 5 ounces?", "141.75"),
        ("What is 180 cm in feet?", "5.906"),
        ("3 gallons in litres?", "11.356"),
        ("How many square metres are in 2.5 acres?", "10117"),
        ("A car drives 100 km/h. How many miles per hour is that?", "62.14"),
        ("7 斤是多少克？", "3500"),
        ("12 亩等于多少平方米？", "8000"),
        ("身高 6 英尺是多少厘米？", "182.88"),
        ("华氏 104 度是多少摄氏度？", "40"),
        ("15 里是多少公里？", "7.5"),
        ("25 米每秒等于多少公里每小时？", "90"),
    ),
    *_of(
        "dates",
        ("What day of the week was July 20, 1969?", "Sunday"),
        ("How many days are there between 2024-03-01 and 2024-12-25?", "299"),
        ("Which date is 45 days after 2023-11-20?", "2024-01-04"),
        ("What is the date 100 days before May 1, 2025?", "2025-01-21"),
        ("How many days is it from January 15, 2026 to April 2, 2026?", "77"),
        ("What weekday is 2027-02-14?", "Sunday"),
        ("3 months after 2025-08-31 is which date?", "2025-11-30"),
        ("2026 年 10 月 1 日是星期几？", "Thursday"),
        ("从 2025 年 2 月 10 日到 2025 年 6 月 30 日有多少天？", "140"),
        ("2024 年 1 月 31 日之后 60 天是哪一天？", "2024-03-31"),
        ("1999 年 12 月 31 日是星期几？", "Friday"),
        ("2025 年 5 月 6 日往后 3 个星期是几月几日？", "2025-05-27"),
        ("2023 年 3 月 8 日到 2023 年 8 月 3 日一共几天？", "148"),
    ),
)

HELD_OUT = (
    *_of(
        "arithmetic",
        ("Could you multiply 86 by 97 for me?", "8342"),
        ("I need the result of 4,096 - 1,789.", "2307"),
        ("What's 0.35 × 640?", "224"),
        ("If a ticket costs 24.50, what do 16 tickets cost?", "392"),
        ("帮我算一下 37×(45-18)。", "999"),
        ("把 7260 平均分给 12 个人，每人多少？", "605"),
        ("2 的 12 次方是多少", "4096"),
    ),
    *_of(
        "units",
        ("How long is a 10 km run in miles?", "6.214"),
        ("What's 350 °F in °C?", "176.67"),
        ("My bag weighs 23 kg. What is that in pounds?", "50.71"),
        ("How many millilitres does a 2 cup measure hold?", "473.18"),
        ("我买了 3.5 公斤苹果，合多少斤？", "7"),
        ("90 平方米的房子是多少平方英尺？", "968.75"),
        ("摄氏 37 度换成华氏是多少？", "98.6"),
    ),
    *_of(
        "dates",
        ("On which weekday does Christmas, December 25, 2030, fall?", "Wednesday"),
        ("Count the days from 2025-09-01 to 2025-11-15.", "75"),
        ("If I start on 2026-04-10, what date will it be after 30 days?", "2026-05-10"),
        ("2030 年 6 月 1 日是礼拜几？", "Saturday"),
        ("合同从 2024 年 7 月 15 日起满 90 天是哪天？", "2024-10-13"),
        ("2025 年 1 月 1 日离 2025 年 10 月 1 日还有几天？", "273"),
    ),
)
