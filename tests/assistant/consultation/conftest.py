"""The packs that consult: their files, their guards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import zaohua
from zaohua.knowledge.rules import RuleBook, load_rules
from zaohua.safety import Guard
from zaohua.safety.policy import policy_of
from zaohua.safety.policy_file import parse_form, read_form
from zaohua.safety.policy_form import PolicyForm, merged

SHIPPED = Path(zaohua.__file__).parent / "assistant" / "scenarios" / "shipped"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Consulting:
    """A pack as code sees it before any model does."""

    name: str
    folder: Path
    policy: PolicyForm
    guard: Guard
    book: RuleBook

    def cases(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """With their language."""
        for language in LANGUAGES:
            text = (self.folder / "cases" / f"{language}.jsonl").read_text("utf-8")
            yield from ((language, json.loads(line)) for line in text.splitlines())

    def documents(self) -> Iterator[tuple[str, str, str]]:
        """Language, name and text of each."""
        for language in LANGUAGES:
            for path in sorted((self.folder / "knowledge" / language).iterdir()):
                yield language, path.name, path.read_text("utf-8")

    def topic(self, text: str, language: str) -> str:
        """The topic that answers ``text`` without a model; empty if none does."""
        ruling = self.guard.question(text, language)
        return ruling.findings[0].rule if ruling.action == "refuse" else ""


@pytest.fixture(scope="module", params=["medical", "finance", "law"])
def pack(request: pytest.FixtureRequest) -> Consulting:
    folder = SHIPPED / request.param
    shipped = parse_form(files("zaohua.safety").joinpath("policy.yaml").read_text("utf-8"), "")
    own = read_form(folder / "guard.yaml")
    guard = Guard(policy_of(merged(shipped, own)))
    book = load_rules(folder / "rules" / f"{request.param}.yaml")
    return Consulting(request.param, folder, own, guard, book)
