"""Follow-up questions as they stand by themselves."""

from __future__ import annotations

import pytest
from bench.answering import branch, follows
from bench.follow_ups import AFTER, BEFORE

from zaohua.assistant.turn.understanding import understand


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pairs(language: str) -> None:
    rows = (*BEFORE[language], *AFTER[language])
    wrong = [(row[0], row[1], understand(branch(row)).standing) for row in rows if not follows(row)]
    assert len(wrong) <= 0.1 * len(rows), wrong


@pytest.mark.parametrize(
    ("before", "question", "standing"),
    [
        (("拆开的商品可以退吗？",), "那定制的呢？", "定制的商品可以退吗？"),
        (("蓝鲸台灯多少钱？",), "它保修多久？", "蓝鲸台灯保修多久？"),
        (("蓝鲸台灯多少钱？", "谢谢！", "那保修多久？"), "有几种颜色？", "蓝鲸台灯有几种颜色？"),
        (("周一几点开门？",), "周日呢？", "周日几点开门？"),
        (("Can I return opened goods?",), "and custom ones?", "Can I return custom goods?"),
        (("How much is the Whale lamp?",), "How long is its warranty?", "How long is the Whale lamp's warranty?"),
        (("What is the daily limit of aspirin for adults?",), "And of ibuprofen?", "What is the daily limit of ibuprofen for adults?"),
        (("How long does the paint dry on wood?",), "And on stone?", "How long does the paint dry on stone?"),
        (("When do you open on Monday?", "Thanks!"), "And on Sunday?", "When do you open on Sunday?"),
    ],
)  # fmt: skip
def test_standing(before: tuple[str, ...], question: str, standing: str) -> None:
    read = understand(branch((before, question, (), ())))
    assert (read.standing, read.built) == (standing, True)


@pytest.mark.parametrize("question", ["什么情况要看医生？", "什么时候去医院？", "何时可以停药？"])
def test_when_to_do_what_is_done_about_anything(question: str) -> None:
    leaning = understand(branch((("鼻窦炎怎么护理？",), question, (), ())))
    assert leaning.query.startswith("鼻窦炎") and leaning.leans
    other = "什么情况要看骨折专科门诊？"
    assert understand(branch((("鼻窦炎怎么护理？",), other, (), ()))).query == other


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("蓝鲸台灯多少钱？", "今天天气怎么样？"),
        ("蓝鲸台灯多少钱？", "怎么做红烧肉？"),
        ("How much is the Whale lamp?", "What is the weather like today?"),
        ("How much is the Whale lamp?", "Who wrote Hamlet?"),
    ],
)
def test_another_topic_stands_alone(before: str, question: str) -> None:
    assert understand(branch(((before,), question, (), ()))).standing == question
