"""Learned, recalled, ended, faded, forgotten: on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from tests.assistant.memory.conftest import ANN, BEN, Embedder, Said
from zaohua.assistant.memory import Learned, Memory
from zaohua.errors import NotFoundError, UsageError
from zaohua.store.database import Database
from zaohua.store.tables import (
    ConversationRow,
    LearnedMessageRow,
    MemoryRow,
    MessageRow,
    now,
)


async def learn(memory: Memory, text: str, owner: str = ANN, message: str | None = None) -> Learned:
    return await memory.learn(None, owner, text, "Fine.", message)


def texts(memory: Memory, owner: str = ANN) -> list[str]:
    return [fact.text for fact in memory.list(owner)]


def age(database: Database, days: float, **changes: object) -> None:
    """Make all facts ``days`` old."""
    with database.session() as session:
        session.execute(
            update(MemoryRow).values(created_at=now() - timedelta(days=days), **changes)
        )


async def test_facts_are_learned_with_their_source(memory: Memory, said: Said) -> None:
    message = said("我叫李明，住在成都。")
    learned = await learn(memory, "我叫李明，住在成都。", message=message)
    assert [(f.kind, f.value, f.text) for f in learned.facts] == [
        ("name", "李明", "称呼：李明"),
        ("city", "成都", "住在：成都"),
    ]
    assert learned.said == "learned 2 (name, city)"
    [name, city] = memory.list(ANN)
    assert name.source_message_id == message == city.source_message_id
    assert name.conversation_id is not None
    assert (name.standing, city.standing, name.weight, name.recalled) == (True, False, 1.0, True)


async def test_a_new_fact_ends_the_old_which_stays_as_history(memory: Memory) -> None:
    await learn(memory, "I live in Berlin.")
    learned = await learn(memory, "I moved to Chengdu.")
    assert [fact.text for fact in learned.ended] == ["Lives in: Berlin"]
    assert texts(memory) == ["Lives in: Chengdu"]
    old, new = memory.history(ANN)
    assert old.superseded_by == new.id
    assert old.ended_at is not None
    assert not old.recalled
    assert [fact.value for fact in await memory.recall(ANN, "lives in Berlin or where?")] == [
        "Chengdu"
    ]


async def test_tastes_change(memory: Memory) -> None:
    await learn(memory, "我喜欢喝咖啡。")
    await learn(memory, "我现在不喝咖啡了。")
    assert texts(memory) == ["不吃不喝：咖啡"]
    await learn(memory, "I like spicy food.")
    await learn(memory, "I don't like spicy food.")
    assert texts(memory) == ["不吃不喝：咖啡", "Dislikes: spicy food"]


async def test_what_is_no_longer_so_ends(memory: Memory) -> None:
    await learn(memory, "我对花生过敏。")
    learned = await learn(memory, "我对花生已经不过敏了。")
    assert (learned.facts, [fact.value for fact in learned.ended]) == ((), ["花生"])
    await learn(memory, "I live in Oslo.")
    await learn(memory, "I don't live in Bergen anymore.")
    assert texts(memory) == ["Lives in: Oslo"]
    await learn(memory, "I don't live in Oslo anymore.")
    assert texts(memory) == []
    assert len(memory.history(ANN)) == 2


async def test_said_again_it_is_as_new(memory: Memory, database: Database) -> None:
    await learn(memory, "I love hiking.")
    age(database, 300)
    assert memory.list(ANN)[0].weight < 0.3
    assert await learn(memory, "I love hiking.") == Learned()
    [fact] = memory.list(ANN)
    assert fact.weight == 1.0


async def test_facts_fade_unless_asked_for_or_used(memory: Memory, database: Database) -> None:
    await learn(memory, "I love hiking.")
    await memory.reply(ANN, "Remember: I park on level two.")
    age(database, 120)
    assert [fact.weight for fact in memory.list(ANN)] == [0.5, 1.0]
    age(database, 120, uses=1)
    assert memory.list(ANN)[0].weight == pytest.approx(0.5**0.5, abs=0.001)
    age(database, 900)
    hiking, parking = memory.list(ANN)
    assert (hiking.recalled, parking.recalled) == (False, True)
    assert await memory.recall(ANN, "love hiking") == []
    assert [f.text for f in await memory.recall(ANN, "level park")] == ["I park on level two"]


async def test_use_is_counted_once_a_day(memory: Memory, database: Database) -> None:
    await learn(memory, "My name is Ann.")
    for _ in range(3):
        await memory.recall(ANN, "Good morning")
    assert memory.list(ANN)[0].uses == 1
    age(database, 3, used_at=now() - timedelta(days=2))
    await memory.recall(ANN, "Good morning")
    assert memory.list(ANN)[0].uses == 2


async def test_a_deleted_message_leaves_the_fact(
    memory: Memory, said: Said, database: Database
) -> None:
    message = said("I live in Rome.")
    await learn(memory, "I live in Rome.", message=message)
    with database.session() as session:
        session.execute(delete(MessageRow).where(MessageRow.id == message))
        session.execute(delete(ConversationRow))
    [fact] = memory.list(ANN)
    assert (fact.source_message_id, fact.conversation_id) == (None, None)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LearnedMessageRow)) == 0


async def test_a_deleted_fact_is_not_learned_from_its_message_again(
    memory: Memory, said: Said
) -> None:
    message = said("I live in Rome.")
    [fact] = (await learn(memory, "I live in Rome.", message=message)).facts
    memory.forget(ANN, fact.id)
    assert await learn(memory, "I live in Rome.", message=message) == Learned()
    assert memory.history(ANN) == []
    await learn(memory, "I live in Rome.", message=said("I live in Rome."))
    assert texts(memory) == ["Lives in: Rome"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_nothing_of_a_deleted_fact_is_left_in_the_files(
    memory: Memory, said: Said, database: Database, tmp_path: Path
) -> None:
    await learn(memory, "I love xylophonists.")
    await learn(memory, "I love hiking.")
    await learn(memory, "My name is Quetzalina.")

    def stored() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("zaohua.db*"))

    assert b"xylophonists" in stored()
    memory.forget(ANN, memory.list(ANN)[1].id)
    assert b"xylophonists" not in stored()
    assert b"hiking" in stored()
    memory.edit(ANN, memory.list(ANN)[0].id, "Name: Tina")
    assert b"Quetzalina" not in stored()
    memory.forget_all(ANN)
    assert b"hiking" not in stored()


async def test_others_are_never_seen(memory: Memory, said: Said) -> None:
    await learn(memory, "My name is Ann.")
    [fact] = memory.list(ANN)
    await learn(memory, "My name is Ben.", owner=BEN)
    assert texts(memory, BEN) == ["Name: Ben"]
    assert [f.value for f in await memory.recall(BEN, "Ann name")] == ["Ben"]
    for call in (
        lambda: memory.get(BEN, fact.id),
        lambda: memory.edit(BEN, fact.id, "Name: Eve"),
        lambda: memory.forget(BEN, fact.id),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(NotFoundError):
        await learn(memory, "I live in Rome.", owner=BEN, message=said("I live in Rome."))
    memory.forget_all(BEN)
    assert texts(memory) == ["Name: Ann"]


async def test_off_nothing_is_learned_or_recalled(memory: Memory, said: Said) -> None:
    await learn(memory, "My name is Ann.")
    memory.switch(ANN, on=False)
    assert not memory.enabled(ANN)
    assert memory.enabled(BEN)
    message = said("I live in Rome.")
    assert await learn(memory, "I live in Rome.", message=message) == Learned()
    assert await memory.recall(ANN, "name?") == []
    reply = await memory.reply(ANN, "Remember that I live in Rome.")
    assert reply is not None
    assert reply.text == "Memory is off."
    memory.switch(ANN, on=True)
    assert [fact.value for fact in await memory.recall(ANN, "hi")] == ["Ann"]
    assert len((await learn(memory, "I live in Rome.", message=message)).facts) == 1


async def test_nothing_is_learned_from_a_conversation_without_memory(
    memory: Memory, said: Said, database: Database
) -> None:
    message = said("Remember that I live in Rome.")
    with database.session() as session:
        session.execute(update(ConversationRow).values(memory=False))
    assert await learn(memory, "I live in Rome.", message=message) == Learned()
    reply = await memory.reply(ANN, "Remember that I live in Rome.", message)
    assert reply is not None
    assert reply.text == "Memory is off."
    assert memory.history(ANN) == []


async def test_an_answer_stands_for_its_question(
    memory: Memory, said: Said, database: Database
) -> None:
    message = said("I live in Rome.")
    with database.session() as session:
        asked = session.get(MessageRow, message)
        assert asked is not None
        session.add(
            MessageRow(
                id="answer",
                conversation_id=asked.conversation_id,
                parent_id=message,
                seq=2,
                role="assistant",
            )
        )
    [fact] = (await learn(memory, "I live in Rome.", message="answer")).facts
    assert fact.source_message_id == message
    assert await learn(memory, "I live in Rome.", message=message) == Learned()


async def test_recall_is_what_is_near_in_an_order_that_stays(memory: Memory) -> None:
    for text in ("I love hiking.", "I'm allergic to peanuts.", "From now on answer in French."):
        await learn(memory, text)
    await learn(memory, "My name is Ann.")
    told = [fact.text for fact in await memory.recall(ANN, "likes hiking and allergic to peanuts")]
    assert told == ["Name: Ann", "Answer in: French", "Likes: hiking", "Allergic to: peanuts"]
    again = [fact.text for fact in await memory.recall(ANN, "peanuts allergic to, likes hiking")]
    assert again == told
    assert [f.kind for f in await memory.recall(ANN, "zzz")] == ["name", "language"]
    assert [f.kind for f in await memory.recall(ANN, "   ")] == ["name", "language"]
    assert [f.kind for f in await memory.recall(ANN, "likes hiking", budget=8)] == ["name"]


async def test_a_question_is_embedded_only_for_facts_that_need_it(
    memory: Memory, embedder: Embedder
) -> None:
    await learn(memory, "My name is Ann.")
    embedder.made.clear()
    await memory.recall(ANN, "Good morning")
    await memory.recall(BEN, "Good morning")
    assert embedder.made == []
    memory.add(ANN, "likes tea")
    await memory.recall(ANN, "tea?")
    assert embedder.made == ["tea?"]


async def test_found_by_words_before_it_is_embedded(memory: Memory, embedder: Embedder) -> None:
    memory.add(ANN, "我的会议都在周三上午")
    assert [f.text for f in await memory.recall(ANN, "会议是哪天？")] == ["我的会议都在周三上午"]
    assert embedder.made == ["会议是哪天？"]
    embedder.made.clear()
    await learn(memory, "How are you?")
    assert embedder.made == ["我的会议都在周三上午"]


class TestByHand:
    def test_added_exactly(self, memory: Memory) -> None:
        fact = memory.add(ANN, "  Likes:  tea  ", "like")
        assert (fact.text, fact.value, fact.explicit) == ("Likes:  tea", "tea", True)
        assert memory.add(ANN, "Likes:  tea", "like").id == fact.id

    @pytest.mark.parametrize("text", ["", "  ", "x" * 501, "a\0b", "my password is hunter2"])
    def test_what_cannot_be_remembered(self, memory: Memory, text: str) -> None:
        with pytest.raises(UsageError):
            memory.add(ANN, text)
        with pytest.raises(UsageError):
            memory.add(ANN, "tea", "nonsense")

    async def test_edited(self, memory: Memory, embedder: Embedder) -> None:
        await learn(memory, "I live in Rome.")
        [fact] = memory.list(ANN)
        changed = memory.edit(ANN, fact.id, "Lives in: Oslo")
        assert (changed.value, changed.kind, changed.explicit) == ("Oslo", "city", True)
        await memory.embed(ANN)
        assert embedder.made[-1] == "Lives in: Oslo"
        other = memory.add(ANN, "I live by the sea")
        memory.edit(ANN, other.id, kind="city")
        assert texts(memory) == ["I live by the sea"]
        assert memory.get(ANN, fact.id).superseded_by == other.id

    def test_exported_whole(self, memory: Memory) -> None:
        memory.add(ANN, "Lives in: Rome", "city")
        memory.add(ANN, "Lives in: Oslo", "city")
        whole = memory.export(ANN)
        assert (whole["owner"], whole["on"]) == (ANN, True)
        assert [one["value"] for one in whole["memories"]] == ["Rome", "Oslo"]

    def test_full(self, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("zaohua.assistant.memory.keeping.MOST", 2)
        memory.add(ANN, "one")
        memory.add(ANN, "two")
        with pytest.raises(UsageError, match="full"):
            memory.add(ANN, "three")
        assert memory.add(ANN, "two").text == "two"
