"""Text for measurements: seeded, Chinese or English, with planted duplicates and rubbish.

Sentences come from small grammars and word lists, English words in Zipf's proportions, so that a
document looks natural to rules about words, lines and repetition. Nothing is downloaded: English
words are taken from Python's own help texts, Chinese ones are listed here.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal

import orjson

Language = Literal["zh", "en"]
EXACT, NEAR, RUBBISH = 0.05, 0.05, 0.04
_REMEMBERED = 512
_MEAN_SENTENCES = 3.0
_FUNCTION = (
    "the of and to in a is that it was for on with as his they be at one have this from or had by "
    "but some what there we can out other were all your when up use how said an each she which do "
    "their time if will way about many then them would like so these her long make thing see him "
    "two has look more day could go come did my no most who over know than call first people down "
    "been now find any new take get place made after back only came show every good give our under"
)
_PLACES = (
    "河边 城里 山上 院子 学校 车站 市场 村口 窗前 桥上 海边 路边 书店 厨房 田里 医院 茶馆 "
    "码头 公园 楼下"
)
_PEOPLE = (
    "老人 孩子 母亲 老师 学生 医生 朋友 邻居 司机 农民 工人 店主 旅客 诗人 记者 姐姐 父亲 "
    "船夫 木匠 画家"
)
_THINGS = (
    "书信 灯光 茶水 雨伞 花草 故事 消息 自行车 旧照片 面包 早饭 月亮 道路 歌声 雪花 树叶 石头 "
    "钥匙 机器 报纸 衣服 电影 问题 办法 计划 风景 季节 声音 记忆 文章 天气 价格 节目 会议 "
    "项目 数据 模型 系统 经验 生活"
)
_VERBS = (
    "看见 听到 想起 拿着 带来 寻找 谈论 修理 等待 收拾 记得 描写 打开 离开 经过 介绍 研究 "
    "准备 喜欢 讨论 认识 改变 照顾 发现 说明 决定 整理 保护 回答 继续"
)
_MANNERS = (
    "慢慢地 静静地 认真地 常常 已经 终于 忽然 仍然 一起 每天 从前 后来 大概 渐渐 再次 刚刚 "
    "也许 果然 依旧 偶尔"
)
_LINKS = "因为 所以 但是 于是 而且 虽然 如果 不过 同时 另外"
_FORMS = (
    "{m}，{p}在{l}{v}{t}。",
    "{p}{m}{v}了{t}，{k}{q}没有{w}。",
    "{l}的{t}和{u}，{p}都还{v}着。",
    "{k}{p}说，这是{q}{v}{t}的{u}。",
    "他们从{l}来到{r}，{m}{v}{t}。",
    "一到{l}，就能{v}{t}，{p}和{q}{m}{w}{u}。",
    "这件事不在于{t}，而在于{p}怎样{v}{u}。",
    "有人问：“{p}为什么要{v}{t}？”{q}{m}回答了。",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """How many documents of each sort a corpus has."""

    documents: int
    exact: int
    near: int
    rubbish: int


def write_corpus(path: Path, language: Language, size: int, seed: int = 0) -> Planted:
    """Write about ``size`` bytes of JSON lines with a ``text`` field."""
    counts: Counter[str] = Counter()
    written = 0
    with path.open("wb") as file:
        for kind, text in documents(language, seed):
            line = orjson.dumps({"text": text}) + b"\n"
            file.write(line)
            written += len(line)
            counts[kind] += 1
            if written >= size:
                break
    return Planted(counts.total(), counts["exact"], counts["near"], counts["rubbish"])


def documents(language: Language, seed: int) -> Iterator[tuple[str, str]]:
    """Endless documents: the sort (``new``, ``exact``, ``near``, ``rubbish``) and text of each."""
    rng = random.Random(f"{language} {seed}")
    sentence = _chinese if language == "zh" else _english
    earlier: list[str] = []
    while True:
        drawn = rng.random()
        if earlier and drawn < EXACT:
            yield "exact", rng.choice(earlier)
        elif earlier and drawn < EXACT + NEAR:
            yield "near", f"{rng.choice(earlier)}\n{sentence(rng)}"
        elif drawn < EXACT + NEAR + RUBBISH:
            yield "rubbish", _rubbish(rng, sentence)
        else:
            text = _text(rng, sentence)
            place = rng.randrange(_REMEMBERED)
            if len(earlier) < _REMEMBERED:
                earlier.append(text)
            else:
                earlier[place] = text
            yield "new", text


def _text(rng: random.Random, sentence: Callable[[random.Random], str]) -> str:
    joint = "" if sentence is _chinese else " "
    paragraphs = max(2, round(rng.lognormvariate(1.4, 0.6)))
    return "\n\n".join(
        joint.join(sentence(rng) for _ in range(2 + int(rng.expovariate(1 / _MEAN_SENTENCES))))
        for _ in range(paragraphs)
    )


def _rubbish(rng: random.Random, sentence: Callable[[random.Random], str]) -> str:
    once = sentence(rng)
    return rng.choice(
        (
            "\n".join(f"- {once[:8]} {rng.randrange(100)}" for _ in range(30)),
            once * 12,
            " ".join(str(rng.randrange(10**6)) for _ in range(90)),
            once[:12],
        )
    )


def _english(rng: random.Random) -> str:
    function, content, weights = _english_words()
    made: list[str] = []
    for _ in range(rng.randint(3, 9)):
        made += rng.choices(function[0], cum_weights=function[1], k=rng.randint(0, 2))
        made += rng.choices(content, cum_weights=weights, k=rng.randint(1, 2))
    comma = rng.randrange(len(made))
    made[comma] += "," if comma < len(made) - 1 else ""
    return f"{' '.join(made).capitalize()}{rng.choice('....?!')}"


@lru_cache(maxsize=1)
def _english_words() -> tuple[tuple[list[str], list[float]], list[str], list[float]]:
    from pydoc_data.topics import topics

    words = Counter(re.findall(r"\b[a-z]{3,12}\b", " ".join(topics.values())))
    common = _FUNCTION.split()
    content = [word for word, _ in words.most_common(6000) if word not in set(common)]
    function_weights = accumulate(1 / (rank + 2) for rank in range(len(common)))
    weights = accumulate(1 / (rank + 30) for rank in range(len(content)))
    return (common, list(function_weights)), content, list(weights)


def _chinese(rng: random.Random) -> str:
    def one(words: str) -> str:
        return rng.choice(words.split())

    return rng.choice(_FORMS).format(
        p=one(_PEOPLE), q=one(_PEOPLE), l=one(_PLACES), r=one(_PLACES), t=one(_THINGS),
        u=one(_THINGS), v=one(_VERBS), w=one(_VERBS), m=one(_MANNERS), k=one(_LINKS),
    )  # fmt: skip
