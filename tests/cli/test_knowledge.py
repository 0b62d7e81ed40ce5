"""``zaohua knowledge``: added, searched, shown, kept up to date, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Here


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "rules.md").write_text("# 手册\n\n## 年假\n\n满一年有十二天年假。\n", "utf-8")
    (folder / "guide.txt").write_text("The lamp is switched on at the wall.\n", "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    return folder


def test_add_tells_what_it_read_and_what_it_could_not(here: Here, notes: Path) -> None:
    done = here("knowledge", "add", "notes")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "main: 2 added, 1 unreadable",
        "2 new passages, 2 embedded",
    ]
    assert f"not read: {notes / 'empty.txt'}: empty file" in done.stderr.splitlines()
    assert "embedding: 2 passages of 2 passages" in done.stderr
    again = json.loads(here("knowledge", "add", "notes", "--json").stdout)
    assert (again["unchanged"], again["unreadable"], again["faults"]) == (2, 1, 1)
    assert again["embedded"] == 0


def test_what_is_known_from_another_collection_is_said(here: Here, notes: Path) -> None:
    here("knowledge", "add", "notes")
    done = here("knowledge", "add", "notes", "--collection", "again")
    assert done.stdout.splitlines()[1] == "2 new passages, 0 embedded, 2 known from before"


@pytest.mark.parametrize("chosen", [(), ("-c", "work")])
def test_without_documents_no_model_is_fetched(
    here: Here, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ZAOHUA_ENGINE", "llamacpp")
    monkeypatch.setenv("ZAOHUA_OFFLINE", "1")
    done = here("knowledge", "ask", "Where is the lamp?", *chosen)
    assert done.returncode
    assert "no such collection" in done.stderr if chosen else "no documents" in done.stderr


def test_a_name_that_is_nearly_one(here: Here, notes: Path) -> None:
    here("knowledge", "add", "notes", "--collection", "handbook", "--later")
    for verb in (("ask", "Who?", "-c"), ("search", "who", "-c"), ("show",), ("remove",)):
        assert "did you mean 'handbook'?" in here("knowledge", *verb, "handbok").stderr


def test_search_cites(here: Here, notes: Path) -> None:
    here("knowledge", "add", "notes", "-c", "work")
    shown = here("knowledge", "search", "年假有几天", "-n", "1").stdout
    assert shown.startswith(f"1. {notes / 'rules.md'} · 手册 › 年假")
    assert "words 1, meaning 1" in shown
    [found] = json.loads(here("knowledge", "search", "lamp", "--words", "--json").stdout)
    passage = found["passage"]
    assert passage["source"] == str(notes / "guide.txt")
    text = (notes / "guide.txt").read_text("utf-8")
    assert text[passage["start"] : passage["end"]] == passage["text"]
    narrowed = here("knowledge", "search", "lamp", "--file", "*.md", "--words")
    assert narrowed.stdout == "nothing was found\n"
    missing = here("knowledge", "search", "lamp", "-c", "nowhere")
    assert missing.returncode == 1
    assert missing.stderr.startswith("zaohua: no such collection (nowhere)")


def test_ask_answers_with_sources_or_says_that_there_are_none(here: Here, notes: Path) -> None:
    assert here("knowledge", "ask", "年假有几天？").stderr.startswith(
        "zaohua: there are no documents"
    )
    here("knowledge", "add", "notes", "-c", "work")
    *answer, source = here("knowledge", "ask", "满一年有几天年假？").stdout.splitlines()
    assert "满一年有十二天年假。" in answer and source == "[1] notes/rules.md › 手册 › 年假"
    told = json.loads(here("knowledge", "ask", "How is the lamp switched on?", "--json").stdout)
    assert told["answered"] and told["answer"]
    assert [one["source"] for one in told["citations"]] == ["notes/guide.txt"]
    missing = json.loads(here("knowledge", "ask", "Who designed the lamp?", "--json").stdout)
    assert not missing["answered"] and not missing["citations"] and missing["answer"]
    assert here("knowledge", "ask", "lamp?", "-c", "nowhere").returncode == 1
    assert here("knowledge", "ask", " ").returncode == 2


def test_later_embeds_later(here: Here, notes: Path) -> None:
    assert "0 embedded" in here("knowledge", "add", "notes", "--later").stdout
    [listed] = json.loads(here("knowledge", "list", "--json").stdout)
    assert (listed["passages"], listed["embedded"]) == (2, 0)
    assert here("knowledge", "embed").stdout == "2 passages embedded\n"
    assert json.loads(here("knowledge", "embed", "--json").stdout) == {"embedded": 0}


def test_show_sync_remove(here: Here, notes: Path) -> None:
    here("knowledge", "add", "notes", "--later")
    table = here("knowledge", "show").stdout
    assert "empty file" in table
    files = json.loads(here("knowledge", "show", "--json").stdout)
    [document] = files[1]["documents"]
    told = here("knowledge", "show", "--document", str(document["id"])).stdout
    assert told == "The lamp is switched on at the wall.\n\n"
    (notes / "guide.txt").unlink()
    assert here("knowledge", "sync").stdout.startswith("main: 1 unchanged, 1 removed, 1 unreadable")
    assert json.loads(here("knowledge", "sync", "--json").stdout)["unchanged"] == 1
    done = here("knowledge", "remove", "main", "notes/rules.md")
    assert done.stdout == "notes/rules.md is removed: 1 files\n"
    assert here("knowledge", "remove", "main").returncode == 0
    assert here("knowledge", "list").stdout.startswith("there are no documents")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "nowhere"), 1, "no such file, folder or match (nowhere)"),
        (("add", ".", "-c", "a b"), 2, "not a name for a collection"),
        (("remove", "none"), 1, "no such collection"),
        (("show", "--document", "7"), 1, "no such document (7)"),
    ],
)
def test_what_cannot_be_is_one_line(here: Here, arguments, code, said) -> None:
    done = here("knowledge", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_that_can_be_read_is_a_failure(here: Here, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    done = here("knowledge", "add", str(empty), "--collection", "none")
    assert done.returncode == 1
    assert "empty file" in done.stderr
    assert "none: 1 unreadable" in done.stdout


def test_stopped_it_says_that_what_is_done_is_kept(
    here: Here, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("zaohua.knowledge.Knowledge.embed", stop)
    done = here("knowledge", "add", "notes")
    assert done.returncode == 130
    assert "stopped: what is done is kept" in done.stderr
    assert "main" in here("knowledge", "list").stdout
