"""Whether answers stand on their sources: what is thought relevant, which sentences are caught.

    python -m bench.grounding [--seed N] [--only PART] [--told]

PARTS: relevance, answerable, by-hand (a part of answerable), claims, follow-ups.

The made-up world of `bench.retrieval_corpus`. Relevance: questions about it, about another such
world (names that it does not have: the hardest case) and about something else altogether; how often
something is thought relevant, and for the first how often the passage with the fact is among it.
Claims: sentences with the fact, as they are and reworded, against the first five passages found;
then with a number, a person's or a company's name changed, or a *not* put in. What is declined,
quoted and followed up: `bench.answering`. ``--told`` shows what went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.answering import measure_by_hand, measure_follow_ups, measure_world
from bench.retrieval import FIRST, _library
from bench.retrieval_corpus import Language, Question, world
from zaohua.generate.e5 import passage_embedder
from zaohua.generate.engine import Embedder
from zaohua.knowledge import Found, Knowledge
from zaohua.knowledge.grounding import claims, is_relevant

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PARTS = ("relevance", "answerable", "by-hand", "claims", "follow-ups")
LOOKED_AT = 8
OTHER: dict[Language, str] = {
    "zh": """太阳系有几颗行星？ 怎么做红烧肉？ 写一首关于春天的诗 1加1等于几？ 今天天气怎么样？
    怎么反转一个列表？ 李白是哪个朝代的诗人？ 如何治疗感冒？ 世界上最高的山是什么？
    足球比赛有几个人？ 什么是量子力学？ 推荐几部好看的电影 怎样减肥最有效？
    谁发明了电灯？ 黑洞是怎么形成的？
    明天股市会涨吗？ 唐朝是哪一年建立的？ 猫一天睡几个小时？ 怎么学游泳？ 月亮为什么会有圆缺？
    水的沸点是多少？ 牙疼怎么办？ 帮我起个网名 莫扎特写过哪些歌剧？ 什么是通货膨胀？""",
    "en": """How many planets are there? | How do I cook rice? | Write a poem about spring |
    What is 1 plus 1? | What is the weather like today? | How do I reverse a list? |
    Who wrote Hamlet? | How do you treat a cold? | What is the highest mountain on earth? |
    How many players are in a football team? | What is quantum mechanics? |
    Recommend some good films | What is the best way to lose weight? |
    Who invented the light bulb? | How does a black hole form? | How long do cats sleep? |
    Will the stock market go up tomorrow? | When did the Roman empire fall? |
    How can I learn to swim? | Why does the moon change its shape? |
    At what temperature does water boil? | What helps against toothache? |
    Think of a nickname for me | Which operas did Mozart write? | What is inflation?""",
}
REWORDED: dict[Language, tuple[str, ...]] = {
    "zh": ("{}", "根据资料，{}", "您好，{}[1]", "资料里说：{}"),
    "en": ("{}", "According to the documents, {}", "Sure: {} [1]", "The documents say that {}"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", choices=PARTS, default="")
    parser.add_argument("--told", action="store_true")
    given = parser.parse_args(arguments)
    parts = (given.only,) if given.only else PARTS
    embedder = passage_embedder()
    for language in LANGUAGES:
        print(f"\n{language}")
        if "follow-ups" in parts:
            measure_follow_ups(language, told=given.told)
        if parts == ("follow-ups",):
            continue
        with tempfile.TemporaryDirectory() as folder:
            library, database, questions = _library(Path(folder), language, given.seed, embedder)
            if "relevance" in parts:
                _relevance(library, language, questions, given.seed, embedder)
            if "claims" in parts:
                _claims(library, language, questions, given.seed)
            if "answerable" in parts:
                measure_world(library, language, questions, given.seed, embedder, told=given.told)
            if {"answerable", "by-hand"} & set(parts):
                measure_by_hand(Path(folder), library, language, embedder, told=given.told)
            database.close()


def _relevance(
    library: Knowledge,
    language: Language,
    questions: Sequence[Question],
    seed: int,
    embedder: Embedder,
) -> None:
    strange = [q for q in world(language, seed + 100).questions if q.kind == "name"]
    other = [Question(text.strip(), "other", "\0") for text in _parted(language)]
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in [*questions, *other]:
        groups[question.kind].append(question)
    groups["names of another world"] = strange
    for kind, asked in groups.items():
        vectors = asyncio.run(embedder.embed([q.text for q in asked], query=True))
        some = right = found_at_all = 0
        for question, vector in zip(asked, vectors, strict=True):
            found = library.search_with(question.text, vector, limit=LOOKED_AT)
            kept = [one for one in found if is_relevant(question.text, one)]
            some += bool(kept)
            right += _holds(kept, question.fact)
            found_at_all += _holds(found, question.fact)
        told = f"right one kept {right}/{found_at_all}" if found_at_all else ""
        print(f"  relevant: {kind:24} {some}/{len(asked)}  {told}")


def _parted(language: Language) -> Iterable[str]:
    return OTHER[language].split("|") if language == "en" else OTHER[language].split()


def _holds(found: Sequence[Found], fact: str) -> bool:
    return any(fact in one.passage.text for one in found)


def _claims(
    library: Knowledge, language: Language, questions: Sequence[Question], seed: int
) -> None:
    chance = random.Random(seed)
    strange = [q.fact for q in world(language, seed + 100).questions if q.kind == "name"]
    changes: dict[str, Callable[[str], str]] = {
        "true": lambda fact: fact,
        "number changed": lambda fact: re.sub(r"\d+", _another(chance), fact, count=1),
        "person changed": lambda fact: _swapped(_PERSON[language], fact, strange, chance),
        "company changed": lambda fact: _swapped(_COMPANY[language], fact, strange, chance),
        "denied": lambda fact: re.sub(*_DENIED[language], fact, count=1),
    }
    facts = [q for q in questions if q.kind in ("name", "number", "paraphrase")]
    for name, change in changes.items():
        supported = number = 0
        for question in facts:
            changed = change(question.fact)
            if name != "true" and changed == question.fact:
                continue
            found = library.search_with(question.text, None, limit=FIRST)
            if not _holds(found, question.fact):
                continue
            sources = [f"{one.passage.title}\n{one.passage.text}" for one in found]
            answer = chance.choice(REWORDED[language]).format(changed)
            number += 1
            supported += all(c.verdict != "unsupported" for c in claims(answer, sources))
        print(f"  claims: {name:18} {supported}/{number} thought supported")


_PERSON = {
    "zh": r"(?<=由)\w{2,3}(?=于)|(?<=总经理)\w{3}(?=主张)",
    "en": r"(?<=founded by )[A-Z]\w+ [A-Z]\w+|(?<=director, )[A-Z]\w+ [A-Z]\w+(?=,)",
}
_COMPANY = {
    "zh": r"^\w+?(?=由|的主力)|(?<=财年)\w+?(?=实现)",
    "en": r"^[A-Z]\w+ [A-Z]\w+ [A-Z]\w+(?= was)|(?<=model of )[A-Z]\w+ [A-Z]\w+ [A-Z]\w+",
}
_DENIED = {
    "zh": (r"(?=免费保修|实现营业收入)", "不"),
    "en": (r"\b(was founded|had revenues)", r"never \1"),
}


def _another(chance: random.Random) -> Callable[[re.Match[str]], str]:
    def changed(match: re.Match[str]) -> str:
        digits = match.group()
        other = str(chance.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))
        return other if other != digits else changed(match)

    return changed


def _swapped(pattern: str, fact: str, strange: Sequence[str], chance: random.Random) -> str:
    """``fact`` with the name that ``pattern`` finds replaced by one of another world."""
    others = [match.group() for one in strange if (match := re.search(pattern, one))]
    return re.sub(pattern, chance.choice(others), fact, count=1) if others else fact


if __name__ == "__main__":
    main()
