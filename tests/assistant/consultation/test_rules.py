"""What rules make of a question: the figures that cases expect, nothing if one is missing."""

from __future__ import annotations

from datetime import date

from tests.assistant.consultation.conftest import SHIPPED, Consulting
from zaohua.knowledge.rules import load_rules
from zaohua.text.instructions import is_chinese

TODAY = date(2026, 11, 27)

SAID = {
    "medical": [
        ("一天吃 3 次扑热息痛，每次 2 片，每片 500 毫克", "3000 毫克"),
        ("两岁宝宝 24 斤，布洛芬一次的限量是多少？", "60～120"),
        ("体温 41.2 度", "41 ℃"),
        ("血糖 3.2 要紧吗", "3.9"),
        ("Two 500 mg tablets of paracetamol four times a day", "4000 mg"),
        ("My daughter is 3 years old, 33 lb: how much acetaminophen?", "150 to 225"),
        ("Her fever is 104.5 F", "40 °C"),
        ("My blood sugar is 60", "3.9"),
    ],
    "finance": [
        ("贷款 100 万，已还 3 年，年利率 3.6%，30 年等额本息，每月还多少", "4546.45"),
        ("1 万元年利率 6%，按月复利，存 10 年", "18193.97"),
        ("应纳税所得额 97 万元", "254580"),
        ("A mortgage of 300,000 at 0% for 25 years: what is the monthly payment?", "1000"),
        ("Invest 5,000 at 7% compounded yearly for 30 years", "38061.28"),
    ],
    "law": [
        ("在公司干了三年半被裁员，补偿多少？", "N = 4 "),
        ("工作了 2 年 3 个月，月薪 1.2 万被辞退，补偿多少", "30000"),
        ("月薪 8700 元，国庆加班 8 小时，加班费多少", "1200"),
        ("公司欠货款，2021 年 3 月 1 日到期，诉讼时效过了吗", "2024年3月1日"),
        ("2025 年 1 月 10 日被辞退，仲裁时效过了吗", "2026年1月10日"),
        ("借条约定年利率 24%，LPR 是 3.45%", "13.8"),
    ],
}
SILENT = {
    "medical": [
        "对乙酰氨基酚能退烧吗？",
        "孩子 15 公斤重吗",
        "11/27 打疫苗",
        "How safe is ibuprofen?",
    ],
    "finance": ["贷款利率怎么算？", "最低还款是多少？", "What is a loan?"],
    "law": ["工作三年多被辞退怎么赔？", "每天工作 10 小时，月薪 6000", "加班费怎么算？"],
}


def said(pack: Consulting, question: str) -> str:
    language = "zh" if is_chinese(question) else "en"
    facts = pack.book.facts_in(question, language, TODAY)
    outcomes = pack.book.evaluate(facts, language, TODAY)  # type: ignore[arg-type]
    assert not [one.problem for one in outcomes if one.problem and one.holds]
    return "\n".join(one.says for one in outcomes if one.holds and not one.missing)


def test_figures_of_the_cases(pack: Consulting) -> None:
    wrong = []
    for _, case in pack.cases():
        if case["expect"].get("cites") == [f"{pack.name}.yaml"]:
            text = said(pack, case["turns"][-1]).replace(",", "")
            if not all(any(one.replace(" ", "") in text.replace(" ", "") for one in row)
                       for row in case["expect"]["has"]):  # fmt: skip
                wrong.append((case["id"], case["expect"]["has"], text))
    assert wrong == []


def test_other_figures(pack: Consulting) -> None:
    wrong = [(q, w, said(pack, q)) for q, w in SAID[pack.name] if w not in said(pack, q)]
    assert wrong == []


def test_nothing_is_made_up(pack: Consulting) -> None:
    told = {question: said(pack, question) for question in SILENT[pack.name]}
    assert not any(told.values()), told


def test_a_rate_of_a_month_is_not_taken_for_one_of_a_year() -> None:
    book = load_rules(SHIPPED / "finance" / "rules" / "finance.yaml")
    facts = book.facts_in("月利率 1% 的贷款 10 万 2 年每月还多少等额本息？", "zh", TODAY)
    outcomes = book.evaluate(facts, "zh", TODAY)
    assert [one.rule for one in outcomes if one.holds] == ["rate-of-a-month"]


def test_the_loan_agrees_with_the_formula() -> None:
    book = load_rules(SHIPPED / "finance" / "rules" / "finance.yaml")
    for months in (1, 2, 17, 255, 256, 360, 511, 600):
        facts = {"loan": True, "principal": 100_000, "rate": 6, "months": months}
        [text] = [one.says for one in book.evaluate(facts) if one.rule == "loan-level-payment"]
        factor = 1.005**months
        payment = round(100_000 * 0.005 * factor / (factor - 1), 2)
        assert float(text.partition("takes ")[2].split()[0]) == payment
