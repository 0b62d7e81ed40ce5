from __future__ import annotations

import json
from pathlib import Path

import pytest

from zaohua.cli.conversation import Conversation
from zaohua.errors import UsageError
from zaohua.generate.failures import RequestRefused
from zaohua.generate.request import Message, Sampling
from zaohua.text.instructions import CHINESE


def test_a_request_has_the_system_prompt_first_and_all_turns():
    talk = Conversation("m", "Be brief.")
    talk.ask("one")
    talk.answered("1")
    request = talk.ask("two")
    assert [(m.role, m.content) for m in request.messages] == [
        ("system", "Be brief."),
        ("user", "one"),
        ("assistant", "1"),
        ("user", "two"),
    ]


def test_a_talk_that_begins_in_chinese_has_a_chinese_system_prompt_unless_told_otherwise():
    talk = Conversation()
    assert talk.ask("请问，如何做好时间管理？").messages[0] == Message("system", CHINESE)
    talk.answered("列出要做的事。")
    assert talk.ask("And in English?").messages[0] == Message("system", CHINESE)
    talk.system = "答得短些。"
    assert [m.content for m in talk.request().messages if m.role == "system"] == ["答得短些。"]


def test_a_question_without_an_answer_gives_way_to_the_next():
    talk = Conversation()
    talk.ask("stopped before it began")
    assert [m.content for m in talk.ask("again").messages] == ["again"]


def test_regenerating_drops_the_last_answer_only():
    talk = Conversation()
    talk.ask("one")
    talk.answered("1")
    talk.ask("two")
    talk.answered("2")
    assert [m.content for m in talk.again().messages] == ["one", "1", "two"]


def test_there_is_nothing_to_regenerate_at_first():
    with pytest.raises(UsageError, match="nothing to regenerate"):
        Conversation().again()


def test_a_saved_conversation_comes_back_whole(tmp_path: Path):
    talk = Conversation("m", "系统", Sampling(temperature=0.5, seed=7, stop=("\n",)))
    talk.ask("你好")
    talk.answered("你好！")
    talk.save(tmp_path / "talk.json")
    assert Conversation.load(tmp_path / "talk.json") == talk
    assert "你好" in (tmp_path / "talk.json").read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["talk.json"]


def test_saving_where_one_may_not_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be saved"):
        Conversation().save(tmp_path / "no such folder" / "talk.json")


GOOD = {"format": "zaohua-session", "model": "m", "system": "", "sampling": {}, "messages": []}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        '"text"',
        "{}",
        json.dumps({**GOOD, "format": "other"}),
        json.dumps({**GOOD, "messages": [{"role": "root", "content": "x"}]}),
        json.dumps({**GOOD, "messages": [{"role": "user", "content": None}]}),
        json.dumps({**GOOD, "messages": [{"role": "user"}]}),
        json.dumps({**GOOD, "sampling": {"temperature": "hot"}}),
        json.dumps({**GOOD, "sampling": {"temperature": -1}}),
        json.dumps({**GOOD, "sampling": []}),
        json.dumps({**GOOD, "sampling": {"logit_bias": {"x": 1}}}),
    ],
)
def test_what_is_no_conversation_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "talk.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="not a saved conversation"):
        Conversation.load(path)


def test_binary_and_missing_files_are_refused(tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "missing", "."):
        with pytest.raises(UsageError):
            Conversation.load(tmp_path / name)


def test_unknown_sampling_fields_of_a_later_version_are_ignored(tmp_path: Path):
    path = tmp_path / "talk.json"
    path.write_text(json.dumps({**GOOD, "sampling": {"temperature": 1, "mirostat": 2}}))
    assert Conversation.load(path).sampling == Sampling(temperature=1)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), 1e9])
def test_an_impossible_temperature_changes_nothing(value: float):
    talk = Conversation(messages=[Message("user", "x")])
    with pytest.raises(RequestRefused):
        talk.set_temperature(value)
    assert talk.sampling.temperature is None
