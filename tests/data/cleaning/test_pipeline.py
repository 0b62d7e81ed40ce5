from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import ClassVar

import pytest

from tests.data.cleaning.making import CHINESE, ENGLISH, chat, text
from zaohua.data.cleaning.duplicates import DuplicateLines, ExactDuplicates
from zaohua.data.cleaning.languages import IdentifyLanguage
from zaohua.data.cleaning.near_duplicates import NearDuplicates
from zaohua.data.cleaning.pipeline import pipeline
from zaohua.data.cleaning.quality import Length
from zaohua.data.cleaning.repair import Normalise
from zaohua.data.cleaning.steps import rewritten
from zaohua.data.cleaning.tally import EXAMPLES, Tally
from zaohua.data.records import Dropped, Record, Turn, Unreadable
from zaohua.errors import UsageError


@dataclass(frozen=True, slots=True)
class DropOdd:
    name: ClassVar[str] = "odd"

    def apply(self, record: Record) -> Record | Dropped:
        return Dropped(record, self.name, "odd") if record.position % 2 else record


def test_every_item_leaves_kept_dropped_or_unreadable_and_is_counted() -> None:
    run = pipeline([Normalise(), IdentifyLanguage(), Length()])
    items = [text(CHINESE, 0), Unreadable("b", "corrupt"), text(ENGLISH + "\r\n", 1), text("hm", 2)]
    kept, lost, changed, short = run.run(items)
    assert isinstance(kept, Record) and kept.meta["language"] == "zh"
    assert lost == Unreadable("b", "corrupt")
    assert isinstance(changed, Record) and changed.text == ENGLISH.strip()
    assert isinstance(short, Dropped) and (short.step, short.reason) == ("length", "too_short")
    said = run.tally.as_json()
    assert said["unreadable"] == {"corrupt": 1}
    assert list(said["steps"]) == ["normalise", "language", "length"]
    length = said["steps"]["length"]
    assert (length["seen"], length["kept"], length["reasons"]) == (3, 2, {"too_short": 1})
    assert length["languages"] == {"en": 1, "zh": 1}
    assert length["examples"][0] == {
        "source": "test",
        "position": 2,
        "reason": "too_short",
        "excerpt": "hm",
    }
    assert said["steps"]["normalise"]["changed"] == 1
    assert length["characters_in"] - length["characters_out"] == 2


def test_it_is_a_stream() -> None:
    taken = []

    def endless() -> object:
        position = 0
        while True:
            taken.append(position)
            yield text(CHINESE, position)
            position += 1

    run = pipeline([Normalise()]).run(endless())  # type: ignore[arg-type]
    next(run)
    assert taken == [0]


def test_tallies_of_shards_add_up_to_the_tally_of_the_whole() -> None:
    records = [text(f"{i} {ENGLISH}", i) for i in range(200)]
    whole = pipeline([DropOdd()])
    list(whole.run(records))
    total = Tally()
    for start in (100, 0):
        part = pipeline([DropOdd()])
        list(part.run(records[start : start + 100]))
        total.add(part.tally)
    assert total.as_json() == whole.tally.as_json()
    assert len(whole.tally.of("odd").examples) == EXAMPLES


def test_a_step_with_memory_goes_on_after_being_stored() -> None:
    steps = [ExactDuplicates(), DuplicateLines(), NearDuplicates()]
    first = [text(ENGLISH, 0), text(CHINESE, 1)]
    list(pipeline(steps).run(first))
    restored = pickle.loads(pickle.dumps(steps))
    for again in (text(ENGLISH, 2), text(CHINESE + "又过了一天。", 3)):
        for old, new in zip(steps, restored, strict=True):
            assert old.apply(again) == new.apply(again)
    assert isinstance(restored[0].apply(first[0]), Dropped)
    assert isinstance(restored[2].apply(first[1]), Dropped)


def test_two_steps_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="length"):
        pipeline([Length(), Length()])


def test_rewriting_reaches_every_turn_and_keeps_the_rest() -> None:
    turn = (Turn("user", "a"),)
    record = Record("s", 3, messages=turn, chosen=turn, rejected=turn, label=True, meta={"k": 1})
    outcome = rewritten(record, str.upper, "up")
    up = (Turn("user", "A"),)
    assert outcome == Record("s", 3, messages=up, chosen=up, rejected=up, label=True, meta={"k": 1})
    assert rewritten(record, str, "same") is record


def test_what_becomes_blank_is_dropped() -> None:
    outcome = rewritten(chat("hello", "x"), lambda said: said.replace("x", " "), "blank")
    assert isinstance(outcome, Dropped) and outcome.reason == "empty_turn"
    assert isinstance(rewritten(text("x"), lambda _: "", "blank"), Dropped)
    empty_already = chat("call a tool", "")
    assert rewritten(empty_already, str.upper, "up") == chat("CALL A TOOL", "")
