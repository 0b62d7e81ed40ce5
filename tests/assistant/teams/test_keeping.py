"""What is kept of runs, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from zaohua.assistant.teams.keeping import Records
from zaohua.assistant.teams.values import Limits, Said, Spent
from zaohua.errors import NotFoundError
from zaohua.store.database import Database

GIVEN = Said("0", "you", "person", "task", "do it\x00")
LIMITS = Limits(5, 1000, 60.0)


def begun(records: Records, owner: str = "me") -> int:
    return records.begin(
        owner, "pair", "text", language="zh", inputs=[GIVEN], limits=LIMITS, persons=["boss"]
    ).id


def test_messages_are_counted_by_entry_and_what_they_took_adds_up(database: Database):
    records = Records(database)
    number = begun(records)
    said = Said("1", "writer", "model", "draft", "文", value={"n": [1]}, passes=None, model="m")
    first = records.keep(number, said, Spent(1, 10, 5, 0.5, 0.25))
    second = records.keep(number, said, Spent(1, 10, 5, 0.5, 0.25))
    assert (first.seq, first.version, second.seq, second.version) == (2, 1, 3, 2)
    assert records.messages(number, after=1) == [first, second]
    assert records.messages(number)[0].content == "do it\ufffd"
    run = records.change(number, state="waiting", waiting_for="boss", waiting_place="2")
    assert run.spent == Spent(2, 20, 10, 1.0, 0.5)
    assert records.run(number, "me") == run
    assert (run.limits, run.persons, run.waiting_place) == (LIMITS, ("boss",), "2")


def test_runs_belong_to_their_owners_and_can_be_forgotten(database: Database):
    records = Records(database)
    mine, theirs = begun(records), begun(records, "other")
    assert [one.id for one in records.list("me")] == [mine]
    for work in (lambda: records.run(theirs, "me"), lambda: records.remove(theirs, "me")):
        with pytest.raises(NotFoundError):
            work()
    records.remove(mine, "me")
    with pytest.raises(NotFoundError):
        records.keep(mine, GIVEN, Spent())
    assert records.messages(mine) == []
