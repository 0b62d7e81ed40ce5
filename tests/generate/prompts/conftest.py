"""Templates made from a few words, and one engine that repeats what it is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from zaohua.generate.fake import FakeEngine
from zaohua.generate.long import Ask
from zaohua.generate.many import answered
from zaohua.generate.prompts import PromptLibrary, Template, read_template

Make = Callable[..., Template]


@pytest.fixture
def make() -> Make:
    """``make("{{ text }}", "inputs: {text: {}}")``: body and head."""

    def made(body: str, head: str = "inputs: {text: {}}", name: str = "mine") -> Template:
        return read_template(f"---\n{head}\n---\n{body}", name, where=f"{name}.md")

    return made


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def ask(engine: FakeEngine) -> Ask:
    return partial(answered, engine)


@pytest.fixture
def prompts(tmp_path: Path) -> PromptLibrary:
    return PromptLibrary(tmp_path / "prompts")
