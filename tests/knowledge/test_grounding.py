"""Sentences of an answer held against their sources."""

from __future__ import annotations

import pytest

from zaohua.knowledge.grounding import claims

RETURNS = (
    "退货政策：商品签收后14天内可以退货，商品须未使用、包装完好。"
    "退款在收到退回商品后3个工作日内原路退回。定制商品不支持退货。"
)
SHIPPING = "配送：订单满99元包邮，不足99元收取8元运费。由顺丰速运承运，一般48小时内发货。"
POLICY = (
    "Returns: goods may be returned within 14 days of delivery if they are unused. "
    "Refunds reach the original card within 3 working days. Gift cards cannot be refunded."
)


def verdicts(answer: str, *sources: str, question: str = "") -> list[tuple[str, tuple[int, ...]]]:
    return [(one.verdict, one.numbers) for one in claims(answer, sources, question)]


def test_said_in_other_numerals() -> None:
    assert verdicts("签收后十四天内可以退货。", RETURNS, SHIPPING) == [("supported", (1,))]
    told = "You may return goods within fourteen days of delivery."
    assert verdicts(told, POLICY) == [("supported", (1,))]


def test_a_wrong_number_is_named() -> None:
    [claim] = claims("商品签收后30天内可以退货。", [RETURNS, SHIPPING])
    assert (claim.verdict, claim.missing) == ("unsupported", ("30",))
    [claim] = claims("Refunds reach the original card within 5 working days.", [POLICY])
    assert (claim.verdict, claim.missing) == ("unsupported", ("5",))


def test_a_wrong_name_is_named() -> None:
    [claim] = claims("订单满99元包邮，由中通FastGo承运。", [SHIPPING])
    assert claim.missing == ("FastGo",)
    [claim] = claims("Goods may be returned to Northwind Store within 14 days.", [POLICY])
    assert claim.missing == ("Northwind Store",)


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("定制商品支持退货。", RETURNS),
        ("商品签收后14天内不可以退货。", RETURNS),
        ("Gift cards can be refunded, as cards were refunded.", POLICY),
    ],
)
def test_a_denial_turned_round(answer: str, source: str) -> None:
    assert verdicts(answer, source)[0][0] == "unsupported"


def test_a_denial_kept() -> None:
    assert verdicts("定制商品是不支持退货的。", RETURNS) == [("supported", (1,))]
    assert verdicts("Gift cards cannot be refunded.", POLICY) == [("supported", (1,))]


def test_citations_are_read_and_put_right() -> None:
    answer = "满99元包邮[2]。签收后14天内可以退货。[2]"
    assert verdicts(answer, RETURNS, SHIPPING) == [("supported", (2,)), ("supported", (1,))]
    found = claims(answer, [RETURNS, SHIPPING])
    assert answer[found[1].start : found[1].end] == "签收后14天内可以退货。[2]"


def test_a_sentence_of_two_sources() -> None:
    answer = "签收后14天内可以退货，订单满99元包邮。"
    assert verdicts(answer, RETURNS, SHIPPING) == [("supported", (1, 2))]


def test_what_says_nothing_is_not_judged() -> None:
    answer = "您好！还有什么可以帮您的吗？"
    assert {verdict for verdict, _ in verdicts(answer, RETURNS)} == {"uncited"}
    assert verdicts("Hello! Anything else?", POLICY)[-1][0] == "uncited"


def test_what_the_question_states_may_be_repeated() -> None:
    answer = "您9天前签收，还在14天的退货期内，可以退货。"
    assert verdicts(answer, RETURNS)[0][0] == "unsupported"
    assert verdicts(answer, RETURNS, question="我9天前签收，能退货吗？")[0] == ("supported", (1,))


def test_in_other_words_altogether() -> None:
    [claim] = claims("我们的门店遍布全国各大城市，欢迎光临选购。", [RETURNS])
    assert (claim.verdict, claim.missing) == ("unsupported", ())


def test_two_languages_are_compared_by_their_facts() -> None:
    assert verdicts("签收后14天内可以退货。", POLICY) == [("supported", (1,))]
    assert verdicts("签收后15天内可以退货。", POLICY)[0][0] == "unsupported"


def test_nothing_to_stand_on() -> None:
    assert verdicts("签收后14天内可以退货。") == [("unsupported", ())]
    assert verdicts("", RETURNS) == []


HOURS = "博物馆开放时间为10点至17点，星期五延长到21点。"
LATE = "博物馆星期五从下午1点开到晚上9点。"
OPEN = "The museum opens at 10 on Fridays and closes at 21:00."
PM = "The museum is open from 6 to 9 p.m. on Fridays."


@pytest.mark.parametrize(
    ("answer", "source", "verdict"),
    [
        ("博物馆星期五延长到晚上10点。", HOURS, "unsupported"),
        ("博物馆星期五延长到晚上9点。", HOURS, "supported"),
        ("博物馆星期五开到21:00。", LATE, "supported"),
        ("博物馆星期五开到9点。", LATE, "supported"),
        (LATE, LATE, "supported"),
        ("The museum closes at 10 pm on Fridays.", OPEN, "unsupported"),
        ("The museum closes at 9 pm on Fridays.", OPEN, "supported"),
        ("The museum is open until 9 on Fridays.", PM, "supported"),
    ],
)
def test_an_hour_after_noon(answer: str, source: str, verdict: str) -> None:
    assert [one.verdict for one in claims(answer, [source])] == [verdict]
