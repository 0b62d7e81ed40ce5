"""Whether what is said is what was asked, said where the sources say that."""

from __future__ import annotations

import pytest

from zaohua.knowledge.grounding import Fit, asks_for

SYRUP_ZH = (
    "止咳糖浆\n成人每次 10 毫升，间隔 6 小时，24 小时不超过 40 毫升。儿童每次 5 毫升，一天最多 15 毫升。"
    "开封后可以存放 3 个月，未开封可以存放两年。"
)
SYRUP_EN = (
    "Cough syrup\nAdults take 10 ml each time, 6 hours apart, at most 40 ml in 24 hours. "
    "Children take 5 ml each time. Opened bottles keep for 3 months, unopened ones for 2 years."
)
PARKING_ZH = "停车\n| 车型 | 每小时 | 一天最多 |\n|---|---|---|\n| 小车 | 5 元 | 40 元 |\n| 货车 | 8 元 | 70 元 |"
CLUB_ZH = "健身房\n会员卡可以转让一次，手续费 50 元。"
CLUB_EN = "Gym\nA membership can be passed on once, for a fee of 50 euros."


@pytest.mark.parametrize(
    ("question", "source", "right", "wrong"),
    [
        ("成人一天最多喝多少毫升？", SYRUP_ZH, "成人一天最多 40 毫升。", "成人一天最多喝 10 毫升。"),
        ("成人一次喝多少？", SYRUP_ZH, "成人一次 10 毫升。", "成人一次喝 40 毫升。"),
        ("儿童每次喝多少？", SYRUP_ZH, "儿童每次 5 毫升。", "儿童每次 10 毫升。"),
        ("开封后能放多久？", SYRUP_ZH, "开封后可以放 3 个月。", "开封后可以放 6 小时。"),
        ("What is the daily limit for adults?", SYRUP_EN, "Adults: 40 ml a day.", "The daily limit for adults is 10 ml."),
        ("How much do children take each time?", SYRUP_EN, "Children take 5 ml each time.", "Children take 10 ml each time."),
        ("How long do opened bottles keep?", SYRUP_EN, "Opened bottles keep 3 months.", "Opened bottles keep for 2 years."),
        ("货车停一小时多少钱？", PARKING_ZH, "货车每小时 8 元。", "货车停一小时 5 元。"),
    ],
)  # fmt: skip
def test_a_number_of_something_else_is_misplaced(
    question: str, source: str, right: str, wrong: str
) -> None:
    fit = Fit.of(question, [source])
    assert fit.misplaced(right) == []
    assert fit.misplaced(wrong)


def test_a_sentence_that_tells_all_numbers_is_not_misplaced() -> None:
    for question, source in (("成人怎么吃？", SYRUP_ZH), ("How do adults take it?", SYRUP_EN)):
        [sentence, *_] = source.partition("\n")[2].replace(". ", "。").split("。")
        assert Fit.of(question, [source]).misplaced(sentence) == []


@pytest.mark.parametrize(
    ("question", "source", "echo", "told"),
    [
        ("会员卡能转让吗？", CLUB_ZH, "会员卡能转让。", "会员卡可以转让一次，手续费 50 元。"),
        ("会员卡能转让吗？", CLUB_ZH, "会员卡确实不能随便转让给别人。", "可以转让，要手续费。"),
        ("Can a membership be passed on?", CLUB_EN, "Yes, a membership can be passed on.", "It can be passed on once, for 50 euros."),
        ("Is a membership free?", CLUB_EN, "The sources say that a membership is free.", "There is a fee of 50 euros."),
    ],
)  # fmt: skip
def test_the_question_again_is_an_echo(question: str, source: str, echo: str, told: str) -> None:
    fit = Fit.of(question, [source])
    assert fit.echoes(echo, [1])
    assert not fit.echoes(told, [1])


@pytest.mark.parametrize(
    ("question", "without", "given"),
    [
        ("要连续吃几天？", "每天吃两次。", "要吃 7 天。"),
        ("手续费是多少？", "转让要交手续费。", "手续费是 50 元。"),
        ("限量是多少毫升？", "不要超过限量。", "40 毫升。"),
        ("For how long do bottles keep?", "Bottles keep in the fridge.", "For 3 months."),
        ("What is the limit for adults?", "There is a limit for adults.", "40 ml in 24 hours."),
        ("工作 3 年补几个月工资？", "工作 3 年有补偿。", "补 3.5 个月工资。"),
    ],
)
def test_who_asks_for_a_figure_gets_one(question: str, without: str, given: str) -> None:
    fit = Fit.of(question, [SYRUP_ZH])
    assert not fit.gives(without)
    assert fit.gives(given)
    assert Fit.of("为什么？", [SYRUP_ZH]).gives(without)


def test_what_is_said_by_a_source_about_something_else() -> None:
    fit = Fit.of(
        "糖浆怎么喝？\n什么时候要看医生？",
        ["高原反应\n头痛要看医生。", "糖浆\n糖浆喝了没用要看医生。"],
    )
    assert (fit.about([1]), fit.about([2])) == (False, True)


def test_what_is_left_open() -> None:
    fit = Fit.of("会员卡怎么转让给朋友？", ["转让\n转让给朋友要带身份证。"])
    assert fit.open_beside("会员卡每月 50 元。")
    assert not fit.open_beside("会员卡转让给朋友要 50 元。")
    assert not Fit.of("会员卡贵不贵？", ["转让\n转让要带身份证。"]).open_beside("会员卡 50 元。")


def test_whether_somebody_asks_the_same() -> None:
    assert asks_for("布洛芬一天最多吃几次？", "一天几次？")
    assert not asks_for("布洛芬孩子能吃吗？", "体重多少公斤？")
    assert asks_for("How many times a day may I take it?", "How many times a day?")


def test_the_last_question_is_to_be_answered() -> None:
    fit = Fit.of(
        "糖浆怎么存放？\n什么情况要看医生？", ["糖浆\n糖浆放在阴凉处存放。咳嗽超过一周要看医生。"]
    )
    assert not fit.answers("糖浆放在阴凉处存放。")
    assert fit.answers("超过一周要看医生。")


def test_what_is_low_is_not_what_is_high() -> None:
    source = "Values\nA resting pulse of 100 beats or more is high. A resting pulse below 50 beats is low."
    fit = Fit.of("Below which value is a pulse low?", [source])
    assert fit.misplaced("A resting pulse of 100 beats or more is low.")
    assert fit.misplaced("A resting pulse below 50 beats is low.") == []


def test_who_asks_for_a_person_gets_no_figure() -> None:
    assert Fit.of("会员卡由谁办理？", [CLUB_ZH]).gives("会员卡由前台办理。")
    assert Fit.of("Who issues a membership?", [CLUB_EN]).gives("The front desk issues it.")


SHOP = (
    "五金店 › 退换货\n商品售出 7 天内，包装完好、未使用，凭小票可以退货。特价商品不退。\n"
    "满 200 元，五公里以内免费送货，下午五点前下单当天送到。"
)
TERMS = "五金店 › 退换货\n7 天内可以退货。包装须完好，凭小票。"


@pytest.mark.parametrize(
    ("sentence", "source", "of_something_else"),
    [
        ("退货要满 200 元，五公里以内免费送货。", SHOP, True),
        ("退货要在售出 7 天内，包装完好，凭小票。", SHOP, False),
        ("满 200 元，五公里以内免费送货。", SHOP, False),
        ("退货时包装须完好，凭小票。", TERMS, False),
    ],
)
def test_what_is_said_of_another_thing_is_not_said_of_this_one(
    sentence: str, source: str, of_something_else: bool
) -> None:
    assert Fit.of("退货要什么条件？", [source]).transplants(sentence, [1]) is of_something_else
