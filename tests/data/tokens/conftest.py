from __future__ import annotations

import pytest

from tests.data.tokens.corpus import dataset, text_records, texts
from zaohua.data.tokens import train_tokenizer
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a data set ``mixed`` and a tokenizer ``mixed`` of 800 tokens."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    dataset(settings, "mixed", text_records(texts(600)), text_records(texts(40, seed=2)))
    spec = TokenizerSpec(data=["mixed"], vocab_size=800, special_tokens=["<|think|>"])
    train_tokenizer("mixed", spec, settings=settings)
    return settings


@pytest.fixture(scope="session")
def tokenizer(home: Settings) -> Artefact:
    from zaohua.store.artefacts import Artefacts

    return Artefacts(home.home).require("tokenizer", "mixed")
