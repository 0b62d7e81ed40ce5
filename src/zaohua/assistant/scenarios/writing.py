"""Packs of the user's written to the home folder: a copy of another one, or something to begin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from zaohua.assistant.scenarios.pack import HEAD, Pack, is_name
from zaohua.errors import UnavailableError, UsageError

_HEAD: Final = """\
# {name}: what it is. Change it, then: zaohua scenario check {name}
version: 1
title: {{zh: {name}, en: {name}}}
about: {{zh: 它做什么，一句话。, en: "What it is for, in one sentence."}}
# What the model is told, by the language of the question.
system:
  zh: 你是一位细心的助手，只根据资料回答，回答简短。
  en: You are a careful assistant. You answer from the documents only, in few words.
greeting: {{zh: 您好，请问有什么可以帮您？, en: "Hello, how can I help?"}}
suggestions:
  zh: [几点开门？]
  en: ["When do you open?"]
# notice: {{zh: 仅供参考。, en: For information only.}}   # put under each answer of the model
# none: no documents are needed; check: what they do not bear is marked; strict: it is left out.
grounding: strict
decline:
  zh: 资料里没有写，所以我不作回答。
  en: The documents do not say, so I will not guess.
# tools: [calculator, units, date, search, rules, ticket, weigh]
memory: true
sampling: {{temperature: 0.2}}
# templates: [summary]
"""
_FILES: Final = {
    "knowledge/zh/hours.md": "# 开放时间\n\n每天 9 点到 18 点开放，星期一闭馆。\n",
    "knowledge/en/hours.md": "# Opening hours\n\nOpen from 9 to 18 every day, closed on Mondays.\n",
    "cases/zh.jsonl": """\
{"id": "zh-01", "kind": "answerable", "turns": ["星期一开放吗？"], \
"expect": {"has": [["闭馆", "不开放"]], "cites": ["hours.md"]}}
{"id": "zh-02", "kind": "unanswerable", "turns": ["门票多少钱？"], "expect": {"declines": true}}
""",
    "cases/en.jsonl": """\
{"id": "en-01", "kind": "answerable", "turns": ["Is it open on Mondays?"], \
"expect": {"has": [["closed", "not open"]], "cites": ["hours.md"]}}
{"id": "en-02", "kind": "unanswerable", "turns": ["How much is a ticket?"], \
"expect": {"declines": true}}
""",
    "guard.yaml": """\
# Changes to the policy that comes with zaohua (docs/safety.md).
# topics:
#   - name: wages
#     answer: {zh: 工资的事我不能说。, en: I cannot talk about wages.}
#     zh: [工资]
#     en: ["\\\\bwages?\\\\b"]
""",
}


def new(own: Path, name: str, start: Pack | None = None) -> Path:
    """The folder of a new pack of the user's: a copy of ``start``, or something to begin with.

    Raises:
        UsageError: the name is no name, or the folder is there already.
        UnavailableError: it cannot be written.
    """
    if not is_name(name):
        mend = "small letters, digits and -, 40 characters at most"
        raise UsageError(f"'{name[:80]}' cannot be the name of a scenario", mend=mend)
    folder = own / name
    if folder.exists():
        raise UsageError("there is such a scenario already", where=str(folder), mend="edit it")
    part = own / f".{name}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        if start is not None:
            shutil.copytree(start.folder, part, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        else:
            _skeleton(part, name)
        part.rename(folder)
    except OSError as error:
        what = f"the scenario cannot be written: {(error.strerror or '').lower()}"
        raise UnavailableError(what, where=str(folder)) from None
    return folder


def _skeleton(folder: Path, name: str) -> None:
    for path, text in {HEAD: _HEAD.format(name=name), **_FILES}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
