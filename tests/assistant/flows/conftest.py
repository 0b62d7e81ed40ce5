"""A small library (of books) whose dialogues have every kind of step, and somebody who talks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from zaohua.assistant.flows import Flows, FlowStep, read_flows
from zaohua.assistant.flows.values import Language
from zaohua.knowledge.rules import load_rules

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

LOANS = """loan,title_zh,title_en,names,due,fee,state,card
B101,海边的灯塔,The Lighthouse,灯塔|lighthouse,today+3,0,out,1111
B102,山中来信,Letters from the Hills,来信|letters,today-2,1.5,out,2222
B103,冬天的面包,Winter Bread,面包|bread,2026-01-05,,back,3333
"""

RULES = """
title: {zh: 续借规则, en: Rules of renewal}
facts:
  due: {type: date, title: {zh: 到期日, en: due day}, words: {zh: [到期], en: [due]}}
  reserved:
    type: yes/no
    title: {zh: 有人预约, en: reserved}
    ask: {zh: "有人预约这本书吗？", en: "Has somebody reserved it?"}
    words: {zh: [有人预约, 被预约], en: [reserved]}
    opposites: {zh: [没人预约], en: [not reserved]}
rules:
  - name: may-renew
    if: due >= today and not reserved
    then: {zh: 可以续借。, en: It can be renewed.}
    else: {zh: 不能续借。, en: It cannot be renewed.}
    because: {zh: 借阅章程第 2 条, en: "Terms, section 2"}
"""

FILE = Path(__file__).with_name("library.yaml").read_text("utf-8")


@dataclass(frozen=True)
class Line:
    content: str
    role: Literal["user", "assistant"] = "user"
    created_at: datetime = NOW


@dataclass
class Talk:
    """Says one thing after another, and hears what the flows make of it."""

    flows: Flows
    language: Language = "en"
    branch: list[Line] = field(default_factory=list)

    def step(self, text: str, days_ago: int = 0) -> FlowStep | None:
        self.branch.append(Line(text, created_at=NOW - timedelta(days_ago)))
        found = self.flows.step(self.branch, self.language, TODAY)
        self.branch.append(Line((found and found.reply) or "…", "assistant"))
        return found

    def say(self, *texts: str) -> str | None:
        found = [self.step(text) for text in texts][-1]
        return found.reply if found else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack's folder, without its flows."""
    for name, text in {
        "tables/loans.csv": LOANS,
        "rules.yaml": RULES,
        "knowledge/zh/terms.md": "# 章程\n\n## 续借\n\n可以续借一次。\n\n## 其他\n\n无。\n",
        "knowledge/zh/books.md": "# 书\n\n## 海边的灯塔\n\n海边的一座塔。\n",
        "knowledge/en/books.md": "# Books\n\n## The Lighthouse\n\nA tower by the sea.\n",
        "knowledge/zh/faq.csv": "问题,答案\n怎么交费？,现金。\n",
        "knowledge/en/faq.csv": "question,answer\nHow do I pay?,In cash.\n",
        "knowledge/en/terms.md": "# Terms\n\n## Renewal\n\nA loan can be renewed once.\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def read(folder: Path) -> Callable[[str], Flows]:
    """Flows of a text."""

    def read(text: str) -> Flows:
        (folder / "flows.yaml").write_text(text, "utf-8")
        book = load_rules(folder / "rules.yaml")
        return read_flows(folder / "flows.yaml", folder / "tables", book)

    return read


@pytest.fixture
def talk(read: Callable[[str], Flows]) -> Callable[[Language], Talk]:
    """Somebody who talks to the library."""
    flows = read(FILE)
    return lambda language="en": Talk(flows, language)
