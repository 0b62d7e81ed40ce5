"""A prepared data set through a tokenizer into an artefact of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zaohua.data.dataset import PARTS, shards
from zaohua.data.tokens.facts import facts_of
from zaohua.data.tokens.loading import byte_lengths, load_tokenizer
from zaohua.data.tokens.shard_work import Job, encode_shards
from zaohua.data.tokens.shards import BYTE_LENGTHS, Form, Info, write_array
from zaohua.data.tokens.summary import check, class_names, figures, tallies, tell, total
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Work
from zaohua.store.files import sha256_of

_LAYOUT = 1
"""Raised when the same input gives other files."""

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
)


def encode(
    dataset: Artefact,
    tokenizer: Path | Artefact,
    form: Form,
    *,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
    workers: int = 0,
) -> Artefact:
    """The tokens of a data set, made once for each data set, tokenizer and form.

    A broken run goes on at the shard where it stopped.

    ``tokenizer`` is a tokenizer artefact, or a folder with a ``tokenizer.json`` of any kind.
    Form ``text`` takes every record's text; ``chat`` the conversations, of which what the
    assistant says is to be learned; ``labelled`` texts with their labels. ``workers`` are
    processes; 0: as many as there are cores and work for.

    Raises:
        UsageError: there is nothing to learn from: no documents, no assistant's turns (or the
            template shows none), fewer than two labels.
        NotFoundError, IntegrityError: tokenizer or data set cannot be read.
    """
    store = Artefacts(settings.home)
    folder = tokenizer.path if isinstance(tokenizer, Artefact) else tokenizer
    recipe = {"form": form, "layout": _LAYOUT}
    inputs = [dataset.reference, *_references(tokenizer)]
    name = f"{dataset.name}.{form}"
    with store.make("tokens", name, inputs=inputs, recipe=recipe, progress=progress) as work:
        if isinstance(work, Artefact):
            return work
        tokenizing = _Tokenizing(dataset, folder, form, workers or settings.threads)
        _encode_into(work, tokenizing, progress)
    return store.require("tokens", f"{name}@{work.version}")


def _references(tokenizer: Path | Artefact) -> list[str]:
    if isinstance(tokenizer, Artefact):
        return [tokenizer.reference]
    files = [tokenizer / name for name in _TOKENIZER_FILES]
    return [f"file:{f.absolute()}#{sha256_of(f)}" for f in files if f.is_file()]


@dataclass(frozen=True, slots=True)
class _Tokenizing:
    """What is to be encoded, and how."""

    dataset: Artefact
    tokenizer: Path
    form: Form
    workers: int


def _encode_into(work: Work, what: _Tokenizing, progress: Progress) -> None:
    dataset, tokenizer, form = what.dataset, what.tokenizer, what.form
    loaded = load_tokenizer(tokenizer)
    facts = facts_of(loaded, str(tokenizer))
    sources = [source for part in PARTS for source in shards(dataset.path, part)]
    jobs = [Job(source, sources[0], work.path, form) for source in sources]
    encode_shards(jobs, facts, what.workers, progress)
    counted = {part: tallies(work.path, part, jobs) for part in PARTS}
    info = Info(
        form=form,
        vocab_size=facts.size,
        pad=facts.pad,
        shared=form != "chat" and facts.around.shared,
        shards={part: list(found) for part, found in counted.items()},
        classes=class_names(counted, dataset),
        counts={part: total(list(found.values())) for part, found in counted.items()},
    )
    check(info, dataset.name, tokenizer)
    tell(info, progress)
    write_array(work.path, BYTE_LENGTHS, byte_lengths(loaded))
    info.save(work.path)
    work.metrics.update(figures(info))
    work.details.update(form=form, classes=info.classes)
    work.licence = dataset.manifest.licence
