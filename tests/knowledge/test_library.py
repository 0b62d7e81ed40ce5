"""Adding, keeping up to date, finding: on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas
from sqlalchemy import text as sql

from tests.knowledge.conftest import TermEmbedder
from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge import Filters, Knowledge, Limits, reading
from zaohua.store.database import Database

RULES = """# 员工手册

## 年假

满一年有十二天年假，可以结转。

## 差旅

住宿每晚不超过四百元。
"""
GUIDE = """# Guide

## Lamps

The lamp is switched on at the wall.

## Doors

Doors open inwards.
"""


def pdf(*pages: str, password: str = "") -> bytes:
    file = io.BytesIO()
    made = canvas.Canvas(file, encrypt=StandardEncryption(password) if password else None)
    for page in pages:
        made.drawString(80, 700, page)
        made.showPage()
    made.save()
    return file.getvalue()


def texts(found) -> list[str]:
    return [" ".join(one.passage.text.split()) for one in found]


def words(library: Knowledge, query: str, **filters: tuple[str, ...]) -> list[str]:
    return texts(library.search_with(query, None, filters=Filters(**filters)))


async def test_found_by_words_at_once_and_by_meaning_once_embedded(library, write, folder) -> None:
    write("rules.md", RULES)
    write("guide.md", GUIDE)
    added = library.add([folder])
    assert (added.added, added.documents, added.passages) == (2, 2, 4)
    [first, *_] = library.search_with("年假有几天", None)
    assert first.passage.headings == ("员工手册", "年假")
    assert (first.word_rank, first.meaning_rank) == (1, None)
    assert await library.embed() == 4
    assert await library.embed() == 0
    [first, *_] = await library.search("switch the lamp on")
    assert first.passage.headings == ("Guide", "Lamps")
    assert (first.word_rank, first.meaning_rank) == (1, 1)
    assert 0 < first.similarity <= 1.001
    assert (first.passage.title, first.passage.language) == ("Guide", "en")


async def test_a_passage_says_where_it_stands(library, write, folder) -> None:
    path = write("rules.md", RULES)
    library.add([folder])
    [found, *_] = library.search_with("差旅住宿", None)
    passage = found.passage
    whole = library.text(passage.document)
    assert whole == RULES
    assert whole[passage.start : passage.end] == passage.text
    assert passage.source == str(path)
    assert [one.start for one in library.passages(passage.document)] == sorted(
        one.start for one in library.passages(passage.document)
    )


async def test_pages_of_a_pdf(library, write) -> None:
    path = write("book.pdf", pdf("The first page is about lamps.", "The second is about doors."))
    library.add([path])
    pages = {one.page for one in library.passages(library.files()[0].documents[0].id)}
    assert pages == {1} or pages == {1, 2}
    [found, *_] = library.search_with("lamps", None)
    assert found.passage.page == 1
    assert library.files()[0].documents[0].pages == 2


async def test_rows_and_pairs_are_found_whole(library, write) -> None:
    write("tea.csv", "品名,价格\n绿茶,三元\n红茶,五元\n")
    path = write("faq.jsonl", '{"question": "怎么退货？", "answer": "三十天内联系客服。"}\n')
    library.add([path.parent])
    assert words(library, "红茶多少钱")[0] == "品名: 红茶 价格: 五元"
    assert words(library, "退货")[0] == "question: 怎么退货？ answer: 三十天内联系客服。"
    [found] = library.search_with("红茶", None, limit=1)
    assert (found.passage.row, found.passage.title) == (1, "tea")


async def test_unchanged_files_are_neither_read_nor_embedded_again(
    library, embedder, write, folder, monkeypatch
) -> None:
    write("rules.md", RULES)
    library.add([folder])
    await library.embed()
    monkeypatch.setattr(reading, "read", None)
    again = library.add([folder])
    assert (again.added, again.unchanged) == (0, 1)
    assert await library.embed() == 0
    assert len(embedder.asked) == 2


async def test_a_changed_file_replaces_its_passages_and_keeps_equal_vectors(
    library, embedder, write, folder
) -> None:
    write("rules.md", RULES)
    library.add([folder])
    await library.embed()
    write("rules.md", RULES.replace("四百元", "六百元"))
    assert library.add([folder]).changed == 1
    assert any("六百元" in one for one in words(library, "住宿每晚"))
    assert not any("四百元" in one for one in words(library, "住宿每晚四百元"))
    assert await library.embed() == 1
    assert "六百元" in embedder.asked[-1]


async def test_what_is_gone_vanishes_everywhere(library, database, write, folder) -> None:
    write("rules.md", RULES)
    gone = write("deep/guide.md", GUIDE)
    library.add([folder])
    await library.embed()
    assert words(library, "lamp")
    gone.unlink()
    assert library.sync().removed == 1
    assert words(library, "lamp") == []
    assert all("Guide" not in one.passage.title for one in await library.search("lamp"))
    with database.reading() as session:
        for table in ("passages", "vectors", "terms"):
            assert session.scalar(sql(f"SELECT count(*) FROM knowledge_{table}")) == 2, table


async def test_a_folder_that_is_not_there_keeps_its_documents(library, write, folder) -> None:
    write("rules.md", RULES)
    library.add([folder])
    folder.rename(folder.with_name("moved"))
    synced = library.sync()
    assert synced.removed == 0
    assert [p.reason for p in synced.problems] == [
        "the folder is not there: its documents are kept"
    ]
    assert words(library, "年假")


async def test_a_single_file_that_is_gone_is_dropped_once(library, write) -> None:
    path = write("rules.md", RULES)
    library.add([path])
    path.unlink()
    assert library.sync().removed == 1
    assert library.sync().problems == ()


async def test_each_unreadable_file_is_one_line(library, write, folder) -> None:
    write("a-locked.pdf", pdf("secret", password="x"))
    write("b-empty.txt", b"")
    write("c-scan.pdf", pdf("", ""))
    with (write("d-large.txt", b"")).open("r+b") as large:
        large.truncate(500 << 20)
    write("e-broken.zip", b"PK\x03\x04" + b"\0" * 40)
    write("f-picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    write("g-rules.md", RULES)
    added = library.add([folder], limits=Limits(file_bytes=100 << 20))
    assert (added.added, added.unreadable, added.faults) == (1, 6, 6)
    reasons = {Path(p.source).name[0]: p.reason for p in added.problems}
    assert reasons["a"] == "locked with a password"
    assert reasons["b"] == "empty file"
    assert reasons["c"] == "no text layer: a scan, or empty pages"
    assert reasons["d"] == "500 MB is over the limit of 100 MB"
    assert "damaged archive" in reasons["e"]
    assert "PNG" in reasons["f"]
    assert words(library, "年假")
    again = library.add([folder], limits=Limits(file_bytes=100 << 20))
    assert len(again.problems) == 6
    [figures] = library.collections()
    assert (figures.files, figures.unreadable, figures.documents) == (7, 6, 1)


async def test_bad_rows_are_told_and_the_good_ones_kept(library, write) -> None:
    path = write("x.csv", "a,b\n1,2\n3\n" + "5,6\n")
    added = library.add([path])
    assert (added.added, added.faults, added.passages) == (1, 1, 2)
    assert added.problems[0].reason == "line 3: 1 fields where the header has 2"


async def test_more_text_than_the_limit(library, write) -> None:
    path = write("x.txt", "词" * 2000)
    added = library.add([path], limits=Limits(characters=1000))
    assert "more text than 1,000 characters" in added.problems[0].reason


async def test_a_missing_library_is_told_and_tried_again(library, write, monkeypatch) -> None:
    path = write("rules.html", f"<html><body>{RULES}</body></html>")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "resiliparse.parse.html", None)
        assert "zaohua[documents]" in library.add([path]).problems[0].reason
    assert library.add([path]).changed == 1
    assert words(library, "年假")


async def test_members_of_archives_are_documents(library, write) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("规则/rules.md", RULES)
        archive.writestr("guide.md", GUIDE)
    path = write("all.zip", file.getvalue())
    assert library.add([path]).documents == 2
    [found] = library.search_with("lamp", None)[:1]
    assert found.passage.source == f"{path}!guide.md"


async def test_filters(library, write, folder) -> None:
    for name in ("zh/rules.md", "zh/old.txt"):
        write(name, RULES)
    write("en/guide.md", GUIDE.replace("lamp", "lamp 年假"))
    library.add([folder / "zh"], "people")
    library.add([folder / "en"], "house")
    await library.embed()

    async def sources(**filters: tuple[str, ...]) -> set[str]:
        found = await library.search("年假", filters=Filters(**filters))
        return {Path(one.passage.source).name for one in found}

    assert await sources() == {"rules.md", "old.txt", "guide.md"}
    assert await sources(collections=("house",)) == {"guide.md"}
    assert await sources(files=("*.txt",)) == {"old.txt"}
    assert await sources(files=("*/en/*",)) == {"guide.md"}
    assert await sources(languages=("zh",)) == {"rules.md", "old.txt"}
    assert await sources(languages=("ko",)) == set()
    with pytest.raises(NotFoundError, match="no such collection"):
        await sources(collections=("nowhere",))


async def test_remove(library, write, folder) -> None:
    write("a/rules.md", RULES)
    write("b/guide.md", GUIDE)
    library.add([folder])
    assert library.remove("main", folder / "a") == 1
    assert words(library, "年假") == []
    with pytest.raises(NotFoundError, match="nothing of that path"):
        library.remove("main", folder / "a")
    assert library.remove("main") == 1
    assert library.collections() == []
    with pytest.raises(NotFoundError, match="no such collection"):
        library.remove("main")
    with pytest.raises(NotFoundError, match="no such document"):
        library.text(1)


async def test_another_process_sees_changes(library, database, embedder, write, folder) -> None:
    other = Knowledge(database, embedder)
    assert await other.search("lamp") == []
    write("guide.md", GUIDE)
    library.add([folder])
    await library.embed()
    [found, *_] = await other.search("lamp")
    assert found.meaning_rank is not None
    library.remove("main")
    assert await other.search("lamp") == []
    library.add([folder])
    await library.embed()
    [again, *_] = await other.search("lamp")
    assert again.passage.id != found.passage.id


async def test_vectors_of_another_embedder_are_made_anew(library, database, write, folder) -> None:
    write("guide.md", GUIDE)
    library.add([folder])
    await library.embed()
    other = TermEmbedder()
    other.model = "other"
    newer = Knowledge(database, other)
    assert newer.collection().embedded == 0
    assert await newer.embed() == 2
    assert newer.collection().embedded == 2
    assert library.collection().embedded == 0


async def test_embedding_goes_on_after_a_stop(library, embedder, write, monkeypatch) -> None:
    path = write("rows.csv", "n,word\n" + "".join(f"{n},word{n}\n" for n in range(9)))
    library.add([path])
    real = embedder.embed

    async def failing(texts, *, query=False):
        if len(embedder.asked) >= 4:
            raise asyncio.CancelledError
        return await real(texts, query=query)

    monkeypatch.setattr(embedder, "embed", failing)
    with pytest.raises(asyncio.CancelledError):
        await library.embed(batch=2)
    assert library.collection().embedded == 4
    monkeypatch.setattr(embedder, "embed", real)
    steps: list[int] = []

    class Told:
        def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
            steps.append(total or 0)

        def advance(self, amount: int) -> None:
            steps.append(amount)

        def figures(self, text: str) -> None: ...

        def note(self, text: str) -> None: ...

        def finish(self) -> None: ...

    assert await library.embed(Told(), batch=2) == 5
    assert steps == [5, 2, 2, 1]


@pytest.mark.parametrize("query", ["", "?!", '" OR 1', "' & |", "的", "a", "\0\ud800", "很" * 500])
async def test_odd_queries(library, write, folder, query: str) -> None:
    write("rules.md", RULES)
    library.add([folder])
    await library.embed()
    assert len(await library.search(query)) <= 5


@pytest.mark.parametrize("query", ["年假", "差旅", "宿", "四百"])
async def test_one_and_two_characters_are_found(library, write, folder, query: str) -> None:
    write("rules.md", RULES)
    write("guide.md", GUIDE)
    library.add([folder])
    assert words(library, query)


async def test_wrong_names_and_paths(library, folder) -> None:
    for name in ("", "a b", "x/y", "n" * 65):
        with pytest.raises(UsageError, match="not a name"):
            library.add([folder], name)
    with pytest.raises(NotFoundError, match="no such file"):
        library.add([folder / "nowhere"])
    with pytest.raises(NotFoundError, match="no such collection"):
        library.sync("none")
    assert library.collections() == []


async def test_text_that_no_database_takes(library, write, folder) -> None:
    write("x.jsonl", json.dumps({"text": "lamp and \u0000 door"}))
    library.add([folder])
    assert words(library, "lamp") == ["lamp and \ufffd door"]


async def test_many_documents_in_a_filter(library: Knowledge, database: Database, write) -> None:
    path = write("guide.md", GUIDE)
    library.add([path])
    number = library.files()[0].documents[0].id
    wide = Filters(documents=tuple(range(number, number + 5000)))
    assert library.search_with("lamp", None, filters=wide)
