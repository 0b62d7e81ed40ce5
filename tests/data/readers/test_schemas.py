from __future__ import annotations

import json

import pytest

from tests.data.readers.conftest import faults, records
from zaohua.data.readers import Fields, ReadOptions
from zaohua.data.records import Turn

ASK = Turn("user", "天为什么是蓝的？")
GOOD = Turn("assistant", "因为空气散射蓝光。")
BAD = Turn("assistant", "不知道。")
ask = {"role": "user", "content": ASK.content}
good = {"role": "assistant", "content": GOOD.content}
bad = {"role": "assistant", "content": BAD.content}

CHATS = [
    {"messages": [ask, good]},
    {"messages": json.dumps([ask, good])},
    {"messages": [ask, {"role": "assistant", "content": [{"type": "text", "text": GOOD.content}]}]},
    {
        "conversations": [
            {"from": "human", "value": ASK.content},
            {"from": "gpt", "value": GOOD.content},
        ]
    },
    {"instruction": ASK.content, "input": "", "output": GOOD.content},
    {"prompt": ASK.content, "completion": GOOD.content},
    {"prompt": [ask], "completion": [good]},
]
PREFERENCES = [
    {"messages": [ask], "chosen": GOOD.content, "rejected": BAD.content},
    {"prompt": ASK.content, "chosen": GOOD.content, "rejected": BAD.content},
    {"prompt": ASK.content, "chosen": [ask, good], "rejected": [ask, bad]},
    {"chosen": [ask, good], "rejected": [ask, bad]},
    {"messages": [ask], "chosen": good, "rejected": bad},
    {"instruction": ASK.content, "chosen": GOOD.content, "rejected": BAD.content},
    {
        "conversations": [{"from": "human", "value": ASK.content}],
        "chosen": {"from": "gpt", "value": GOOD.content},
        "rejected": {"from": "gpt", "value": BAD.content},
    },
]


@pytest.mark.parametrize("row", CHATS)
def test_chat_layouts(read_bytes, row):
    [record] = read_bytes("a.jsonl", json.dumps(row))
    assert record.kind == "chat"
    assert record.messages == (ASK, GOOD)


@pytest.mark.parametrize("row", PREFERENCES)
def test_preference_layouts(read_bytes, row):
    [record] = read_bytes("a.jsonl", json.dumps(row))
    assert record.kind == "preference"
    assert (record.messages, record.chosen, record.rejected) == ((ASK,), (GOOD,), (BAD,))


@pytest.mark.parametrize(
    ("label", "meant"), [(True, True), (False, False), (1, True), (0, False), ("down", False)]
)
def test_thumbs(read_bytes, label, meant):
    [record] = read_bytes("a.jsonl", json.dumps({"messages": [ask, good], "label": label}))
    assert (record.kind, record.label) == ("thumbs", meant)


@pytest.mark.parametrize(("label", "meant"), [("好评", "好评"), (1, "1"), (0, "0"), (True, True)])
def test_classification(read_bytes, label, meant):
    [record] = read_bytes("a.jsonl", json.dumps({"text": "味道不错", "label": label}))
    assert (record.kind, record.text, record.label) == ("classification", "味道不错", meant)


def test_text_keeps_what_else_was_said(read_bytes):
    row = {"text": "床前明月光", "title": "静夜思", "year": 726, "empty": None}
    [record] = read_bytes("a.jsonl", json.dumps(row))
    assert record.kind == "text"
    assert record.meta == {"title": "静夜思", "year": 726}


def test_own_field_names(read_bytes):
    options = ReadOptions(fields=Fields(text="paragraphs", label="era"))
    row = {"paragraphs": ["床前明月光，", "疑是地上霜。"], "era": "唐", "author": "李白"}
    [record] = read_bytes("a.jsonl", json.dumps(row), options)
    assert (record.text, record.label) == ("床前明月光，\n疑是地上霜。", "唐")
    assert record.meta == {"author": "李白"}


def test_own_role_names(read_bytes):
    options = ReadOptions(fields=Fields(messages="dialog", role="speaker", content="said"))
    row = {"dialog": [{"speaker": "user", "said": "早"}, {"speaker": "bot", "said": "早上好"}]}
    [record] = read_bytes("a.jsonl", json.dumps(row), options)
    assert record.messages == (Turn("user", "早"), Turn("assistant", "早上好"))


def test_alpaca_with_history_and_system(read_bytes):
    row = {
        "system": "Be short.",
        "history": [["hi", "hello"]],
        "instruction": "Translate:",
        "input": "山",
        "output": "mountain",
    }
    [record] = read_bytes("a.json", json.dumps([row]))
    assert [turn.role for turn in record.messages] == ["system", *["user", "assistant"] * 2]
    assert record.messages[3].content == "Translate:\n山"
    assert record.meta == {}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"body": "x"}, "its fields are body"),
        ({}, "its fields are none"),
        ({"text": 3}, "text is int"),
        ({"text": "  "}, "text is empty"),
        ({"text": "a", "label": ["x"]}, "label is list"),
        ({"messages": []}, "without messages"),
        ({"messages": 7}, "a list was expected"),
        ({"messages": ["hi"]}, "message 1 is str"),
        ({"messages": [{"role": "pope", "content": "x"}]}, "role 'pope'"),
        ({"messages": [{"role": "user", "content": None}]}, "message 1 has no text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "not text: image_url",
        ),
        (
            {"messages": [{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}]},
            "tool calls",
        ),
        ({"messages": [ask, good], "label": "maybe"}, "true or false was expected"),
        ({"prompt": "a", "chosen": "b"}, "chosen without rejected"),
        ({"prompt": "a", "chosen": [good], "rejected": []}, "one is empty"),
        ({"chosen": [ask, good], "rejected": [ask, good]}, "are the same"),
        ({"chosen": "b", "rejected": "c"}, "without a question"),
        ({"instruction": "a", "output": ""}, "output is empty"),
        ({"instruction": " ", "output": "x"}, "instruction is empty"),
        ({"instruction": "a", "output": "b", "history": ["x"]}, "history"),
        ({"mapping": {}}, "without messages"),
    ],
)
def test_wrong_rows_say_why_and_the_next_is_read(read_bytes, row, reason):
    items = read_bytes("a.jsonl", f"{json.dumps(row)}\n" + '{"text": "next"}\n')
    assert reason in faults(items)[0].reason
    assert faults(items)[0].position == 0
    assert [(r.text, r.position) for r in records(items)] == [("next", 1)]


def exported(identity, parent, role, text, **more):
    content = more.pop("content", {"content_type": "text", "parts": [text]})
    message = {"author": {"role": role}, "content": content, "recipient": "all", **more}
    return identity, {"id": identity, "parent": parent, "message": message, "children": []}


def chatgpt_export():
    mapping = dict(
        [
            ("root", {"id": "root", "parent": None, "message": None, "children": ["q"]}),
            exported("s", "root", "system", ""),
            exported("q", "s", "user", "写一句诗"),
            exported("old", "q", "assistant", "旧的回答", create_time=1.0),
            exported("call", "q", "assistant", "search()", recipient="browser"),
            exported("hit", "call", "tool", "result"),
            exported("a", "hit", "assistant", "山高月小", create_time=2.0),
            exported("b", "a", "assistant", "水落石出", create_time=3.0),
            exported(
                "pic",
                "b",
                "user",
                "",
                content={"content_type": "multimodal_text", "parts": [{"asset": 1}, "这是哪里？"]},
                create_time=4.0,
            ),
        ]
    )
    return {"title": "诗", "conversation_id": "c1", "mapping": mapping, "current_node": "pic"}


@pytest.mark.parametrize("current", ["pic", None, "gone"])
def test_chatgpt_export_takes_the_branch_that_was_shown(read_bytes, current):
    export = chatgpt_export() | {"current_node": current}
    [record] = read_bytes("conversations.json", json.dumps([export]))
    assert record.messages == (
        Turn("user", "写一句诗"),
        Turn("assistant", "山高月小\n\n水落石出"),
        Turn("user", "这是哪里？"),
    )
    assert record.meta == {"title": "诗", "id": "c1"}


def test_chatgpt_export_with_a_circle_ends(read_bytes):
    export = chatgpt_export()
    export["mapping"]["root"]["parent"] = "pic"
    [record] = read_bytes("conversations.json", json.dumps([export]))
    assert len(record.messages) == 3
