"""Small records of our own."""

from __future__ import annotations

import random

from zaohua.data.records import Dropped, Record, Turn

CHINESE = (
    "清晨的雾气还没有散去，河边已经有人在散步了。老人们三三两两地坐在长椅上，谈论着昨天的新闻。"
    "卖早点的小店冒着热气，豆浆和油条的香味飘得很远。孩子们背着书包从桥上跑过，一边跑一边笑。"
    "过了一会儿，太阳出来了，水面上闪着金色的光，这座小城又开始了新的一天。"
)
ENGLISH = (
    "The morning fog had not lifted yet, and a few people were already walking along the river. "
    "Old men sat on the benches and talked of the news that the evening papers had brought. "
    "Steam rose from the little shop that sells breakfast, and the smell of bread went far. "
    "Children ran over the bridge with their bags, laughing, and then the sun came out."
)


def text(content: str, position: int = 0, **meta: object) -> Record:
    return Record("test", position, text=content, meta=meta)


def chat(*contents: str, position: int = 0) -> Record:
    roles = ("user", "assistant")
    turns = tuple(Turn(roles[i % 2], content) for i, content in enumerate(contents))
    return Record("test", position, messages=turns)


def kept(outcome: Record | Dropped) -> Record:
    assert isinstance(outcome, Record), outcome
    return outcome


def reason(outcome: Record | Dropped) -> str | None:
    return outcome.reason if isinstance(outcome, Dropped) else None


def random_chinese(seed: int, length: int) -> str:
    chance = random.Random(seed)
    return "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(length))


def random_english(seed: int, words: int) -> str:
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join(
        "".join(chance.choice(letters) for _ in range(chance.randint(2, 8))) for _ in range(words)
    )
