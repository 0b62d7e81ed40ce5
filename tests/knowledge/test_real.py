"""The real embedder: questions that share no word with their answer."""

from __future__ import annotations

import pytest
from bench.retrieval import recall
from bench.retrieval_corpus import world

from zaohua.generate.e5 import passage_embedder
from zaohua.knowledge import Knowledge
from zaohua.store.database import Database

QUESTIONS = {
    "How much holiday do I get?": "年假",
    "手机能不能带进去": "Phones",
    "开车来的人停哪里": "停车",
}
TEXT = """# 手册

## 年假

满一年的员工每年有十二天带薪休假。

## Phones

Mobile devices stay in the lockers at the entrance.

## 停车

来访车辆请放在北门外的空地。

## 打印

彩色输出须经主管批准。
"""


@pytest.fixture
def library(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'zaohua.db'}")
    database.migrate()
    yield Knowledge(database, passage_embedder())
    database.close()


async def test_meaning_is_found_across_languages(library, tmp_path) -> None:
    (tmp_path / "manual.md").write_text(TEXT, "utf-8")
    library.add([tmp_path / "manual.md"])
    await library.embed()
    for question, heading in QUESTIONS.items():
        [found] = await library.search(question, limit=1)
        assert found.passage.headings[-1] == heading, question


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_hybrid_finds_more_than_either_alone(library, tmp_path, language) -> None:
    made = world(language, seed=7)
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in made.documents.items():
        (folder / name).write_text(text, "utf-8")
    library.add([folder])
    await library.embed()
    vectors = await passage_embedder().embed([q.text for q in made.questions], query=True)
    shares = recall(library, made.questions, vectors)
    assert len(made.questions) >= 200
    assert shares["hybrid"]["all"] >= 0.9
    assert shares["hybrid"]["all"] > max(shares["words"]["all"], shares["meaning"]["all"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_of_the_measurement_has_its_answer(language) -> None:
    made = world(language)
    assert len(made.questions) >= 200
    assert len({q.text for q in made.questions}) > 0.95 * len(made.questions)
    for question in made.questions:
        assert sum(question.fact in text for text in made.documents.values()) >= 1, question
