"""What the guard knows and does, ready to be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from zaohua.safety.patterns import compiled, of_words
from zaohua.safety.policy_file import parse_form, read_form
from zaohua.safety.policy_form import Handling, OrderForm, PolicyForm, TextForm, TopicForm, merged

FILE_NAME = "safety.yaml"
"""The operator's policy, in the home folder."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The same in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """In ``zh`` or, for all others, in English."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Topic:
    """What is not talked about.

    Attributes:
        name: of it.
        severity: ``low``, ``medium`` or ``high``.
        patterns: any of these is a find ...
        unless: ... without one of these near it.
        answer: what is said instead.
    """

    name: str
    severity: str
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    answer: Texts


@dataclass(frozen=True, slots=True)
class Injection:
    """What is done about orders to the model, and how they are known.

    Attributes:
        question: what becomes of a question that gives one.
        passage: what becomes of a passage that does; ``withhold`` leaves the sentence out.
        rules: families of orders with their patterns.
        about: marks of a text that speaks of orders ...
        within: ... if they stand within so many characters.
    """

    question: Literal["pass", "flag", "refuse"]
    passage: Literal["pass", "flag", "withhold"]
    rules: tuple[tuple[str, re.Pattern[str]], ...]
    about: re.Pattern[str] | None
    within: int


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it. Lengths are characters."""

    topics: tuple[Topic, ...]
    personal_question: Mapping[str, Handling]
    personal_answer: Mapping[str, Handling]
    injection: Injection
    most_characters: int
    most_repeats: int
    notices: Mapping[str, Texts]


def load_policy(home: Path | None = None, *, scenario: Path | None = None) -> Policy:
    """The shipped policy, changed by that of a scenario, then by ``safety.yaml`` of the home.

    Neither need be there.

    Raises:
        UsageError: a file is wrong; all problems in one line, each with its line.
        NotFoundError: it cannot be read.
    """
    shipped = files("zaohua.safety").joinpath("policy.yaml").read_text("utf-8")
    form = parse_form(shipped, "policy.yaml")
    if scenario is not None:
        form = merged(form, read_form(scenario))
    path = home / FILE_NAME if home else None
    return policy_of(merged(form, read_form(path)) if path and path.exists() else form)


def policy_of(form: PolicyForm) -> Policy:
    """A form that is complete, compiled."""
    injection = form.injection
    return Policy(
        topics=tuple(_topic(topic, form) for topic in form.topics if not topic.remove),
        personal_question=dict(form.personal.question),
        personal_answer=dict(form.personal.answer),
        injection=Injection(
            question=injection.question or "flag",
            passage=injection.passage or "flag",
            rules=tuple(_rules(injection.rules)),
            about=_any(injection.about),
            within=injection.about_within or 0,
        ),
        most_characters=form.size.most_characters or 40_000,
        most_repeats=form.size.most_repeats or 60,
        notices={name: _texts(text) for name, text in form.notices if isinstance(text, TextForm)},
    )


def _topic(form: TopicForm, whole: PolicyForm) -> Topic:
    patterns = [compiled(pattern) for pattern in (*form.zh, *form.en)]
    if form.words:
        patterns.append(of_words(tuple(form.words)))
    answer = form.answer or whole.notices.stopped
    assert answer is not None  # noqa: S101 (the shipped policy has it)
    return Topic(form.name, form.severity, tuple(patterns), _any(form.unless), _texts(answer))


def _rules(forms: Iterable[OrderForm]) -> Iterable[tuple[str, re.Pattern[str]]]:
    for form in forms:
        if not form.remove:
            yield from ((form.name, compiled(pattern)) for pattern in (*form.zh, *form.en))


def _any(patterns: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = [f"(?:{pattern})" for pattern in patterns]
    return compiled("|".join(alternatives)) if alternatives else None


def _texts(form: TextForm) -> Texts:
    return Texts(form.zh, form.en)
