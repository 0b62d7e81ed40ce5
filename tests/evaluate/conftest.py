"""A home with prepared data, a tokenizer, tiny trained models, and the test model on its shelf."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.data.tokens.corpus import dataset
from tests.train.homes import SMALL, furnish, spec
from zaohua.data.records import Record, Turn
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact
from zaohua.train import finetune, pretrain

QUATRAINS = [
    "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。",
    "春眠不觉晓，处处闻啼鸟。\n夜来风雨声，花落知多少。",
    "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。",
]


def instruction(number: int, poem: str) -> Record:
    request = {"task": "form", "form": "五绝", "lines": 4, "characters": 5, "language": "zh"}
    turns = (Turn("user", "写一首五言绝句。"), Turn("assistant", poem))
    return Record("made", number, messages=turns, meta={"request": request})


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, model_home: Path) -> Settings:
    """Everything that the suites need."""
    folder = tmp_path_factory.mktemp("evaluate") / "home"
    shutil.copytree(model_home, folder, copy_function=os.link, ignore=_locks)
    settings = Settings(home=folder)
    furnish(settings)
    held = [instruction(n, poem) for n, poem in enumerate(QUATRAINS)]
    known = [Record("made", 0, text=f"五言绝句《登鹳雀楼》唐·王之涣\n{QUATRAINS[0]}")]
    dataset(settings, "poems", known, held)
    return settings


@pytest.fixture(scope="session")
def writer(home: Settings) -> Artefact:
    return pretrain("writer", spec(steps=20), settings=home)


@pytest.fixture(scope="session")
def reader(home: Settings) -> Artefact:
    encoder = {**SMALL, "layout": "modernbert"}
    pretrain("encoder", spec(objective="masked", model=encoder, steps=2), settings=home)
    chosen = {"data": "moods", "objective": "classify", "tokenizer": "", "steps": 12}
    start = spec(**chosen, model={"start": "encoder"}, optimiser={"lr": 0.005})
    return finetune("reader", start, settings=home)


def _locks(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in {"artefacts", "locks", "logs"} or "zaohua.db" in name]
