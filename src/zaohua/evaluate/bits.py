"""The suite ``bits_per_byte``: a language model beside n-grams and compressors, on one text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from zaohua.data import dataset
from zaohua.data.records import Record
from zaohua.errors import UsageError
from zaohua.evaluate import compression
from zaohua.evaluate.lineage import manifest_of
from zaohua.evaluate.ngrams import fit
from zaohua.evaluate.report import Result, table
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

ORDERS = (3, 5)
MOST_BEFORE = 4 << 20
"""Bytes of training text before the compressed one: compressors are slow, and gain little more."""
METRIC = "bits_per_byte"


def bits_per_byte(
    spec: EvaluateSpec, data: Artefact, *, settings: Settings, progress: Progress
) -> Result:
    """Run the suite on a data set of texts.

    The baselines are fitted on the first ``spec.characters`` of the train part, documents taken
    evenly from all of it.

    Raises:
        UsageError: the validation part has no texts.
    """
    held = list(_texts(dataset.records(data.path, "validation")))
    if not held:
        raise UsageError("the validation part has no texts", where=data.reference)
    model, origin = model_bits(spec.model, data, settings=settings, progress=progress)
    training = sample(data, spec.characters)
    figures = {METRIC: model} | baselines(training, held, progress)
    best = min(figures[f"ngram_{order}"] for order in ORDERS)
    figures["against_ngram"] = model / best
    rounded = {name: round(value, 4) for name, value in figures.items()}
    details = {
        "origin": origin,
        "validation_documents": len(held),
        "validation_bytes": _size(held),
        "training_bytes": _size(training),
    }
    return Result(rounded, details, _page(spec, rounded, details), data.manifest.licence)


def model_bits(
    model: str, data: Artefact, *, settings: Settings, progress: Progress
) -> tuple[float, str]:
    """The model's own figure, and where it is from: its checkpoint, or computed now."""
    manifest = manifest_of(model, settings)
    told = manifest.metrics.get(METRIC) if manifest else None
    if manifest and told is not None and data.reference in manifest.inputs:
        return float(told), "the last validation of its training, on this validation part"
    from zaohua.evaluate.scoring import text_bits

    bits = text_bits(model, data, settings=settings, progress=progress)
    return bits, "computed on this validation part"


def baselines(training: list[str], held: list[str], progress: Progress) -> dict[str, float]:
    """Bits a byte of the n-gram models, and of the compressors alone and after training text."""
    size = _size(held)
    found = {}
    for order in ORDERS:
        progress.note(f"fitting {order}-grams on {len(training):,} documents")
        found[f"ngram_{order}"] = fit(training, order).bits(held) / size
    progress.note("compressing")
    text = "\n".join(held).encode()
    before = "\n".join(training[:: -(-_size(training) // MOST_BEFORE)]).encode()
    found |= compression.alone(text)
    found |= {f"{n}_after_training": v for n, v in compression.after(before, text).items()}
    return found


def sample(data: Artefact, characters: int) -> list[str]:
    """Texts of the train part, evenly from all of it, of at most so many characters in all."""
    sizes = [len(text) for text in _texts(dataset.records(data.path, "train"))]
    step = max(1, -(-sum(sizes) // characters))
    texts = _texts(dataset.records(data.path, "train"))
    return [text for number, text in enumerate(texts) if number % step == 0]


def _texts(records: Iterable[Record]) -> Iterator[str]:
    return (record.text for record in records if record.text)


def _size(texts: Iterable[str]) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def _page(spec: EvaluateSpec, figures: dict[str, float], details: dict[str, Any]) -> str:
    rows = [["**the model**", f"**{figures[METRIC]:.3f}**", details["origin"]]]
    rows += [
        [f"characters, {order}-grams", f"{figures[f'ngram_{order}']:.3f}", "modified Kneser-Ney"]
        for order in ORDERS
    ]
    for name in compression.COMPRESSORS:
        rows.append([name, f"{figures[name]:.3f}", "the validation part alone"])
    for name in compression.LONG:
        rows.append([name, f"{figures[f'{name}_after_training']:.3f}", "after some training text"])
    return (
        f"# Bits per byte of {spec.model.partition('@')[0]} on {spec.data}\n\n"
        f"{details['validation_documents']:,} documents, {details['validation_bytes']:,} bytes of "
        f"UTF-8. The n-grams were fitted on {details['training_bytes']:,} bytes of training text, "
        f"of which at most {MOST_BEFORE >> 20} MB went before what the compressors compressed. "
        "Ends of documents are not counted for any of them.\n\n"
        f"{table(['', 'bits per byte', ''], rows)}\n"
    )
