"""A tiny pack, made anew for each test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zaohua.assistant.scenarios.packs import Packs

HEAD = """\
version: 1
title: {zh: 博物馆, en: Museum}
about: {zh: 回答参观的问题。, en: Answers visitors.}
system: {zh: 你是讲解员。, en: You are a guide.}
greeting: {zh: 您好！, en: Hello!}
suggestions: {zh: [星期一开放吗？], en: ["Are you open on Mondays?"]}
notice: {zh: 仅供参考。, en: For information only.}
grounding: check
decline: {zh: 馆里没有写。, en: The museum does not say.}
tools: [calculator, date, search, rules, ticket]
memory: false
sampling: {temperature: 0.2, stop: [完]}
templates: [summary]
"""
RULES = """\
facts:
  age: {type: number, ask: {zh: 几岁？, en: "How old?"}}
rules:
  - name: free
    if: age < 7
    then: {zh: 免费。, en: It is free.}
"""
HOURS = "# 开放时间\n\n博物馆每天9点开放，18点关门，星期一闭馆。\n\n# 门票\n\n成人票30元。\n"
CASES = [
    {"id": "zh-01", "kind": "answerable", "turns": ["[[say 星期一闭馆。]]博物馆星期一开放吗？"],
     "expect": {"has": [["闭馆"]], "cites": ["hours.md"]}},
    {"id": "zh-02", "kind": "answerable", "turns": ["[[say 成人票三十元。]]成人票要30元吗？"],
     "expect": {"has": [["30 元"]]}},
    {"id": "zh-03", "kind": "multi-turn",
     "turns": ["[[say 30元。]]成人票要30元吗？", "[[say 20元。]]成人票30元吗？"],
     "expect": [{"has": [["30元"]]}, {"has": [["30元"]]}]},
    {"id": "zh-04", "kind": "format", "template": "motto", "inputs": {"text": "[[say 短句。]]"},
     "bare": "[[say 这是一个长句子，它不短。]]", "expect": {"characters": [1, 5]}},
]  # fmt: skip
MOTTO = "---\ntitle: 口号\ninputs: {text: {}}\n---\n{{ text }}\n"


def lines(cases: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in cases)


def files() -> dict[str, str]:
    return {
        "scenario.yaml": HEAD,
        "knowledge/zh/hours.md": HOURS,
        "rules/tickets.yaml": RULES,
        "guard.yaml": "topics: [{name: gold, answer: {zh: 不谈。, en: No gold.}, zh: [金库]}]\n",
        "templates/motto.zh.md": MOTTO,
        "cases/zh.jsonl": lines(CASES),
    }


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of the user's packs."""
    return tmp_path / "scenarios"


@pytest.fixture
def packs(own: Path) -> Packs:
    return Packs(own)


@pytest.fixture
def make(own: Path) -> Callable[..., Path]:
    """``make("museum", {"guard.yaml": ...})``: a pack with some files otherwise; None: without."""

    def call(name: str = "museum", changes: dict[str, str | None] | None = None) -> Path:
        for path, text in {**files(), **(changes or {})}.items():
            if text is not None:
                (own / name / path).parent.mkdir(parents=True, exist_ok=True)
                (own / name / path).write_text(text, "utf-8")
        return own / name

    return call
