"""Instructions that a poem answers, made from what is known of it.

One instruction a poem. The task, the wording and the language are drawn by the hash of the poem,
so the same poem always gets the same. The answer is the poem, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from types import MappingProxyType
from typing import Any, TypeVar

from zaohua.data.sets.poetry.corpus import Poem
from zaohua.data.sets.poetry.forms import FORMS, Form, laid_out
from zaohua.data.sets.poetry.options import Task
from zaohua.data.sets.poetry.rhymes import rhyme_book, rhyme_words
from zaohua.data.sets.poetry.wordings import CHINESE, ENGLISH, THEMES

T = TypeVar("T")

WEIGHTS: Mapping[Task, float] = MappingProxyType(
    {
        "title": 0.3,
        "form": 0.08,
        "continue": 0.2,
        "style": 0.12,
        "acrostic": 0.18,
        "theme": 0.12,
        "rhyme": 0.05,
    }
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is asked, what answers it, and the facts that an answer is measured by."""

    prompt: str
    answer: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """How instructions are made: a share in English, weights of tasks, authors with a style."""

    english: float
    weights: Mapping[Task, float]
    authors: Collection[str]


def instruction(poem: Poem, asking: Asking) -> Instruction:
    """The instruction that a poem of a regular form answers."""
    draw = _draw(poem.key + poem.body)
    form, english = FORMS[poem.kind], draw.random() < asking.english
    task = _task(poem, asking, draw)
    facts = _FACTS[task](poem, form, draw)
    wordings = (ENGLISH if english else CHINESE)[task]
    named = form.english if english else _one((form.title, form.title, form.kind), draw)
    words = {"F": named, "K": form.title, **facts}
    if task == "theme":
        words["S"] = THEMES[facts["S"]][1] if english else facts["S"]
    given = facts.get("given", ())
    request = {
        "task": task,
        "form": form.kind,
        "lines": form.lines,
        "characters": form.characters,
        "language": "en" if english else "zh",
        **{_NAMES[name]: value for name, value in facts.items() if name in _NAMES},
    }
    prompt = _one(wordings, draw).format(**words)
    return Instruction(prompt, _after(poem.lines, len(given)), request)


_NAMES = {
    "T": "title",
    "A": "author",
    "H": "heads",
    "S": "theme",
    "R": "rhyme",
    "given": "given",
}


_THEMES = tuple(THEMES)
_SIGNS = {sign: n for n, theme in reversed([*enumerate(_THEMES)]) for sign in THEMES[theme][0]}


def _draw(text: str) -> Random:
    seed = blake2b(text.encode(), digest_size=8).digest()
    return Random(int.from_bytes(seed))  # noqa: S311 - a choice of words, not a secret


def _one(among: Sequence[T], draw: Random) -> T:
    """One of them; by `Random.random`, whose sequence is the same in every version of Python."""
    return among[int(draw.random() * len(among))]


def _task(poem: Poem, asking: Asking, draw: Random) -> Task:
    """One of the tasks that can be asked of this poem, by weight."""
    can: dict[Task, Callable[[], bool]] = {
        "title": lambda: bool(poem.title),
        "form": lambda: True,
        "continue": lambda: True,
        "style": lambda: poem.author in asking.authors,
        "acrostic": lambda: FORMS[poem.kind].lines == 4,
        "theme": lambda: _theme(poem) is not None,
        "rhyme": lambda: bool(_rhyme(poem)),
    }
    weights = {task: weight for task, weight in asking.weights.items() if weight and can[task]()}
    at = draw.random() * sum(weights.values())
    for task, weight in weights.items():
        at -= weight
        if at < 0:
            return task
    return "form"


def _theme(poem: Poem) -> str | None:
    """The first theme whose signs are in the title."""
    found = [_SIGNS[sign] for sign in poem.title if sign in _SIGNS]
    return _THEMES[min(found)] if found else None


def _rhyme(poem: Poem) -> str:
    return rhyme_book().shared_rhyme(rhyme_words(poem.lines))


def _titled(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {"T": poem.title}


def _plain(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {}


def _begun(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    """The first couplet is given; of a quatrain, as often the first line alone."""
    count = 1 if form.lines == 4 and draw.random() < 0.5 else 2
    given = poem.lines[:count]
    return {"given": list(given), "G": f"{given[0]}，" if count == 1 else laid_out(given)}


def _styled(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {"A": poem.author}


def _acrostic(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {"H": "".join(line[0] for line in poem.lines)}


def _rhymed(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {"R": _rhyme(poem)}


def _themed(poem: Poem, form: Form, draw: Random) -> dict[str, Any]:
    return {"S": _theme(poem)}


_FACTS: Mapping[Task, Callable[[Poem, Form, Random], dict[str, Any]]] = MappingProxyType(
    {
        "title": _titled,
        "form": _plain,
        "continue": _begun,
        "style": _styled,
        "acrostic": _acrostic,
        "theme": _themed,
        "rhyme": _rhymed,
    }
)


def _after(lines: tuple[str, ...], given: int) -> str:
    """The poem from the line after the given ones."""
    if given % 2 == 0:
        return laid_out(lines[given:])
    rest = laid_out(lines[given + 1 :])
    return f"{lines[given]}。\n{rest}"
