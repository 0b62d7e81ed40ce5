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

FILE = """version: 1
tables:
  book:
    file: loans.csv
    key: loan
    title: {zh: 借阅, en: Loan}
    columns:
      loan: {title: {zh: 编号, en: number}}
      title: {title: {zh: 书名, en: title}}
      due: {type: date, title: {zh: 到期日, en: due day}}
      fee: {type: money, title: {zh: 费用, en: fee}}
      state: {type: choice, title: {zh: 状态, en: state}, choices: {out: {zh: [借出], en: [lent]}, back: {zh: [已还], en: [returned]}}}
      card: {hidden: true}
slots:
  number:
    type: text
    title: {zh: 编号, en: number}
    ask: {zh: "借阅编号是多少？", en: "What is the number of the loan?"}
    unknown: {zh: 编号在借书单上。, en: It is on the slip.}
    forms: [B000]
  card:
    type: text
    title: {zh: 借书证, en: card}
    ask: {zh: "借书证后四位？", en: "The last four digits of your card?"}
    answers: ["0000"]
  name:
    type: text
    title: {zh: 书, en: book}
    ask: {zh: "哪本书？", en: "Which book?"}
    table: book
    by: [title_zh, title_en, names]
  note: {type: text, title: {zh: 留言, en: note}, ask: {zh: "想说什么？", en: "What shall I note?"}, free: true, earlier: false}
  sure: {type: yes/no, title: {zh: 确认, en: sure}, ask: {zh: "确定吗？", en: "Are you sure?"}, earlier: false}
alike: {en: [[book, volume]], zh: [[书, 图书]]}
elsewhere: {zh: [借书要办证吗], en: [do I need a card to borrow a book]}
flows:
  person:
    title: {zh: 转人工, en: A person}
    first: true
    patterns: [人工, 'a person']
    steps:
      - hand_over: {zh: 要求人工, en: asked for a person}
        say: {zh: 已转人工。, en: Passed on.}
  renew:
    title: {zh: 续借, en: Renewal}
    patterns: [续借, '\\brenew']
    examples: {zh: [这本书我想再看几天], en: [I would like to keep the book longer]}
    steps:
      - ask: number
      - look_up: {table: book, by: number, none: {zh: "没有 {{ number }}。", en: "There is no {{ number }}."}}
      - ask: card
      - check: {slot: card, same_as: book.card, wrong: {zh: 证号不对。, en: That is another card.}}
      - rules: {facts: {due: book.due}}
      - when: rules.may_renew
        ask: sure
        say: {zh: "{{ book.title }}：{{ outcome }}确定吗？", en: "{{ book.title }}: {{ outcome }} Are you sure?"}
      - when: rules.may_renew and sure
        say: {zh: "已续借{{ book.title }}。", en: "{{ book.title }} is renewed."}
        cite: {zh: ["terms.md#续借"], en: ["terms.md#Renewal"]}
      - say: {zh: "{{ outcome }}", en: "{{ outcome }}"}
  due:
    title: {zh: 到期, en: When due}
    opens_with: number
    patterns: [到期, 什么时候还, '\\bdue\\b']
    steps:
      - ask: number
      - look_up: {table: book, by: number, none: {zh: "没有 {{ number }}。", en: "There is no {{ number }}."}, show: [title, due]}
      - let: {left: book.due - today}
      - when: left < 0
        say: {zh: "{{ book.title }}已过期。", en: "{{ book.title }} is overdue."}
      - say: {zh: "还有 {{ left }} 天。", en: "{{ left }} days are left."}
  left:
    title: {zh: 后来, en: Later}
    after: [due]
    patterns: [几天, 'how long']
    steps: [{then: due}]
  price:
    title: {zh: 费用, en: Fee}
    needs: [name]
    patterns: [多少钱, 'how much']
    steps:
      - look_up: {table: book, by: name, show: [title, fee]}
      - documents: true
  note:
    title: {zh: 留言, en: Note}
    patterns: [留言, '\\bnote\\b']
    steps:
      - go_on: true
        say: {zh: 好的。, en: Gladly.}
      - ask: note
      - hand_over: {zh: "留言：{{ note }}", en: "Note: {{ note }}"}
        say: {zh: 记下了。, en: Noted.}
"""


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
