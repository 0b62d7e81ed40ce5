from __future__ import annotations

import random
import time
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import new_id
from zaohua.assistant.search import index_message, index_new_messages, index_title
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow, MessageRow
from zaohua.text.search_terms import search_terms


def say(database: Database, conversation_id: str, content: str, seq: int = 1) -> str:
    row = MessageRow(
        id=new_id(), conversation_id=conversation_id, seq=seq, role="user", content=content
    )
    with database.session() as session:
        session.add(row)
        session.flush()
        index_message(session, row)
    return row.id


def found(store: Conversations, query: str, owner: str = "me") -> list[str]:
    return [item.conversation.id for item in store.list(owner, query=query).items]


@pytest.fixture
def talk(store: Conversations, database: Database) -> str:
    conversation = store.create("me", {"title": "周末计划 Weekend"})
    say(database, conversation.id, "请问，如何做好时间管理？I use Python 3.11 and café notes.")
    return conversation.id


@pytest.mark.parametrize(
    "query",
    [
        "时间",
        "管",
        "时间管理",
        "做好时间",
        "周末",
        "weekend",
        "week",
        "pyth",
        "PYTHON",
        "时间 python",
        "时间 weekend",
        '"如何做好"',
        "３.11",
        "cafe\u0301",
        "管理？",
        "(时间)",
    ],
)
def test_finds(store: Conversations, talk: str, query: str) -> None:
    assert found(store, query) == [talk]


@pytest.mark.parametrize(
    "query", ["间时", "时管", "python 天气", "ython", "周末 x", '"pyth"', "😀", "***", '"', "'"]
)
def test_does_not_find(store: Conversations, talk: str, query: str) -> None:
    assert found(store, query) == []


@pytest.mark.parametrize(
    "query",
    [
        "AND", "OR NOT", "NEAR(a b)", 'a"b', "a*", "-a", "a:b", "{a}", "^a", "a' & 'b", "!a",
        "a <-> b", "\\", "%", "';--", "(", "a\tb\nc", "\u200b", "é" * 500, "😀" * 300, ":*",
    ],
)  # fmt: skip
def test_syntax_of_a_query_language_never_raises(
    store: Conversations, talk: str, query: str
) -> None:
    store.list("me", query=query)


def test_hits_tell_where(store: Conversations, database: Database, talk: str) -> None:
    later = say(database, talk, "再谈时间：Python 的 time 模块", seq=2)
    [item] = store.list("me", query="时间 模块").items
    assert item.hit is not None
    assert item.hit.message_id == later
    assert "time 模块" in item.hit.snippet
    [item] = store.list("me", query="周末").items
    assert item.hit is not None
    assert item.hit.message_id is None
    assert item.hit.snippet == "周末计划 Weekend"
    [item] = store.list("me").items
    assert item.hit is None


def test_other_owners_find_nothing(store: Conversations, talk: str) -> None:
    assert found(store, "时间", owner="you") == []


def test_archived_ones_are_found_among_archived(store: Conversations, talk: str) -> None:
    store.update("me", talk, {"archived": True})
    assert found(store, "时间") == []
    assert [i.conversation.id for i in store.list("me", query="时间", archived=True).items] == [
        talk
    ]


def test_a_new_title_replaces_the_old(store: Conversations, talk: str) -> None:
    store.update("me", talk, {"title": "旅行"})
    assert found(store, "旅行") == [talk]
    assert found(store, "周末") == []


def test_deleted_ones_are_not_found(store: Conversations, talk: str) -> None:
    store.delete("me", talk)
    assert found(store, "时间") == []


def test_a_long_message_is_found_by_its_end(store: Conversations, database: Database) -> None:
    conversation = store.create("me")
    say(database, conversation.id, "的确" * 30_000 + "针在草堆里" + " word" * 30_000 + " needle")
    assert found(store, "针在草堆里") == [conversation.id]
    assert found(store, "needle") == [conversation.id]
    assert found(store, "word needle") == [conversation.id]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(min_size=1, max_size=60), query=st.text(max_size=40), data=st.data())
def test_any_phrase_of_a_text_finds_it(
    store: Conversations, database: Database, text: str, query: str, data: st.DataObject
) -> None:
    store.list("me", query=query.replace("\x00", ""))
    content = text.replace("\x00", " ").encode("utf-8", "replace").decode()
    conversation = store.create("me")
    say(database, conversation.id, content)
    terms = search_terms(content)
    if terms:
        start = data.draw(st.integers(0, len(terms) - 1))
        end = data.draw(st.integers(start + 1, min(len(terms), start + 30)))
        phrase = '"' + " ".join(terms[start:end]) + '"'
        assert conversation.id in [
            item.conversation.id for item in store.list("me", query=phrase, limit=200).items
        ]
    store.delete("me", conversation.id)


@pytest.mark.alone
def test_a_thousand_conversations_are_quick(store: Conversations, database: Database) -> None:
    _fill(database, 1000)
    _mislead_the_planner(database)
    times: dict[int, list[float]] = defaultdict(list)
    for number in range(60):
        query = ("", "时间", "模", f"第{number}次", "数据 语言")[number % 5]
        begin = time.perf_counter()
        page = store.list("me", query=query)
        times[number % 5].append(time.perf_counter() - begin)
        assert page.items
    best = [min(taken) for taken in times.values()]  # of each kind: others may be at work
    print(f"{database.kind}: {', '.join(f'{one * 1e3:.1f}' for one in best)} ms")
    assert max(best) < 0.25


def _mislead_the_planner(database: Database) -> None:
    """Statistics as PostgreSQL takes them while a large import is not yet committed: no rows."""
    if database.kind == "postgresql":
        tables = ("conversations", "messages", "search_entries", "search_terms")
        with database.session() as session:
            for table in tables:
                session.execute(sql(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
                session.execute(sql(f"ANALYZE {table}"))
            session.execute(
                sql("UPDATE pg_class SET reltuples = 0 WHERE relname = ANY(:names)"),
                {"names": list(tables)},
            )
            session.execute(sql("DELETE FROM pg_statistic WHERE starelid >= 16384"))


def _fill(database: Database, conversations: int) -> None:
    characters = "时间管理学习工作计划方法问题模型数据语言代码城市天气旅行音乐电影历史"
    chance = random.Random(1)
    numbers = range(conversations)
    rows = [ConversationRow(id=f"c{n}", owner="me", title=f"第{n}次") for n in numbers]
    messages = [
        MessageRow(
            id=f"m{n}",
            conversation_id=f"c{n // 2}",
            seq=n,
            role="user",
            content="".join(chance.choices(characters, k=200)),
        )
        for n in range(conversations * 2)
    ]
    with database.session() as session:
        session.add_all(rows)
        session.flush()
        session.add_all(messages)
        session.flush()
        for row in rows:
            index_title(session, row)
        index_new_messages(session, messages)
