"""The graph on SQLite and PostgreSQL: built, kept up to date, asked, imported."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from datetime import date

import pytest
from sqlalchemy import text as sql

from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.events import Chunk, Event, Finished, Timings, Usage
from zaohua.generate.fake import FakeEngine
from zaohua.generate.request import ChatRequest
from zaohua.knowledge.graph import Columns
from zaohua.knowledge.graph.asking import grounded

COMPANY = "# 青禾科技\n\n青禾科技由林远于2015年创立。公司位于石泉镇。\n"
PERSON = "# 林远\n\n林远的妻子是陈晓。\n"
WIFE = "# 陈晓\n\n陈晓在白鹭书店工作。\n"
ENGLISH = "# Alder Works\n\nAlder Works was founded by Maren Vahl. It is based in Coldwater.\n"


def triples(facts) -> list[tuple[str, str, str]]:
    return [(one.subject, one.relation, one.object) for one in facts]


def count(database, table: str) -> int:
    with database.reading() as session:
        return session.scalar(sql(f"SELECT count(*) FROM {table}"))


@pytest.fixture
def built(library, graph, write, folder):
    for name, content in (("a.md", COMPANY), ("b.md", PERSON), ("c.md", WIFE), ("d.md", ENGLISH)):
        write(name, content)
    library.add([folder])
    assert graph.build().passages == 4
    return graph


def test_two_steps_in_chinese_and_english(built) -> None:
    facts = built.facts("青禾科技的创始人的妻子叫什么？")
    assert triples(facts)[0] == ("青禾科技", "由…创立", "林远")
    second = triples(facts)[:3].index(("林远", "妻子", "陈晓"))
    assert (facts[0].distance, facts[second].distance) == (1, 2)
    assert facts[0].quote == "青禾科技由林远于2015年创立"
    assert facts[0].source.endswith("a.md")
    assert facts[0].passage_id is not None
    english = built.facts("Who founded Alder Works?")
    assert triples(english)[0] == ("Alder Works", "founded by", "Maren Vahl")
    assert built.facts("天气怎么样？") == []


def test_hops_and_limit(built) -> None:
    near = built.facts("青禾科技", hops=1)
    assert ("林远", "妻子", "陈晓") not in triples(near)
    far = built.facts("青禾科技", hops=3)
    assert ("陈晓", "在…工作", "白鹭书店") in triples(far)
    assert len(built.facts("青禾科技", hops=3, limit=2)) == 2


def test_only_what_is_new_is_read(built, library, write, folder) -> None:
    assert built.build().passages == 0
    write("e.md", "白鹭书店位于柳渡镇。\n")
    library.add([folder])
    assert built.build().passages >= 1
    assert ("白鹭书店", "位于", "柳渡镇") in triples(built.facts("白鹭书店在哪里"))


def test_a_removed_document_takes_what_came_from_it_alone(
    built, library, database, write, folder
) -> None:
    (folder / "c.md").unlink()
    library.sync()
    assert ("林远", "妻子", "陈晓") in triples(built.facts("林远"))
    assert built.facts("白鹭书店") == []
    with pytest.raises(NotFoundError, match="nothing of that name"):
        built.neighbourhood("白鹭书店")
    library.remove("main")
    assert built.facts("林远") == []
    for table in ("entities", "names", "relations", "readings"):
        assert count(database, f"graph_{table}") == 0, table


def test_collections_are_apart(library, graph, write, folder) -> None:
    write("one/a.md", COMPANY)
    write("two/b.md", PERSON)
    library.add([folder / "one"], "one")
    library.add([folder / "two"], "two")
    graph.build()
    question = "青禾科技的创始人的妻子是谁"
    assert ("林远", "妻子", "陈晓") in triples(graph.facts(question))
    assert ("林远", "妻子", "陈晓") not in triples(graph.facts(question, ["one"]))
    assert graph.facts("林远", ["one"], hops=1)
    with pytest.raises(NotFoundError, match="no such collection"):
        graph.facts(question, ["three"])


def test_path_and_neighbourhood(built) -> None:
    path = triples(built.path("青禾科技", "白鹭书店"))
    assert path == [
        ("青禾科技", "由…创立", "林远"),
        ("林远", "妻子", "陈晓"),
        ("陈晓", "在…工作", "白鹭书店"),
    ]
    assert built.path("青禾科技", "Alder Works") == []
    around = built.neighbourhood("林远", 1)
    assert around.entities[0].name == "林远"
    assert {one.name for one in around.entities} == {"林远", "青禾科技", "陈晓"}
    assert around.entities[0].relations == len(around.relations) == 2
    assert (around.entities[0].language, around.cut) == ("zh", False)
    with pytest.raises(UsageError, match="hops are 1 to 4"):
        built.neighbourhood("林远", 9)


def test_names_are_looked_for_by_a_part(built) -> None:
    def names(part: str = "", **given) -> list[str]:
        return [one.name for one in built.names(part, **given)]

    assert names("青禾") == ["青禾科技"]
    assert names("works") == ["Alder Works"]
    assert names("%") == names("没有的") == []
    assert "林远" in names(limit=3)
    assert not {"2015年", "2015"} & set(names())
    assert built.names("林远")[0].relations == 2
    with pytest.raises(NotFoundError, match="no such collection"):
        built.names("", ["three"])


def test_relations_from_csv_with_validity(graph, write) -> None:
    path = write(
        "r.csv",
        "subject,relation,object,valid_from,valid_to\n青禾科技,总经理,林远,2015,2020\n"
        "青禾科技,总经理,陈晓,2021,\n他,是,谁,,\n",
    )
    report = graph.add(path)
    assert (report.relations, report.names, report.faults) == (2, 3, 1)
    first, second = sorted(
        graph.facts("青禾科技的总经理是谁", today=date(2026, 1, 1)), key=lambda one: one.valid_from
    )
    assert (first.object, first.expired, first.otherwise) == ("林远", True, ())
    assert first.text == "青禾科技 — 总经理 — 林远（自 2015 起，至 2020 止，已不再有效）"
    assert (second.object, second.expired) == ("陈晓", False)
    assert first.source == str(path)
    write("r.csv", "subject,relation,object\n青禾科技,总经理,陈晓\n")
    graph.add(path)
    assert triples(graph.facts("青禾科技")) == [("青禾科技", "总经理", "陈晓")]


def test_documents_that_contradict_are_both_told(library, graph, write, folder) -> None:
    write("old.md", "青禾科技的总部是石泉镇。\n")
    write("new.md", "青禾科技的总部是柳渡镇。\n")
    library.add([folder])
    graph.build()
    facts = [one for one in graph.facts("青禾科技的总部在哪里") if one.relation == "总部"]
    assert {one.object for one in facts} == {"石泉镇", "柳渡镇"}
    assert "另有说法" in facts[0].text
    assert {facts[0].object, *facts[0].otherwise} == {"石泉镇", "柳渡镇"}


def test_a_list_of_names_with_kinds_and_other_names(library, graph, write, folder) -> None:
    write("x.md", "服用华法林期间慎用乙酰水杨酸。\n")
    library.add([folder / "x.md"])
    graph.add(write("g.csv", "name,kind,aliases\n阿司匹林,药物,乙酰水杨酸|aspirin\n华法林,药物,\n"))
    graph.build()
    entity = graph.neighbourhood("Aspirin").entities[0]
    assert (entity.name, entity.kind) == ("阿司匹林", "药物")
    assert set(entity.aliases) == {"乙酰水杨酸", "aspirin"}
    assert any(
        {"华法林", "阿司匹林"} == {f.subject, f.object} for f in graph.facts("Can I take aspirin?")
    )


def test_any_table_by_its_columns(graph, write) -> None:
    path = write("p.csv", "品名,供应商,产地\n绿茶,青禾科技,杭州\n")
    with pytest.raises(UsageError, match="--subject '品名'"):
        graph.add(path)
    with pytest.raises(UsageError, match="there is no column '名'"):
        graph.add(path, columns=Columns("名"))
    graph.add(path, columns=Columns("品名", "商品", {"供应商": "由…供应"}))
    assert triples(graph.facts("绿茶由谁供应")) == [("绿茶", "由…供应", "青禾科技")]


def test_rdf(graph, write) -> None:
    pytest.importorskip("rdflib")
    turtle = """@prefix : <http://example.org/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    :a a :Company ; rdfs:label "青禾科技"@zh ; skos:altLabel "Qinghe"@en ; :founded_by :b .
    :b rdfs:label "林远" ."""
    graph.add(write("g.ttl", turtle))
    assert triples(graph.facts("Who founded Qinghe?")) == [("青禾科技", "founded by", "林远")]
    assert graph.neighbourhood("Qinghe").entities[0].kind == "Company"
    graph.add(write("g.nt", "<http://e.org/Ada> <http://e.org/knows> <http://e.org/Bob> .\n"))
    assert triples(graph.facts("Ada")) == [("Ada", "knows", "Bob")]
    with pytest.raises(UsageError, match="this is not turtle"):
        graph.add(write("bad.ttl", "nonsense <"))


@pytest.mark.alone
def test_hubs_take_no_longer(graph, write) -> None:
    rows = "".join(f"员工{n}号,就职于,青岚集团\n" for n in range(3000))
    graph.add(write("hub.csv", f"subject,relation,object\n{rows}青岚集团,总部,石泉镇\n"))
    begin = time.perf_counter()
    facts = graph.facts("青岚集团的总部在哪里", hops=3)
    assert time.perf_counter() - begin < 2
    assert triples(facts)[0] == ("青岚集团", "总部", "石泉镇")
    assert graph.neighbourhood("青岚集团").cut
    assert len(graph.path("员工7号", "员工2999号")) == 2


class Telling(FakeEngine):
    """Answers every passage with the same JSON, and counts how often it is asked."""

    def __init__(self, answer: object) -> None:
        super().__init__("teller")
        self.answer = json.dumps(answer, ensure_ascii=False)
        self.asked: list[ChatRequest] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        self.asked.append(request)
        yield Chunk(0, text=self.answer, finish_reason="stop")
        yield Finished(Usage(1, 1), Timings(1.0, 1.0))


ANSWER = {
    "entities": [{"name": "林远", "kind": "人"}, {"name": "马云", "kind": "人"}],
    "relations": [
        {"subject": "林远", "relation": "配偶", "object": "陈晓"},
        {"subject": "林远", "relation": "朋友", "object": "马云"},
    ],
}


async def test_a_model_is_believed_where_the_passage_says_so(
    library, graph, write, folder, database
) -> None:
    write("b.md", PERSON)
    library.add([folder])
    engine = Telling(ANSWER)
    made = await graph.build_with(engine)
    assert (made.passages, made.relations, made.refused) == (1, 1, 2)
    assert engine.asked[0].grammar is not None
    assert "林远的妻子是陈晓" in engine.asked[0].messages[0].content
    assert triples(graph.facts("林远")) == [("林远", "配偶", "陈晓")]
    assert graph.facts("马云") == []
    assert (await graph.build_with(engine)).passages == 0
    assert len(engine.asked) == 1


async def test_equal_passages_of_a_changed_file_are_not_asked_about_again(
    library, graph, write, folder
) -> None:
    first = PERSON + "他喜欢沿着河边散步，会拉一点二胡，每个周末都去听戏。\n"
    write("b.md", first + "\n## 住处\n\n林远住在石泉镇的老街上，邻居都认识他，也常常请他写春联。\n")
    library.add([folder])
    engine = Telling(ANSWER)
    before = await graph.build_with(engine)
    write("b.md", first + "\n## 住处\n\n林远住在柳渡镇的老街上，邻居都认识他，也常常请他写春联。\n")
    library.add([folder])
    assert graph.facts("林远") == []
    after = await graph.build_with(engine)
    assert before.passages == after.passages == 2
    assert len(engine.asked) == 3
    assert ("林远", "配偶", "陈晓") in triples(graph.facts("林远"))


async def test_the_fake_engine_follows_the_schema(library, graph, write, folder) -> None:
    write("b.md", PERSON)
    library.add([folder])
    made = await graph.build_with(FakeEngine())
    assert (made.passages, made.relations, made.refused) == (1, 0, 0)


@pytest.mark.parametrize("answer", [{}, {"entities": 3, "relations": [3, {"subject": "林远"}]}])
def test_a_model_that_answers_nonsense_gives_nothing(answer: dict[str, object]) -> None:
    extract, refused = grounded(answer, "林远的妻子是陈晓", "model x")
    assert (extract.mentions, extract.statements, refused) == ((), (), 0)
