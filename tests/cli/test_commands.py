from __future__ import annotations

from pathlib import Path

import pytest

from zaohua.cli.commands import COMMANDS, run
from zaohua.cli.conversation import Conversation
from zaohua.errors import UsageError
from zaohua.text.instructions import CHINESE


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation("small")
    talk.ask("one")
    talk.answered("1")
    return talk


def test_help_lists_every_command(talk: Conversation):
    said = run("/help", talk).say
    for command in COMMANDS:
        assert f"/{command.name}" in said
    assert max(map(len, said.splitlines())) <= 80


def test_model_shows_and_changes(talk: Conversation):
    assert "small" in run("/model", talk).say
    run("/model large", talk)
    assert talk.model == "large"


def test_system_is_set_shown_and_dropped(talk: Conversation):
    assert run("/system", talk).say == "no system prompt"
    run("/system  Answer in rhymes. ", talk)
    assert talk.system == "Answer in rhymes."
    assert "rhymes" in run("/system", talk).say
    run("/system -", talk)
    assert talk.system == ""


def test_system_shows_the_default_of_a_chinese_talk(talk: Conversation):
    talk.messages.clear()
    talk.ask("你好")
    assert run("/system", talk).say == f"system: {CHINESE} (the default for Chinese)"


def test_temperature_is_set_and_dropped(talk: Conversation):
    run("/temperature 0.5", talk)
    assert talk.sampling.temperature == 0.5
    run("/temperature -", talk)
    assert talk.sampling.temperature is None


@pytest.mark.parametrize("line", ["/temperature hot", "/temperature -1", "/temperature nan"])
def test_a_wrong_temperature_is_refused(talk: Conversation, line: str):
    with pytest.raises(UsageError):
        run(line, talk)
    assert talk.sampling.temperature is None


def test_save_and_load(talk: Conversation, tmp_path: Path):
    path = tmp_path / "with space.json"
    assert "2 messages" in run(f"/save {path}", talk).say
    other = Conversation()
    assert "2 messages" in run(f"/load {path}", other).say
    assert other == talk


def test_a_failed_load_keeps_the_conversation(talk: Conversation, tmp_path: Path):
    before = list(talk.messages)
    with pytest.raises(UsageError):
        run(f"/load {tmp_path / 'missing.json'}", talk)
    assert talk.messages == before


@pytest.mark.parametrize("line", ["/save", "/load", "/load  "])
def test_save_and_load_need_a_file(talk: Conversation, line: str):
    with pytest.raises(UsageError, match="needs a file"):
        run(line, talk)


def test_regenerate_clear_and_exit(talk: Conversation):
    assert run("/regenerate", talk).next == "answer"
    assert [m.content for m in talk.messages] == ["one"]
    assert run("/clear", talk).next == "ask"
    assert talk.messages == []
    assert run("/exit", talk).next == "leave"


def test_the_start_of_a_name_is_enough_if_it_is_the_only_one(talk: Conversation):
    assert run("/temp 0.3", talk).say == "temperature: 0.3"
    assert run("/e", talk).next == "leave"


@pytest.mark.parametrize("line", ["/", "/frob", "/s x", "/模型"])
def test_an_unknown_command_is_told(talk: Conversation, line: str):
    with pytest.raises(UsageError):
        run(line, talk)


def test_a_near_miss_names_the_command(talk: Conversation):
    with pytest.raises(UsageError, match="did you mean /temperature"):
        run("/temprature 1", talk)
