"""Instructions that poems answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.data.sets.making import FILES, opened, parted, poem
from zaohua.data.cleaning.mixing import part_of
from zaohua.data.records import Record, Turn
from zaohua.data.sets.poetry import corpus, reading
from zaohua.data.sets.poetry.conversations import LONGEST
from zaohua.data.sets.poetry.forms import FORMS, verses
from zaohua.data.sets.poetry.options import PoetryOptions
from zaohua.data.sets.poetry.reading import poetry_records
from zaohua.progress import Silent
from zaohua.spec import read_spec
from zaohua.text.instructions import default_instructions

# the even lines of each rhyme; the other characters are drawn from the block of common ones
_RHYME = "流楼秋州舟愁游收浮头"


def many(count: int = 400, author: str = "李白") -> dict[str, Any]:
    rows = []
    for n in range(count):
        size = 5 if n % 2 else 7
        quatrain = n % 4 < 2
        lines = [
            "".join(chr(0x4E00 + (n * 131 + at * 17 + line * 71) % 3000) for at in range(size - 1))
            for line in range(4 if quatrain else 8)
        ]
        ends = [("山" if at % 2 == 0 else _RHYME[(n + at) % 10]) for at in range(len(lines))]
        whole = [line + end for line, end in zip(lines, ends, strict=True)]
        couplets = [f"{a}，{b}。" for a, b in zip(whole[::2], whole[1::2], strict=True)]
        rows.append(poem("春日" if n % 3 else "送客", author, couplets))
    return {"package/dist/quantangshi/poet.tang.0.json": rows}


def chats(files: dict[str, Any], **options: object) -> list[Record]:
    chosen = read_spec(PoetryOptions, {"form": "chat", **options}, "test")
    return parted(poetry_records(opened(files), "poetry", chosen, Silent()))[0]


def asked(record: Record) -> str:
    return next(turn.content for turn in record.messages if turn.role == "user")


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return chats(many())


def test_every_answer_is_the_poem_that_was_asked_for(records: list[Record]) -> None:
    assert len(records) > 350
    for record in records:
        request = record.meta["request"]
        form, given = FORMS[request["form"]], request.get("given", [])
        lines = (*given, *verses(record.messages[-1].content))
        assert len(lines) == form.lines == request["lines"]
        assert {len(line) for line in lines} == {form.characters} == {request["characters"]}


def test_prompts_say_what_the_request_says(records: list[Record]) -> None:
    for record in records:
        request, prompt = record.meta["request"], asked(record)
        form = FORMS[request["form"]]
        assert form.title in prompt or form.kind in prompt
        for line in request.get("given", []):
            assert line in prompt
        for key in ("title", "author", "heads", "rhyme"):
            assert request.get(key, "") in prompt


def test_all_tasks_and_several_wordings_of_each_occur(records: list[Record]) -> None:
    tasks = Counter(record.meta["request"]["task"] for record in records)
    assert set(tasks) == {"title", "form", "continue", "style", "acrostic", "theme", "rhyme"}
    styles = {asked(r) for r in records if r.meta["request"]["task"] == "style"}
    assert len(styles) >= 4


def test_acrostics_are_asked_of_quatrains_by_their_own_first_characters(
    records: list[Record],
) -> None:
    found = [r for r in records if r.meta["request"]["task"] == "acrostic"]
    assert found
    for record in found:
        heads = record.meta["request"]["heads"]
        assert heads == "".join(line[0] for line in verses(record.messages[-1].content))
        assert len(heads) == 4


def test_a_rhyme_is_asked_for_by_the_name_that_all_even_lines_have() -> None:
    only = dict.fromkeys(("title", "form", "continue", "style", "acrostic", "theme"), 0)
    found = chats(many(40), tasks=only)
    assert {record.meta["request"]["rhyme"] for record in found} == {"尤"}


def test_a_share_is_asked_in_english() -> None:
    share = [r.meta["request"]["language"] for r in chats(many(), english=0.3)].count("en")
    assert 80 < share < 160
    assert all(r.meta["request"]["language"] == "zh" for r in chats(many(), english=0))


def test_the_same_poems_give_the_same_instructions(records: list[Record]) -> None:
    assert records == chats(many())


def test_weights_choose_the_tasks() -> None:
    only = {"title": 0, "continue": 0, "style": 0, "acrostic": 0, "theme": 0, "rhyme": 0}
    assert {r.meta["request"]["task"] for r in chats(many(40), tasks=only)} == {"form"}


def test_half_of_the_conversations_begin_as_the_chat_begins_them(records: list[Record]) -> None:
    systems = [r for r in records if r.messages[0].role == "system"]
    assert 0.4 < len(systems) / len(records) < 0.6
    assert all(r.messages[0].content == default_instructions(asked(r)) for r in systems)
    assert not [r for r in chats(many(), system=0) if r.messages[0].role == "system"]


def test_a_style_is_asked_only_of_authors_with_many_poems() -> None:
    few = reading.STYLE_NEEDS - 1
    assert "style" not in {r.meta["request"]["task"] for r in chats(many(few))}


def test_poems_that_do_not_rhyme_teach_nothing() -> None:
    assert {record.meta["title"] for record in chats(FILES)} <= {
        "春晓",
        "登鹳雀楼",
        "赠汪伦",
        "春望",
    }
    rhymeless = many(8)
    for row in rhymeless["package/dist/quantangshi/poet.tang.0.json"]:
        row["paragraphs"] = [line.replace(line[-2], "山") for line in row["paragraphs"]]
    assert chats(rhymeless) == []
    assert len(chats(rhymeless, rhymed=False)) == 8


def test_a_poem_is_on_one_side_of_the_split_as_text_and_as_chat(records: list[Record]) -> None:
    texts = parted(poetry_records(opened(many()), "poetry", PoetryOptions(), Silent()))[0]
    sides = {text.position: part_of(text, 0.3) for text in texts}
    assert {"train", "validation"} == set(sides.values())
    assert all(part_of(record, 0.3) == sides[record.position] for record in records)


@pytest.fixture
def talks(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Conversations of poems in 40 groups instead of thousands."""
    monkeypatch.setattr(corpus, "SPLIT_GROUPS", 40)
    return chats(many(), follow_up=0.5)


def test_a_share_of_the_instructions_follows_others_in_a_conversation(
    talks: list[Record],
) -> None:
    counts = Counter(len(_said(record)) // 2 for record in talks)
    assert set(counts) == {1, 2, 3}
    assert sum(n * count for n, count in counts.items()) == 400
    assert 0.35 < 1 - len(talks) / 400 < 0.5
    assert max(sum(len(turn.content) for turn in _said(record)) for record in talks) <= LONGEST


def test_a_conversation_is_measured_by_its_last_instruction(talks: list[Record]) -> None:
    for record in talks:
        *_, prompt, answer = _said(record)
        request = record.meta["request"]
        assert request.get("title", "") in prompt.content
        lines = (*request.get("given", []), *verses(answer.content))
        assert (len(lines), len(lines[-1])) == (request["lines"], request["characters"])
        assert [turn.role for turn in record.messages].count("system") <= 1
        assert {turn.role for turn in _said(record)[::2]} == {"user"}


def test_no_poem_of_a_conversation_is_on_the_other_side_of_the_split(talks: list[Record]) -> None:
    texts = parted(poetry_records(opened(many()), "poetry", PoetryOptions(), Silent()))[0]
    sides = {text.text.split("\n", 1)[1]: part_of(text, 0.3) for text in texts}
    whole = [
        (part_of(record, 0.3), turn.content)
        for record in talks
        for turn in _said(record)[1::2]
        if turn.content in sides
    ]
    assert len(whole) > 200 and {side for side, _ in whole} == {"train", "validation"}
    assert all(sides[poem] == side for side, poem in whole)


def _said(record: Record) -> list[Turn]:
    return [turn for turn in record.messages if turn.role != "system"]
