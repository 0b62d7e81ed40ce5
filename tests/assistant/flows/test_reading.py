"""Files of flows: what is wrong is told all at once, with lines and the nearest known names."""

from __future__ import annotations

from datetime import date

import pytest

from tests.assistant.flows.conftest import FILE, LOANS
from zaohua.assistant.flows import read_flows
from zaohua.assistant.flows.conditions import dotted
from zaohua.errors import NotFoundError, UsageError

LEAST = """version: 1
tables:
  book: {file: loans.csv, key: loan, columns: {loan: {}, due: {type: date}, card: {hidden: true}}}
slots:
  number: {type: text, ask: "Number?", forms: [B000]}
flows:
  one:
    title: One
    patterns: [one]
    steps:
      - ask: number
      - look_up: {table: book, by: number}
      - STEP
"""


def wrong(read, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(text)
    return caught.value.what


def test_a_good_file_is_read(read) -> None:
    assert list(read(FILE).flows) == [
        *("person", "renew", "due", "left", "price", "note", "about"),
        *("section-1", "section-2"),
    ]
    assert read(LEAST.replace("STEP", "say: done")).flows["one"].wants == {"number"}


def test_all_problems_are_told_at_once_with_their_lines(read) -> None:
    told = wrong(
        read,
        """version: 1
slots:
  number: {type: text, ask: "Number?", forms: [B000], patterns: ['(']}
flows:
  one:
    title: One
    patterns: ['[']
    after: [tow]
    needs: [numbr]
    steps:
      - ask: numer
      - say: "{{ numbers }}"
      - when: number > 3
        say: no
      - then: onne
""",
    )
    assert "line 3: slots.number.patterns.0: no regular expression" in told
    assert "line 7: flows.one.patterns: no regular expression" in told
    assert "there is no flow 'tow'" in told
    assert "there is no slot 'numbr', did you mean 'number'?" in told
    assert (
        "line 11: flows.one.steps.0.ask: there is no slot 'numer', did you mean 'number'?" in told
    )
    assert "line 12: flows.one.steps.1.say: 'numbers' is no input, did you mean 'number'?" in told
    assert "line 13: flows.one.steps.2.when: a text and a number do not go together" in told
    assert "there is no flow 'onne', did you mean 'one'?" in told


def test_an_unknown_key_names_the_nearest(read) -> None:
    told = wrong(read, LEAST.replace("patterns:", "paterns:").replace("STEP", "say: done"))
    assert told == "line 9: flows.one.paterns: there is no such key, did you mean 'patterns'?"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{say: a, then: one}", "a step does one thing, this one does then and say"),
        ("{when: yes}", "a step does one thing, this one does nothing"),
        (
            "{when: 'book.duee > today', say: a}",
            "there is no 'book.duee', did you mean 'book.due'?",
        ),
        ("{when: 'book.due', say: a}", "a condition is yes or no, this is a date"),
        ("{say: '{{ book.duee }}'}", "there is no 'book.duee', there are loan, due"),
        ("{say: '{{ book.card }}'}", "there is no 'book.card', there are loan, due"),
        ("{say: '{{ number.upper() }}'}", "calls cannot be used in a prompt"),
        ("{say: '{{ number.__class__ }}'}", "names that begin with '_' cannot be reached"),
        ("{say: '{{ number / 2 }}'}", "the template cannot be filled"),
        ("{look_up: {table: bok, by: number}}", "there is no table 'bok', did you mean 'book'?"),
        ("{look_up: {table: book, by: number, show: [du]}}", "there is no column 'du'"),
        ("{let: {number: today}, say: ''}", "no name for a value, or it is taken"),
        ("{check: {slot: number, same_as: book.cardd, wrong: no}}", "did you mean 'book.card'?"),
        ("{back: {to: numbr, times: 2}}", "no step above asks for 'numbr', did you mean 'number'?"),
        ("{back: {to: number, times: 0}}", "steps.2.back.times"),
        ("{back: {to: number}}", "steps.2.back"),
        ("{back: {to: number, times: 2, say: '{{ numbers }}'}}", "'numbers' is no input"),
        ("{rules: {facts: {duee: book.due}}}", "there is no fact 'duee', did you mean 'due'?"),
        ("{rules: {facts: {due: number}}}", "'number' is no value of this fact"),
        ("{say: a, cite: ['../../rules.yaml#x']}", "there is no section '../../rules.yaml#x'"),
        ("{say: a, cite: {en: ['terms.md#Renewals']}}", "did you mean 'terms.md#Renewal'?"),
        (
            "{quote: {en: 'terms.md#Renew', zh: 'terms.md#续借'}}",
            "steps.2.quote: there is no section",
        ),
    ],
)
def test_what_is_wrong_in_a_step(read, step: str, told: str) -> None:
    assert told in wrong(read, LEAST.replace("STEP", step))


def test_flows_that_go_round_are_refused(read) -> None:
    more = "{then: two}\n  two: {title: Two, patterns: [two], steps: [{then: one}]}\n"
    told = wrong(read, LEAST.replace("STEP", more))
    assert "flows go round in a circle: " in told
    assert "one goes on with two" in told


def test_what_answers_in_between_asks_for_nothing(read) -> None:
    text = LEAST.replace("title: One", "title: One\n    aside: true").replace("STEP", "say: a")
    assert "line 9: flows.one.aside: what answers in between asks" in wrong(read, text)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("B101,,,,soon,,,\n", "loans.csv, row 5, due: 'soon' is no date"),
        ("b102,,,,today,,,\n", "row 5: the key 'b102' stands twice"),
        (",,,,today,,,\n", "row 5: the key '' is empty"),
        ("B104,,,,today,,,,more\n", "row 5: more cells than the first row has"),
    ],
)
def test_wrong_tables(read, folder, rows: str, told: str) -> None:
    (folder / "tables/loans.csv").write_text(LOANS + rows, "utf-8")
    assert told in wrong(read, LEAST.replace("STEP", "say: done"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tables_as_spreadsheets_save_them(read, folder, encoding: str) -> None:
    rows = (LOANS + "B104,灯,Lamp,,2026/1/5,,back,1\n").replace("\n", "\r\n")
    (folder / "tables/loans.csv").write_bytes(rows.encode(encoding))
    row = read(FILE).known.tables["book"].find("B104", "zh", date(2026, 11, 27))
    assert row is not None
    assert (row.values[dotted("book", "due")], row.values[dotted("book", "title")]) == (
        date(2026, 1, 5),
        "灯",
    )


def test_a_table_that_is_not_there_or_lacks_a_column(read, folder) -> None:
    text = LEAST.replace("STEP", "say: done")
    assert "due2: the table has no column 'due2'" in wrong(read, text.replace("due:", "due2:"))
    assert "has no column 'lone'" in wrong(read, text.replace("key: loan", "key: lone"))
    (folder / "tables/loans.csv").unlink()
    assert "loans.csv cannot be read: no such file" in wrong(read, text)


def test_names_that_stand_for_two_rows(read, folder) -> None:
    (folder / "tables/loans.csv").write_text(LOANS.replace("|letters", "|lighthouse"), "utf-8")
    assert "'lighthouse' names two rows" in wrong(read, FILE)


@pytest.mark.parametrize("text", ["", "- 1", "version: 2\nflows: {}", "\x00", "a: &x [*x]"])
def test_files_that_are_none(read, text: str) -> None:
    assert wrong(read, text)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="the file of flows cannot be read"):
        read_flows(tmp_path / "flows.yaml", tmp_path)
