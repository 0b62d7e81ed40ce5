"""A home with prepared data and a tokenizer, for tests of whole runs."""

from __future__ import annotations

import random
from typing import Any

from tests.data.tokens.corpus import chat_record, dataset, text_records, texts
from zaohua.data.records import Record
from zaohua.data.tokens import train_tokenizer
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.train.spec import TrainSpec

SMALL: dict[str, Any] = {"width": 64, "depth": 2, "heads": 2, "context": 64}
"""A model of some 150,000 parameters."""

CITIES = {"France": "Paris", "Japan": "Tokyo", "Egypt": "Cairo", "Peru": "Lima"}
GOOD, BAD = ["lovely", "fresh", "kind", "bright"], ["awful", "stale", "rude", "dull"]
PLACES = ["shop", "room", "soup", "film", "host", "tram"]


class Notes(Silent):
    """What was said beside the bar."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)


def furnish(settings: Settings) -> None:
    """Data sets ``mixed`` (text), ``cities`` (chat), ``moods`` (labelled); tokenizer ``mixed``."""
    dataset(settings, "mixed", text_records(texts(300)), text_records(texts(30, seed=2)))
    dataset(settings, "cities", *_chats())
    dataset(settings, "moods", _moods(120, 1), _moods(30, 2))
    spec = TokenizerSpec(data=["mixed"], vocab_size=512)
    train_tokenizer("mixed", spec, settings=settings)


def spec(**changes: Any) -> TrainSpec:
    """A short run of the small model on text."""
    plain = {
        "data": "mixed",
        "tokenizer": "mixed",
        "objective": "causal",
        "model": SMALL,
        "steps": 6,
        "batch_tokens": 512,
        "validate_every": 0.5,
        "compile": "off",
        "precision": "fp32",
    }
    return TrainSpec.model_validate({**plain, **changes})


def _chats() -> tuple[list[Record], list[Record]]:
    """Questions with noise before them that cannot be foretold, and answers that can."""
    draw = random.Random(3)
    found = []
    for number in range(160):
        country = draw.choice(list(CITIES))
        noise = "".join(draw.choices("bcdfghjk", k=12))
        asked = f"user: {noise} Capital of {country}?"
        found.append(chat_record(number, asked, f"assistant: {CITIES[country]}"))
    return found[:140], found[140:]


def _moods(count: int, seed: int) -> list[Record]:
    draw = random.Random(seed)
    found = []
    for number in range(count):
        label, words = draw.choice([("good", GOOD), ("bad", BAD)])
        text = f"The {draw.choice(PLACES)} was {draw.choice(words)} and {draw.choice(words)}"
        found.append(Record("made", number, text=text, label=label))
    return found
