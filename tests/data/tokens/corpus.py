"""Small texts of our own in Chinese and English, and prepared data sets made of records."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from zaohua.data.dataset import PARTS, ShardWriter, to_line
from zaohua.data.records import Record, Turn
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


VERSES = words(
    "床前明月光 疑是地上霜 舉頭望明月 低頭思故鄉 春眠不覺曉 處處聞啼鳥 夜來風雨聲 花落知多少 "
    "白日依山盡 黃河入海流 欲窮千里目 更上一層樓 千山鳥飛絕 萬徑人蹤滅 孤舟蓑笠翁 獨釣寒江雪 "
    "紅豆生南國 春來發幾枝 願君多採擷 此物最相思 空山不見人 但聞人語響 返景入深林 復照青苔上 "
    "松下問童子 言師採藥去 只在此山中 雲深不知處 日照香爐生紫煙 遙看瀑布掛前川 "
    "飛流直下三千尺 疑是銀河落九天 故人西辭黃鶴樓 煙花三月下揚州 孤帆遠影碧空盡 唯見長江天際流"
)

WORDS = words(
    "the river runs past an old mill where children read under tall trees while rain falls "
    "softly on stone roofs and somebody counts twenty three boats coming home before winter"
)


def poem(draw: random.Random) -> str:
    """A few lines of verse."""
    lines = draw.sample(VERSES, draw.randint(2, 8))
    return "".join(line + mark for line, mark in zip(lines, "，。" * 4, strict=False)) + "\n"


def story(draw: random.Random) -> str:
    """A few sentences of English."""
    sentences = [" ".join(draw.choices(WORDS, k=draw.randint(3, 12))) for _ in range(3)]
    return " ".join(f"{sentence.capitalize()}, {draw.randint(1, 2026)}." for sentence in sentences)


def texts(count: int, seed: int = 1) -> list[str]:
    """Poems and stories by turns."""
    draw = random.Random(seed)
    return [(poem if number % 2 else story)(draw) for number in range(count)]


def text_records(values: Iterable[str]) -> list[Record]:
    return [Record("made", number, text=value) for number, value in enumerate(values)]


def chat_record(number: int, *turns: str) -> Record:
    """A conversation: ``user: …``, ``assistant: …``."""
    pairs = [turn.split(": ", 1) for turn in turns]
    messages = tuple(Turn(role, content) for role, content in pairs)  # type: ignore[arg-type]
    return Record("made", number, messages=messages)


def dataset(
    settings: Settings,
    name: str,
    train: Sequence[Record],
    validation: Sequence[Record] = (),
    shard_bytes: int = 1 << 20,
    **recipe: object,
) -> Artefact:
    """A prepared data set of these records."""
    store = Artefacts(settings.home)
    with store.make("dataset", name, inputs=[], recipe=recipe, progress=Silent()) as work:
        assert not isinstance(work, Artefact)
        for part, records in zip(PARTS, (train, validation), strict=True):
            with ShardWriter(work.path, part, shard_bytes) as writer:
                for record in records:
                    writer.write(to_line(record))
        work.licence = "CC0-1.0"
    return store.require("dataset", name)
