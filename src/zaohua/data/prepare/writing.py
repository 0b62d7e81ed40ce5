"""The last part of the work: kept records, mixed and split, become shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zaohua.data.cleaning.mixing import Source, interleave
from zaohua.data.dataset import PARTS, LinesFile, Part, ShardWriter
from zaohua.data.prepare import segments
from zaohua.data.prepare.deciding import Decision, Kept
from zaohua.data.prepare.spec import DataSpec
from zaohua.errors import IntegrityError
from zaohua.progress import Progress

Place = Callable[[int], Path]


@dataclass(slots=True)
class PartFigures:
    """What one part of the data set consists of.

    Attributes:
        lengths: documents by the number of binary digits of their length in characters.
        sources: documents and characters of each source, by its number.
    """

    documents: int = 0
    characters: int = 0
    bytes: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    sources: dict[int, list[int]] = field(default_factory=dict)

    def add(self, kept: Kept, source: int) -> None:
        """Count one document."""
        characters, size = kept.size
        self.documents += 1
        self.characters += characters
        self.bytes += size
        self.languages[kept.language] += 1
        self.kinds[kept.kind] += 1
        self.lengths[characters.bit_length()] += 1
        if kept.label:
            self.labels[kept.label] += 1
        share = self.sources.setdefault(source, [0, 0])
        share[0] += 1
        share[1] += characters

    def as_json(self) -> dict[str, Any]:
        """JSON values in a stable order."""
        return {
            "documents": self.documents,
            "characters": self.characters,
            "bytes": self.bytes,
            "languages": dict(self.languages.most_common()),
            "labels": dict(sorted(self.labels.items())),
            "kinds": dict(sorted(self.kinds.items())),
            "lengths": {str(1 << (n - 1) if n else 0): c for n, c in sorted(self.lengths.items())},
            "sources": {str(number): counts for number, counts in sorted(self.sources.items())},
        }


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that make the data set: the segments, and what was decided about each."""

    place: Place
    decisions: Sequence[Decision]
    threshold: float

    def kept(self, source: int | None = None) -> Iterator[tuple[int, Kept]]:
        """The records of one source or of all, with the number of the source."""
        for number, decision in enumerate(self.decisions):
            if source is None or decision.source == source:
                for kept in decision.kept(segment_of(self.place(number), sketches=False)):
                    yield decision.source, kept

    def part(self, kept: Kept) -> Part:
        """Which part a record belongs to."""
        return "validation" if kept.draw < self.threshold else "train"


def write_parts(
    spec: DataSpec, selection: Selection, folder: Path, progress: Progress
) -> dict[Part, PartFigures]:
    """Write the shards of both parts; those that are there already are passed over."""
    figures: dict[Part, PartFigures] = {part: PartFigures() for part in PARTS}
    with ExitStack() as stack:
        writers = {
            part: stack.enter_context(ShardWriter(folder, part, spec.shard_bytes)) for part in PARTS
        }
        for part, source, kept in _ordered(spec, selection):
            writers[part].write(kept.line)
            figures[part].add(kept, source)
            progress.advance(kept.size[1])
    return figures


def write_rejects(selection: Selection, folder: Path) -> None:
    """Write what each step dropped to a file of its own."""
    with ExitStack() as open_files:
        files: dict[str, LinesFile] = {}
        for number, decision in enumerate(selection.decisions):
            rejects = decision.rejects(segment_of(selection.place(number), sketches=False))
            for step, lines in rejects.items():
                if step not in files:
                    path = folder / f"{step}.jsonl.zst"
                    files[step] = open_files.enter_context(LinesFile(path))
                for line in lines:
                    files[step].write(line)


def segment_of(path: Path, *, sketches: bool = True) -> segments.Segment:
    """A segment that was written a moment ago.

    Raises:
        IntegrityError: it is damaged or gone.
    """
    found = segments.read(path, sketches=sketches)
    if found is None:
        raise IntegrityError(
            "an intermediate file is damaged", where=str(path), mend="call it again: it is remade"
        )
    return found


def _ordered(spec: DataSpec, selection: Selection) -> Iterator[tuple[Part, int, Kept]]:
    """Every record once, in order; of a mixture the records for training as they are mixed."""
    for source, kept in selection.kept():
        part = selection.part(kept)
        if spec.mix == "concatenate" or part == "validation":
            yield part, source, kept
    if spec.mix != "concatenate":
        sources = [
            Source(f"sources[{number}]", source.weight, _reader(selection, number), source.passes)
            for number, source in enumerate(spec.sources)
        ]
        for source, kept in interleave(sources, _characters, until=spec.mix):
            yield "train", source, kept


def _reader(selection: Selection, source: int) -> Callable[[], Iterator[tuple[int, Kept]]]:
    def training() -> Iterator[tuple[int, Kept]]:
        found = selection.kept(source)
        return (item for item in found if selection.part(item[1]) == "train")

    return training


def _characters(item: tuple[int, Kept]) -> int:
    return item[1].size[0]
