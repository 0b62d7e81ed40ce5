from __future__ import annotations

import json
import time
from typing import Any

import pytest

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.exports import as_json, as_markdown
from zaohua.assistant.ids import new_id
from zaohua.assistant.imports import import_file
from zaohua.assistant.running import Done
from zaohua.errors import NotFoundError, UsageError
from zaohua.store.database import Database


def titles(store: Conversations, **asked: Any) -> list[str]:
    return [item.conversation.title for item in store.list("me", **asked).items]


async def finish(answers: Answers, message_id: str) -> Done:
    async for event in answers.follow("me", message_id):
        if isinstance(event, Done):
            return event
    raise AssertionError


def test_ids_sort_by_time_and_differ() -> None:
    early = [new_id() for _ in range(100)]
    time.sleep(0.003)
    late = [new_id() for _ in range(100)]
    assert len({*early, *late}) == 200
    assert max(early) < min(late)
    assert {len(name) for name in early} == {26}


def test_pages(store: Conversations) -> None:
    for number in range(5):
        store.create("me", {"title": str(number)})
    store.create("you", {"title": "other"})
    first = store.list("me", limit=2)
    store.create("me", {"title": "new"})
    second = store.list("me", limit=2, cursor=first.next_cursor)
    third = store.list("me", limit=2, cursor=second.next_cursor)
    pages = [[i.conversation.title for i in page.items] for page in (first, second, third)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    assert third.next_cursor is None


def test_pages_of_pinned_and_found_ones(store: Conversations) -> None:
    made = [store.create("me", {"title": f"数 {n}"}).id for n in range(6)]
    for name in made[:3]:
        store.update("me", name, {"pinned": True})
    seen, cursor = [], None
    while True:
        page = store.list("me", query="数", limit=2, cursor=cursor)
        seen += [i.conversation.id for i in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [made[n] for n in (2, 1, 0, 5, 4, 3)]


@pytest.mark.parametrize("cursor", ["", "%%", "bnVsbA", "W3RydWUsMSwyXQ", "é", "W" * 5000])
def test_foreign_cursors(store: Conversations, cursor: str) -> None:
    if cursor:
        with pytest.raises(UsageError, match="cursor"):
            store.list("me", cursor=cursor)
    else:
        assert store.list("me", cursor=cursor).items == []


async def test_the_latest_answered_is_first(store: Conversations, answers: Answers) -> None:
    old = store.create("me", {"title": "old"})
    store.create("me", {"title": "new"})
    _, answer = await answers.ask("me", old.id, "hello")
    await finish(answers, answer.id)
    assert titles(store) == ["old", "new"]
    store.update("me", old.id, {"title": "renamed"})
    assert titles(store) == ["renamed", "new"]
    assert store.get("me", old.id).message_count == 2


async def test_only_answers_are_judged(store: Conversations, answers: Answers) -> None:
    user, answer = await answers.ask("me", store.create("me").id, "hello")
    await finish(answers, answer.id)
    feedback: Any = {"rating": "up", "reasons": ["好"], "comment": ""}
    assert store.judge("me", answer.id, feedback).feedback == feedback
    assert store.message("me", answer.id).feedback == feedback
    assert store.judge("me", answer.id, None).feedback is None
    with pytest.raises(UsageError):
        store.judge("me", user.id, feedback)
    with pytest.raises(NotFoundError):
        store.judge("you", answer.id, feedback)


async def test_an_export_comes_back_the_same(
    store: Conversations, answers: Answers, database: Database
) -> None:
    settings = {"title": "往返", "system": "S", "sampling": {"seed": 1, "logprobs": True}}
    talk = store.create("me", settings).id
    user, first = await answers.ask("me", talk, "[[say 甲]][[reason]]")
    await finish(answers, first.id)
    second = await answers.regenerate("me", user.id)
    await finish(answers, second.id)
    exported = as_json(*store.rows("me", talk))
    assert import_file(database, "me", exported).skipped == 1
    [theirs] = import_file(database, "you", exported).conversation_ids
    again = json.loads(as_json(*store.rows("you", theirs)))
    before = json.loads(exported)
    names = {m["id"]: n for n, m in enumerate(before["messages"])}
    new_names = {m["id"]: n for n, m in enumerate(again["messages"])}
    for document, known in ((before, names), (again, new_names)):
        document.pop("exported_at")
        document["conversation"]["leaf_id"] = known[document["conversation"]["leaf_id"]]
        for message in document["messages"]:
            message["id"] = known[message["id"]]
            message["parent_id"] = known.get(message["parent_id"])
    assert again == before
    assert before["messages"][1]["tokens"][0][0] == "甲"


async def test_an_answer_that_runs_is_left_out_of_an_export(
    store: Conversations, answers: Answers
) -> None:
    talk = store.create("me", {"title": "t"}).id
    await answers.ask("me", talk, "[[slow 5]]Hello there")
    text = as_markdown(*store.rows("me", talk)).decode()
    assert "## User\n\n[[slow 5]]Hello there\n" in text
    assert "Assistant" not in text


def test_text_that_postgresql_refuses_is_mended(store: Conversations, database: Database) -> None:
    document = {
        "format": "zaohua.conversation",
        "conversation": {"id": "x", "title": "a\x00b", "sampling": {}},
        "messages": [{"id": "1\x00", "role": "user", "content": "nul \x00 and half \ud83d"}],
    }
    [name] = import_file(database, "me", json.dumps(document).encode()).conversation_ids
    whole = store.whole("me", name)
    assert whole.conversation.title == "a\ufffdb"
    assert whole.messages[0].content == "nul \ufffd and half \ufffd"
    assert titles(store, query="half") == ["a\ufffdb"]


def test_many_conversations_are_brought_in_quickly(
    store: Conversations, database: Database
) -> None:
    document = {"conversations": [_small_export(number) for number in range(100)]}
    begin = time.monotonic()
    assert import_file(database, "me", json.dumps(document).encode()).imported == 100
    assert time.monotonic() - begin < 20
    assert len(store.list("me", query='"第42次"').items) == 1


def _small_export(number: int) -> dict[str, Any]:
    messages = [
        {
            "id": f"{m}",
            "parent_id": f"{m - 1}" if m else None,
            "role": "assistant" if m % 2 else "user",
            "content": f"话 {m} " * 9,
        }
        for m in range(6)
    ]
    head = {"id": f"c{number}", "title": f"第{number}次"}
    return {"format": "zaohua.conversation", "conversation": head, "messages": messages}
