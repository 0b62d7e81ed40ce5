"""Dialogues as people have them: what is known, asked for, changed, dropped and handed over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assistant.flows.conftest import FILE, Talk
from zaohua.assistant.flows import Record
from zaohua.assistant.flows.values import Language

BOOKING = """version: 1
slots:
  day: {type: date, ask: "Which day?", ahead: true}
  sure: {type: yes/no, ask: "Sure?"}
flows:
  seat:
    title: A seat
    patterns: ['book a seat']
    steps:
      - ask: day
      - ask: sure
      - let: {left: day - today}
      - say: "{{ left }} days are left."
"""


def test_what_stands_in_the_question_is_not_asked_for(talk) -> None:
    assert talk("zh").say("B101 什么时候到期？") == "还有 3 天。"
    assert talk("en").say("When is b-101 due?") == "3 days are left."


def test_what_is_missing_is_asked_for_and_the_answer_understood(talk) -> None:
    one = talk("zh")
    assert one.say("我的书什么时候还") == "借阅编号是多少？"
    assert one.say("是 B102") == "山中来信已过期。"
    assert talk("en").say("when is my book due", "the number is B102") == (
        "Letters from the Hills is overdue."
    )


def test_a_whole_matter_with_rules_and_a_section_as_its_ground(talk) -> None:
    one = talk("en")
    assert one.say("renew please", "B101") == "The last four digits of your card?"
    assert one.say("1111") == "Has somebody reserved it?"
    assert one.say("no") == "The Lighthouse: It can be renewed. Are you sure?"
    done = one.step("yes please")
    assert done and done.reply == "The Lighthouse is renewed."
    assert done.facts["reserved"] == "no" and done.facts["number"] == "B101"
    assert [record.source for record in done.records] == ["loans.csv", "rules.yaml", "terms.md"]
    assert done.records[1].text == (
        "It can be renewed.\nTerms, section 2\ndue day: 30 November 2026\nreserved: no"
    )
    assert done.records[2] == Record("terms.md", "Renewal", "A loan can be renewed once.")


def test_facts_said_at_the_beginning_are_not_asked_for(talk) -> None:
    said = "我想续借 B101，没人预约"
    assert talk("zh").say(said, "1111") == "海边的灯塔：可以续借。确定吗？"


def test_no_is_an_answer_too(talk) -> None:
    assert talk("zh").say("续借 B101，没人预约", "1111", "不") == "可以续借。"


@pytest.mark.parametrize("said", ["不是 B102，是 B101", "B101，不是 B102", "not B102, it is B101"])
def test_what_is_denied_is_not_taken(talk, said: str) -> None:
    assert talk("zh").say("查到期", said) == "还有 3 天。"


def test_somebody_may_change_their_mind(talk) -> None:
    one = talk("en")
    one.say("renew B102")
    assert one.say("sorry, I mean B101") == "The last four digits of your card?"
    assert one.say("1111") == "Has somebody reserved it?"
    assert one.say("actually, when is it due?") == "3 days are left."


def test_a_question_in_between_is_left_to_others_and_the_matter_waits(talk) -> None:
    one = talk("zh")
    one.say("查到期")
    assert one.step("你们几点开门？") is None
    assert one.say("B101") == "还有 3 天。"


def test_after_many_other_questions_nobody_waits_any_more(talk) -> None:
    one = talk("en")
    one.say("renew")
    for _ in range(4):
        assert one.step("what are your opening hours?") is None
    assert one.say("B101") == "3 days are left."


@pytest.mark.parametrize(
    ("language", "first", "stop"),
    [
        ("zh", "续借", "算了，不用了"),
        ("en", "renew", "never mind, thanks"),
        ("en", "renew", "Cancel"),
    ],
)
def test_a_matter_can_be_dropped(talk, language, first: str, stop: str) -> None:
    one = talk(language)
    one.say(first)
    dropped = one.step(stop)
    assert dropped and dropped.said == "renew: broken off" and not dropped.handover
    assert one.step("1111") is None


def test_who_does_not_know_is_helped_and_the_third_time_offered_a_person(talk) -> None:
    one = talk("zh")
    one.say("查到期")
    assert one.say("不知道啊") == "编号在借书单上。\n\n借阅编号是多少？"
    assert one.say("嗯") == "抱歉，我没有看懂。\n\n借阅编号是多少？"
    stuck = one.step("那个绿的")
    assert stuck and not stuck.handover and stuck.reply
    assert stuck.reply.startswith("您写的是「那个绿的」。抱歉，我没有看懂。\n\n借阅编号是多少？")
    assert "回复“人工”" in stuck.reply


def stuck(talk: Talk, *said: str) -> Talk:
    """Somebody three of whose answers were of no use."""
    talk.say("when is my book due", *(said or ("hm", "B999", "the green one")))
    return talk


def test_after_three_answers_of_no_use_one_may_still_answer(talk) -> None:
    assert stuck(talk("en")).say("B101") == "3 days are left."


@pytest.mark.parametrize("wish", ["a person", "Yes, please!", "OK, pass it on to a human please"])
def test_a_person_takes_over_who_is_asked_for(read, wish: str) -> None:
    without_flow = FILE.replace("patterns: [人工, 'a person']", "patterns: [nobody]")
    last = stuck(Talk(read(without_flow))).step(wish)
    assert last and last.handover and last.handover.reason == "no usable answer in three tries"
    assert "The customer said: “the green one”" in last.handover.summary


@pytest.mark.parametrize("said", ["ok", "What are your opening hours?", "thanks anyway", "mhm"])
def test_nobody_is_called_who_is_not_asked_for(talk, said: str) -> None:
    one = stuck(talk("en"))
    assert one.step(said) is None
    assert one.step("yes") is None


def test_a_flow_may_say_that_a_person_takes_over_at_once(read) -> None:
    opens = "    opens_with: number\n"
    at_once = FILE.replace(opens, f"{opens}    stuck: hand over\n")
    one = Talk(read(at_once), "zh")
    last = [one.step(text) for text in ("查到期", "不知道啊", "嗯", "B999")][-1]
    assert last and last.handover and last.handover.reason == "三次没有得到能用的回答"
    assert "客户说过：「不知道啊」" in last.handover.summary


def test_a_number_that_is_not_there(talk) -> None:
    one = talk("en")
    assert one.say("due B999") == "There is no B999."
    assert one.say("B103") == "Winter Bread is overdue."


def test_what_was_said_before_counts_in_the_next_matter(talk) -> None:
    one = talk("en")
    one.say("when is B101 due")
    assert one.say("please renew it") == "The last four digits of your card?"
    assert talk("en").say("I have B102 here", "when is it due?") == (
        "Letters from the Hills is overdue."
    )


def test_a_row_is_not_shown_before_the_card_is_right(talk) -> None:
    one = talk("en")
    first, wrong = one.step("renew B101"), one.step("2222")
    assert first and wrong and not first.records and not wrong.records
    assert wrong.reply == "That is another card."
    assert "1111" not in str(one.flows.step(one.branch[:3], "en", one.branch[0].created_at.date()))


def test_hidden_columns_are_in_no_record(talk) -> None:
    one = talk("en")
    done = [one.step(text) for text in ("renew B101", "1111", "not reserved", "yes")][-1]
    assert done and "1111" not in done.records[0].text and "The Lighthouse" in done.records[0].text


def test_a_card_of_before_is_asked_for_again_for_another_loan(talk) -> None:
    one = talk("en")
    one.say("renew B101", "1111", "reserved")
    assert one.say("renew B102") == "The last four digits of your card?"
    assert one.say("2222") == "It cannot be renewed."


def test_a_number_alone_opens_a_matter(talk) -> None:
    assert talk("zh").say("B101") == "还有 3 天。"
    assert talk("zh").step("B101 的封面真好看") is None


def test_a_flow_that_only_follows_another(talk) -> None:
    assert talk("zh").step("还有几天") is None
    assert talk("zh").say("B101 到期了吗", "还有几天") == "还有 3 天。"


def test_a_flow_that_needs_a_slot_leaves_its_row_to_the_documents(talk) -> None:
    one = talk("en")
    assert one.step("how much is it") is None
    found = one.step("How much is the fee for Letters from the Hills?")
    assert found and found.reply is None
    assert found.records == (
        Record("loans.csv", "Loan", "title: Letters from the Hills\nfee: ¥1.50"),
    )
    assert found.facts == {"book": "Letters from the Hills"}


def test_sentences_like_the_examples(talk) -> None:
    assert talk("en").say("I'd like to keep this volume a bit longer") is not None
    assert talk("zh").say("这本图书我还想再看几天") == "借阅编号是多少？"
    assert talk("en").step("Do I need a card to borrow a volume?") is None


def test_a_section_answers_as_it_stands_and_a_matter_goes_on_waiting(talk) -> None:
    one = talk("en")
    one.say("renew B101")
    between = one.step("How often can a loan be renewed?")
    assert between and between.reply == "A loan can be renewed once."
    assert between.records == (Record("terms.md", "Renewal", "A loan can be renewed once."),)
    assert one.say("1111") == "Has somebody reserved it?"
    assert talk("zh").say("一本书可以续借几次？") == "可以续借一次。"
    assert talk("en").say("how can i pay the fee?") == "In cash."


def test_a_section_named_by_a_row_and_one_that_is_not_there(talk) -> None:
    assert talk("en").say("What is The Lighthouse about?") == "A tower by the sea."
    missing = talk("en").step("What is Winter Bread about?")
    assert missing and missing.reply is None and missing.records[0].source == "loans.csv"


def test_free_text_is_taken_whole_and_once_said_is_said_once(talk) -> None:
    one = talk("en")
    assert one.say("leave a note") == "Gladly.\n\nWhat shall I note?"
    noted = one.step("The Roof leaks, shelf B101")
    assert noted and noted.reply == "Noted." and noted.handover
    assert noted.handover.reason == "Note: The Roof leaks, shelf B101"


def test_free_text_may_look_like_a_question_to_the_documents(talk) -> None:
    one = talk("en")
    one.say("leave a note")
    assert one.say("How often can I renew?") == "A loan can be renewed once."
    noted = one.step("She told me how often it leaks")
    assert noted and noted.reply == "Noted."


def test_a_person_is_asked_for_in_the_middle_and_only_once(talk) -> None:
    one = talk("zh")
    one.say("续借 B101")
    first = one.step("转人工")
    assert first and first.handover
    assert first.handover.summary == (
        "事项：转人工\n编号：B101\n书：海边的灯塔\n客户说过：「续借 B101」\n客户说过：「转人工」"
    )
    again = one.step("人工！")
    assert again and again.handover is None
    assert again.reply == "这件事已经转给人工客服了，请稍等，他们会联系您。"


def test_a_bare_number_is_answered_in_the_language_before_it(talk) -> None:
    one = talk("zh")
    one.say("查到期")
    one.language = "en"  # what a turn makes of a message without a Chinese character
    assert one.say("B101") == "还有 3 天。"
    assert one.say("please, when is it due?") == "3 days are left."


def test_days_are_those_on_which_things_were_said(read) -> None:
    one = Talk(read(BOOKING))
    first = one.step("book a seat", days_ago=1)
    assert first and first.reply == "Which day?"
    assert one.step("then tomorrow", days_ago=1)
    assert one.say("yes") == "0 days are left."


RIDDLE = """version: 1
slots:
  guess: {type: number, ask: {zh: "我想的是几？", en: "Which number do I think of?"}}
flows:
  riddle:
    title: {zh: 猜数, en: A riddle}
    patterns: {zh: [猜数], en: ['\\briddle']}
    steps:
      - ask: guess
      - let: {guesses: rounds + 1}
      - when: guess == WANTED
        say: {zh: "对了，猜了 {{ guesses }} 次。", en: "Right, after {{ guesses }} guesses."}
      - back: {to: guess, times: 2, say: {zh: "不是 {{ guess }}。", en: "It is not {{ guess }}."}}
      - say: {zh: "是 WANTED。", en: "It was WANTED."}
"""


def riddle(read, wanted: str = "7", language: Language = "en") -> Talk:
    one = Talk(read(RIDDLE.replace("WANTED", wanted)), language)
    one.say("a riddle please")
    return one


def test_a_step_goes_back_and_asks_again(read) -> None:
    one = riddle(read)
    assert one.say("3") == "It is not 3.\n\nWhich number do I think of?"
    assert one.say("8") == "It is not 8.\n\nWhich number do I think of?"
    assert one.say("7") == "Right, after 3 guesses."


def test_a_step_goes_back_so_many_times(read) -> None:
    one = riddle(read)
    assert one.say("1", "2", "3") == "It was 7."
    assert one.step("4") is None
    assert one.say("one more riddle", "5") == "It is not 5.\n\nWhich number do I think of?"


def test_what_was_known_before_stays_known_and_what_was_worked_out_does_not(read) -> None:
    when = "      - when: rules.may_renew and not sure\n"
    again = f"{when}        back: {{to: card, times: 1, say: Once more.}}\n"
    cite = '        cite: {zh: ["terms.md#续借"], en: ["terms.md#Renewal"]}\n'
    one = Talk(read(FILE.replace(cite, cite + again)))
    one.say("renew B101", "1111", "not reserved")
    assert one.say("no") == "Once more.\n\nThe last four digits of your card?"
    assert one.say("1111") == "Has somebody reserved it?"
    assert one.say("reserved") == "It cannot be renewed."


def test_the_dialogue_of_the_manual(read) -> None:
    for name in ("flows.md", "flows.zh-CN.md"):
        manual = (Path(__file__).parents[3] / "docs" / name).read_text("utf-8")
        assert RIDDLE.replace("WANTED", "7") in manual


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("-5", "-5"),
        ("-5", "−5"),
        ("-5", "minus five"),
        ("-5", "负五"),
        ("-5", "应该是零下 5 吧"),
        ("0.75", "3/4"),
        ("0.75", "¾"),
        ("0.75", "我算出来是四分之三"),
        ("1.75", "1¾"),
        ("1.5", "1 1/2"),
        ("1.5", "1,5"),
        ("1500", "1,500"),
        ("-2.5", "I think it is -2,5"),
        ("5", "it's 5"),
    ],
)
def test_numbers_as_people_answer_with_them(read, wanted: str, said: str) -> None:
    assert riddle(read, wanted).say(said) in ("Right, after 1 guesses.", "对了，猜了 1 次。")


@pytest.mark.parametrize("said", ["两三个", "十几个", "2-3", "two or three", "a few"])
def test_about_how_many_is_no_number(read, said: str) -> None:
    reply = riddle(read).say(said)
    assert reply in (
        "请给一个确定的数。\n\n我想的是几？",
        "Please give one exact number.\n\nWhich number do I think of?",
    )


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_nothing_that_is_said_breaks_it(talk, said: list[str]) -> None:
    one = talk("zh")
    for text in ("续借 B101", *said):
        one.step(text)


@pytest.mark.slow
def test_the_same_branch_gives_the_same_whatever_the_seed_of_hashes(folder: Path, talk) -> None:
    talk("en")
    program = (
        "from pathlib import Path; from tests.assistant.flows.conftest import Talk;"
        "from zaohua.assistant.flows import read_flows;"
        "from zaohua.knowledge.rules import load_rules;"
        f"f = Path({str(folder)!r});"
        "t = Talk(read_flows(f / 'flows.yaml', f / 'tables', load_rules(f / 'rules.yaml')));"
        "print([t.step(x) for x in ('keep the book longer', 'B101', '1111', 'hm', 'reserved')])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1 and "It cannot be renewed." in said.pop()


def test_long_dialogues_stay_fast(talk) -> None:
    one: Talk = talk("zh")
    for number in range(30):
        one.step(f"第 {number} 个问题：书架在哪里？")
    begin = time.perf_counter()
    one.step("续借 B101")
    assert time.perf_counter() - begin < 1
