"""The public function of the room: from a specification to a finished data set."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from zaohua.data.dataset import Part
from zaohua.data.prepare import segments
from zaohua.data.prepare.card import card
from zaohua.data.prepare.crew import clean_all
from zaohua.data.prepare.deciding import Decider, Decision, Draws
from zaohua.data.prepare.identity import identities
from zaohua.data.prepare.local import READ, Setup
from zaohua.data.prepare.page import page
from zaohua.data.prepare.plan import Plan, plan
from zaohua.data.prepare.report import report
from zaohua.data.prepare.sources import Cursor, Source, open_sources, tasks
from zaohua.data.prepare.spec import DataSpec
from zaohua.data.prepare.writing import (
    PartFigures,
    Selection,
    segment_of,
    write_parts,
    write_rejects,
)
from zaohua.data.readers.paths import expand, files
from zaohua.errors import NotFoundError, UnavailableError, UsageError
from zaohua.heap import steady_heap
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.files import write_atomic
from zaohua.store.work import Work

FORMAT = 1
"""Raised when the same specification would give other bytes."""
_SEGMENTS = "segments.tmp"
_REPORT = "report.json"
_FULL = {errno.ENOSPC, errno.EDQUOT}


def prepare(
    name: str,
    spec: DataSpec,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
) -> Artefact:
    """Read, clean, de-duplicate, mix, split and write the data set that ``spec`` describes.

    Work that was broken off, however it was, is taken up where it was; the result is the same byte
    for byte, with any number of workers. What has been made already is given at once.

    Returns:
        A ``dataset`` artefact: shards, ``report.json``, ``report.html``, ``README.md`` and, when
        asked for, ``rejects/``.

    Raises:
        UsageError: the specification cannot work, a label is none of those allowed, or no
            document is left for training or validation.
        NotFoundError: a source is not there.
        MissingExtraError: a library for a format is not installed.
        UnavailableError: the disk is full; what was done is kept.
    """
    artefacts = Artefacts(settings.home)
    given = _given(spec, settings, progress)
    with (
        _disk_full(artefacts.folder),
        artefacts.make(
            "dataset", name, inputs=given.inputs, recipe=given.recipe, progress=progress
        ) as made,
    ):
        if isinstance(made, Work):
            with steady_heap():
                _Job(given, made, progress).run()
    if isinstance(made, Work):
        return artefacts.require("dataset", f"{name}@{made.version}")
    return made


def made(name: str, spec: DataSpec, *, settings: Settings) -> Artefact | None:
    """What `prepare` would give without making anything; ``None``: it would have to be made.

    Raises:
        UsageError, NotFoundError: as `prepare` at its start.
    """
    given = _given(spec, settings, Silent())
    artefacts = Artefacts(settings.home)
    return artefacts.made("dataset", name, inputs=given.inputs, recipe=given.recipe)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a data set is made from."""

    spec: DataSpec
    plan: Plan
    sources: list[Source]
    evaluation: tuple[Path, ...]
    inputs: list[str]
    recipe: dict[str, Any]


def _given(spec: DataSpec, settings: Settings, progress: Progress) -> _Given:
    planned = plan(spec)
    sources = open_sources(spec, settings, progress)
    evaluation = _evaluation(spec, Artefacts(settings.home))
    inputs = [identity for source in sources for identity in source.identities()]
    inputs += _extra_inputs(evaluation, planned)
    data = spec.model_dump(mode="json", exclude={"decontaminate", "preset", "clean"})
    recipe = {"format": FORMAT, "data": data, "steps": planned.as_json()}
    return _Given(spec, planned, sources, tuple(p for p, _ in evaluation), inputs, recipe)


@dataclass(frozen=True, slots=True)
class _Job:
    """One data set being made."""

    given: _Given
    work: Work
    progress: Progress

    def run(self) -> None:
        """Make what is not there yet; the report is written last and says that all is there."""
        folder = self.work.path
        if not (folder / _REPORT).exists():
            self._make()
        shutil.rmtree(folder / _SEGMENTS, ignore_errors=True)
        told = orjson.loads((folder / _REPORT).read_bytes())
        self.work.metrics.update(told["totals"])
        self.work.details.update(
            title=self.work.name, sources=told["sources"], unreadable=told["unreadable"]["count"]
        )
        self.work.licence = told["licence"]

    def _make(self) -> None:
        decider = Decider(self.given.plan, Draws(self.given.spec.validation))
        decisions = list(self._decisions(decider))
        self._tell_unreadable(decider)
        _require_documents(self.given.spec, decider)
        selection = Selection(self._setup().segment, decisions, decider.draws.threshold())
        figures = self._write(selection, decider)
        if not figures["train"].documents:
            raise UsageError(
                "no document is left for training", mend="a source that is mixed in is empty"
            )
        self._describe(decider, figures)

    def _setup(self) -> Setup:
        return Setup(
            plan=self.given.plan,
            folder=self.work.path / _SEGMENTS,
            reading=tuple(source.options for source in self.given.sources),
            evaluation=self.given.evaluation,
            labels=tuple(self.given.spec.labels),
            keep_rejects=self.given.spec.keep_rejects,
        )

    def _decisions(self, decider: Decider) -> Iterator[Decision]:
        """What an earlier, broken run had cleaned comes first, then the rest is cleaned."""
        setup, cursor, number = self._setup(), Cursor(), 0
        while (segment := segments.read(setup.segment(number))) is not None:
            yield decider.decide(segment)
            cursor, number = segment.after, number + 1
        if number:
            seen = decider.tally.of(READ).seen
            self.progress.note(f"{seen:,} documents were cleaned before; going on after them")
        self.progress.start(f"cleaning {self.work.name}", None)
        try:
            rest = tasks(self.given.spec, self.given.sources, cursor, number)
            with closing(clean_all(setup, rest, self.given.spec.workers or _cores())) as cleaned:
                for path in cleaned:
                    segment = segment_of(path)
                    self.progress.advance(segment.tally.of(READ).bytes_in)
                    yield decider.decide(segment)
        finally:
            self.progress.finish()

    def _write(self, selection: Selection, decider: Decider) -> dict[Part, PartFigures]:
        self.progress.start(f"writing {self.work.name}", None)
        try:
            figures = write_parts(self.given.spec, selection, self.work.path, self.progress)
            if self.given.spec.keep_rejects:
                write_rejects(selection, self.work.path / "rejects")
        finally:
            self.progress.finish()
        return figures

    def _describe(self, decider: Decider, figures: dict[Part, PartFigures]) -> None:
        told = report(
            self.work.name,
            self.given.spec,
            self.given.plan,
            self.given.sources,
            decider=decider,
            figures=figures,
        )
        write_atomic(self.work.path / "README.md", card(told).encode())
        write_atomic(self.work.path / "report.html", page(told).encode())
        write_atomic(self.work.path / _REPORT, orjson.dumps(told, option=orjson.OPT_INDENT_2))

    def _tell_unreadable(self, decider: Decider) -> None:
        count = decider.tally.unreadable.total()
        for item in decider.unreadable[:3]:
            self.progress.note(f"skipped {item.source}: {item.reason}")
        if count > 3:
            self.progress.note(f"… and {count - 3:,} more that could not be read; see the report")


def _require_documents(spec: DataSpec, decider: Decider) -> None:
    draws = decider.draws
    if draws.count == 0:
        raise UsageError("no document is left", where=_lost(decider), mend=_more(decider))
    if spec.validation > 0 and draws.least == draws.most:
        what = "only one document is left" if draws.count == 1 else "all documents left are equal"
        raise UsageError(
            f"{what}, and both training and validation need one",
            where=_lost(decider),
            mend="add documents, cut it in pieces (options: {text_unit: paragraph}), "
            "or set validation: 0",
        )


def _lost(decider: Decider) -> str:
    reasons = [
        (count, f"{count:,} {step}: {reason}")
        for step, tally in decider.tally.steps.items()
        for reason, count in tally.reasons.items()
    ]
    skipped = decider.tally.unreadable.total()
    parts = [f"{decider.tally.of(READ).seen:,} read"]
    parts += [f"{skipped:,} not readable"] if skipped else []
    parts += [text for _, text in sorted(reasons, key=lambda item: -item[0])[:4]]
    return ", ".join(parts)


def _more(decider: Decider) -> str:
    if decider.tally.of(READ).seen:
        return "switch off the step that drops too much, in 'clean', or choose another preset"
    if decider.unreadable:
        first = decider.unreadable[0]
        return f"{first.source}: {first.reason}"
    return "the sources hold no records"


def _evaluation(spec: DataSpec, artefacts: Artefacts) -> list[tuple[Path, str]]:
    """The places of the evaluation texts, and what stands for each in the lineage."""
    found: list[tuple[Path, str]] = []
    for name in spec.decontaminate:
        if Path(name).expanduser().exists() or any(letter in name for letter in "/*"):
            for place in files(expand([name])):
                if isinstance(place, Path):
                    found += [(place, identity) for identity in identities(name, [place])]
            continue
        made = artefacts.find("dataset", name.removeprefix("dataset/"))
        if made is None:
            raise NotFoundError(f"there is no file and no data set '{name}'", where="decontaminate")
        found.append((made.path, made.reference))
    return found


def _extra_inputs(evaluation: list[tuple[Path, str]], planned: Plan) -> list[str]:
    words: set[str] = {extra for steps in planned.local if (extra := _word_list(steps)) is not None}
    listed = [identity for word in sorted(words) for identity in identities(word, [Path(word)])]
    return [*(identity for _, identity in evaluation), *listed]


def _word_list(steps: dict[str, dict[str, Any]]) -> str | None:
    return steps.get("harmful_words", {}).get("extra")


@contextmanager
def _disk_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise UnavailableError(
            "the disk is full",
            where=str(folder),
            mend="free some space and call it again: it goes on where it was",
        ) from None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
