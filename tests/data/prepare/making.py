"""Small corpora of our own, seeded, with planted duplicates; and what is compared of a data set."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import orjson

from zaohua.store.artefacts import Artefact

_WORDS = (
    "the of and to in that was his he it with is for as had you not be her on at by which have "
    "or from this him but all she they were my are me one their so an said them we who would been "
    "river morning house water light people children window garden letter winter market story"
)
_HAN = (
    "的一是在不了有和人这中大为上个我以要他时来们到说国年着就那出会可也你对生能而子得于去过家"
    "河水晨光屋窗花园信冬市故事山月风雨船桥路门灯书琴酒茶梅竹松云雪江"
)


def english(rng: random.Random, sentences: int = 8) -> str:
    made = (" ".join(rng.choices(_WORDS.split(), k=rng.randint(8, 16))) for _ in range(sentences))
    return " ".join(f"{sentence.capitalize()}." for sentence in made)


def chinese(rng: random.Random, sentences: int = 10) -> str:
    return "".join(
        "".join(rng.choices(_HAN, k=rng.randint(6, 14))) + rng.choice("，。；")
        for _ in range(sentences)
    )


def texts(seed: int, count: int) -> list[str]:
    """Chinese and English; every eighth is a copy, every eighth nearly one, every eighth short."""
    rng = random.Random(seed)
    whole: list[str] = []
    made: list[str] = []
    for number in range(count):
        if number % 8 == 5:
            made.append(rng.choice(whole))
        elif number % 8 == 6:
            made.append(rng.choice(whole) + " 完。")
        elif number % 8 == 7:
            made.append(rng.choice(("嗯", "ok", "没有")))
        else:
            whole.append(english(rng, 8) if rng.random() < 0.5 else chinese(rng, 12))
            made.append(whole[-1])
    return made


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    data = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def corpus(path: Path, seed: int = 1, count: int = 200) -> Path:
    return write_jsonl(path, [{"text": text} for text in texts(seed, count)])


def content(made: Artefact) -> dict[str, bytes]:
    """The bytes of every file but the manifest, which tells the time."""
    return {
        path.relative_to(made.path).as_posix(): path.read_bytes()
        for path in sorted(made.path.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def told(made: Artefact) -> dict[str, object]:
    report: dict[str, object] = orjson.loads((made.path / "report.json").read_bytes())
    return report
