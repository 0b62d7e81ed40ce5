from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.train.homes import furnish
from zaohua.settings import Settings


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home with data sets and a tokenizer, shared by the session."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), threads=1, offline=True)
    furnish(settings)
    return settings
