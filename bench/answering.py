"""What `bench.grounding` measures before an answer: declined, quoted, followed up.

Unanswerable questions of the made-up world: names of another such world, attributes that the
documents do not give of things they know, house rules that they do not have. Wrong declines:
questions whose passage was found and kept. Quotations: those that hold the fact. Then the same on
documents and questions written by hand (`bench.answerable_by_hand`, and `bench.answerable_unseen`,
on which nothing was mended), and follow-ups.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import answerable_by_hand, answerable_unseen
from bench.follow_ups import AFTER, BEFORE, Row
from bench.retrieval_corpus import Language, Question, world
from zaohua.assistant.turn.understanding import understand
from zaohua.assistant.values import Message
from zaohua.generate.engine import Embedder
from zaohua.knowledge import Filters, Found, Knowledge
from zaohua.knowledge.grounding import is_relevant, near_enough, quote, why_not

LOOKED_AT = 8
ATTRIBUTES: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "zh": (
        (
            "{}的总部在哪里？",
            "{}的客服电话是多少？",
            "{}的股票代码是什么？",
            "{}拿过哪些奖？",
            "{}的竞争对手有哪些？",
            "{}的注册资本有多少？",
            "{}一共有几项专利？",
            "{}的产品卖多少钱？",
            "怎么给{}发邮件，邮箱地址是什么？",
            "{}的总经理今年多大年纪？",
        ),
        (
            "{}的面积有多大？",
            "{}有几所小学？",
            "{}离省城有多远？",
            "{}的邮编是多少？",
            "{}最近的火车站在哪？",
            "{}的平均工资是多少？",
        ),
    ),
    "en": (
        (
            "Where is the headquarters of {}?",
            "What is the phone number of {}?",
            "On which stock exchange is {} listed?",
            "Which awards has {} won?",
            "Who are the competitors of {}?",
            "What is the share capital of {}?",
            "How many patents does {} hold?",
            "How much do the products of {} cost?",
            "What is the e-mail address of {}?",
            "How old is the head of {}?",
        ),
        (
            "What is the area of {}?",
            "How many schools are there in {}?",
            "How far is {} from the capital?",
            "What is the postcode of {}?",
            "Where is the railway station of {}?",
            "What is the average salary in {}?",
        ),
    ),
}
NEAR: dict[Language, str] = {
    "zh": """公司有健身房吗？|年终奖发几个月工资？|公司给不给上牙科保险？|婚假有几天？|丧假能请多久？|上班要穿正装吗？
    |班车几点发车？|公司的无线网密码是多少？|手机话费能报销多少？|每年体检安排在哪家医院？|员工宿舍一个月多少钱？
    |公司股票怎么申购？|工号忘了去哪里查？|生日会什么时候办？|打卡迟到一次扣多少钱？|住房公积金交多少？
    |公司图书角能借几本书？|团建每人预算多少？|内推一个人奖励多少？|离职证明找谁开？""",
    "en": """Does the firm have a gym?|How many months' pay is the bonus?|Is there dental insurance?|How many days off for a wedding?|
    How long is leave after a death?|Do I have to wear a suit?|When does the company bus leave?|What is the wifi password?|
    How much of my phone bill is paid?|Which hospital does the yearly check-up?|How much is a room in the staff hostel a month?|
    How do I buy shares of the company?|Where do I look up my staff number?|When is the summer party?|How much is docked for coming late?|
    How much goes into the pension fund?|How many books can I borrow from the office library?|What is the budget for a team outing?|
    What is the reward for referring a friend?|Who writes my reference letter?""",
}


@dataclass
class Tally:
    """Of a group of questions: how many, declined, quoted rightly; and the ones that failed.

    ``lost`` are those whose passage was not found, or not thought relevant: they do not count.
    """

    number: int = 0
    lost: int = 0
    declined: int = 0
    quoted: int = 0
    wrong: list[str] = field(default_factory=list)


def measure_world(
    library: Knowledge,
    language: Language,
    questions: Sequence[Question],
    seed: int,
    embedder: Embedder,
    *,
    told: bool = False,
) -> None:
    """Print what is declined of the made-up world."""
    names = _names(language, seed)
    strange = [q for q in world(language, seed + 100).questions if q.kind == "name"]
    groups: dict[str, list[Question]] = defaultdict(list)
    groups["other names"] = [
        Question(q.text, "", "\0") for q in strange if not any(n in q.text for n in names[1])
    ]
    groups["other attributes"] = _attributes(language, names, seed)
    groups["near topics"] = [Question(t.strip(), "", "\0") for t in NEAR[language].split("|")]
    for question in questions:
        groups[f"held: {question.kind}"].append(question)
    whole = {True: Tally(), False: Tally()}
    times: list[float] = []
    for kind, asked in groups.items():
        tally = _tally(library, asked, embedder, times)
        _print(kind, tally, told=told)
        whole[kind.startswith("held")] = _sum(whole[kind.startswith("held")], tally)
    _print("unanswerable in all", whole[False])
    _print("held in all", whole[True])
    print(f"  milliseconds for eight passages: {statistics.median(times):.2f} (median)")


def measure_by_hand(
    folder: Path, library: Knowledge, language: Language, embedder: Embedder, *, told: bool = False
) -> None:
    """Print what is declined of the questions written by hand."""
    for kind, written in (("by hand", answerable_by_hand), ("unseen", answerable_unseen)):
        documents = written.DOCUMENTS[language]
        (folder / kind).mkdir()
        for name, text in documents.items():
            (folder / kind / f"{name}.md").write_text(text, "utf-8")
        library.add([folder / kind], kind.replace(" ", "-"))
        asyncio.run(library.embed())
        where = Filters(collections=(kind.replace(" ", "-"),))
        whole = {True: Tally(), False: Tally()}
        for name in documents:
            held = [
                Question(text, name, fact) for d, text, fact in written.HELD[language] if d == name
            ]
            missing = [
                Question(text, name, "\0") for d, text in written.MISSING[language] if d == name
            ]
            for is_held, asked in ((True, held), (False, missing)):
                tally = _tally(library, asked, embedder, [], where)
                whole[is_held] = _sum(whole[is_held], tally)
                _print(f"{kind}, {name}: {'held' if is_held else 'not'}", tally, told=told)
        _print(f"{kind} in all: held", whole[True])
        _print(f"{kind} in all: not", whole[False])


def measure_follow_ups(language: Language, *, told: bool = False) -> None:
    """Print how many follow-ups mean what they should."""
    for when, rows in (("before", BEFORE), ("after", AFTER)):
        wrong = [row for row in rows[language] if not follows(row)]
        right = len(rows[language]) - len(wrong)
        built = sum(understand(branch(row)).built for row in rows[language] if row[2])
        number = sum(bool(row[2]) for row in rows[language])
        print(
            f"  follow-ups written {when} the rules: {right}/{len(rows[language])} right, "
            f"{built} of {number} made into one question"
        )
        for row in wrong if told else ():
            print(f"    {row[0]} {row[1]} → {understand(branch(row)).standing!r}")


def follows(row: Row) -> bool:
    """Whether a row's question is understood as it says."""
    read = understand(branch(row))
    _, question, has, lacks = row
    if not has:
        return read.standing == question
    text = read.standing.casefold()
    if not read.built:  # both questions stand there, so what is replaced is there too
        lacks = ()
    return all(word.casefold() in text for word in has) and not any(
        word.casefold() in text for word in lacks
    )


def branch(row: Row) -> list[Message]:
    """The messages of a user that a row tells."""
    plain: dict[str, Any] = dict.fromkeys(Message.__dataclass_fields__)
    plain |= {"role": "user", "created_at": datetime.now(UTC)}
    return [Message(**{**plain, "content": text}) for text in (*row[0], row[1])]


def _names(language: Language, seed: int) -> tuple[list[str], list[str]]:
    """Companies; companies and towns."""
    titles = [text.split("\n")[0].strip("# ") for text in world(language, seed).documents.values()]
    companies, towns = titles[:40], titles[40:60]
    return companies, [*companies, *towns]


def _attributes(
    language: Language, names: tuple[list[str], list[str]], seed: int
) -> list[Question]:
    chance = random.Random(f"attributes {seed}")
    companies, towns = names[0], names[1][40:]
    of_companies, of_towns = ATTRIBUTES[language]
    asked = [(form, name) for form in of_companies for name in chance.sample(companies, 8)]
    asked += [(form, name) for form in of_towns for name in chance.sample(towns, 8)]
    return [Question(form.format(name), "", "\0") for form, name in asked]


def _tally(
    library: Knowledge,
    asked: Sequence[Question],
    embedder: Embedder,
    times: list[float],
    where: Filters | None = None,
) -> Tally:
    vectors = asyncio.run(embedder.embed([q.text for q in asked], query=True))
    tally = Tally()
    for question, vector in zip(asked, vectors, strict=True):
        found = library.search_with(
            question.text, vector, limit=LOOKED_AT, filters=where or Filters()
        )
        kept = [read(one) for one in found if is_relevant(question.text, one)]
        if question.fact != "\0" and not any(question.fact in text for text in kept):
            tally.lost += 1
            continue
        begin = time.perf_counter()
        why = why_not(question.text, kept)
        times.append(1000 * (time.perf_counter() - begin))
        if not why and not asyncio.run(near_enough(question.text, kept, embedder)):
            why = "nearness"
        quoted = quote(question.text, kept)
        right = quoted is not None and question.fact in quoted.text
        tally.number += 1
        tally.declined += bool(why)
        tally.quoted += right
        if bool(why) == (question.fact != "\0"):
            tally.wrong.append(f"{question.text} [{why}]")
        elif question.fact != "\0" and not right:
            tally.wrong.append(f"{question.text} → {quoted.text if quoted else None}")
    return tally


def read(found: Found) -> str:
    """A passage as a turn reads it: what stands above it in the first line."""
    passage = found.passage
    above = " › ".join(dict.fromkeys(filter(None, (passage.title, *passage.headings))))
    return f"{above}\n{passage.text}"


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.number + other.number,
        one.lost + other.lost,
        one.declined + other.declined,
        one.quoted + other.quoted,
    )


def _print(name: str, tally: Tally, *, told: bool = False) -> None:
    quoted = f"  quoted {tally.quoted}, lost before {tally.lost}" if "held" in name else ""
    print(f"  {name:24} declined {tally.declined}/{tally.number}{quoted}")
    for line in tally.wrong if told else ():
        print(f"    {line}")
