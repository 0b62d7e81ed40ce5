"""The poetry set as records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from zaohua.data.records import Record, Turn, Unreadable
from zaohua.data.sets.conversing import begun
from zaohua.data.sets.drawing import drawn
from zaohua.data.sets.poetry.conversations import in_conversations
from zaohua.data.sets.poetry.corpus import Poem, authors, form_title, poems, split_group
from zaohua.data.sets.poetry.forms import FORMS
from zaohua.data.sets.poetry.instructions import WEIGHTS, Asking, instruction
from zaohua.data.sets.poetry.options import PoetryOptions
from zaohua.data.sets.poetry.rhymes import rhyme_book, rhyme_words
from zaohua.progress import Progress

Members = Callable[[], Iterable[tuple[str, bytes]]]

STYLE_NEEDS = 200
"""Poems that an author must have left before a poem in their style is asked for."""


def poetry_records(
    members: Members, source: str, options: PoetryOptions, progress: Progress
) -> Iterator[Record | Unreadable]:
    """The poems that the options choose: texts of one poem, or conversations of one or more.

    Args:
        members: begins to read the wanted files of the package, each time it is called.
        source: what records name as their source, before ``!member``.
        options: which poems, and in what form.
        progress: told in the end how many were left out, and why.
    """
    left_out: Counter[str] = Counter()
    single = _single(members, source, options, left_out)
    if options.form == "text":
        yield from single
    else:
        yield from map(_beginner(options.system), in_conversations(single, options.follow_up))
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()))
    progress.note(f"poems left out: {told or 'none'}")


def as_text(poem: Poem, rhyme: str = "") -> str:
    """A poem as a document: its form, title, dynasty and author on one line, then its body.

    The form comes first, so that all that follows is written knowing it.
    """
    title = f"《{poem.title}》" if poem.title else ""
    author = f"·{poem.author}" if poem.author else ""
    form = form_title(poem) + (f"·{rhyme}韵" if rhyme else "")
    return f"{form}{title}{poem.dynasty}{author}\n{poem.body}"


def _single(
    members: Members, source: str, options: PoetryOptions, left_out: Counter[str]
) -> Iterator[Record | Unreadable]:
    """A record of each poem that the options choose."""
    record = _maker(members, source, options)
    passes = _filter(options, left_out)
    for poem in poems(members(), options.script, left_out, _wanted(options)):
        if isinstance(poem, Unreadable):
            yield Unreadable(f"{source}!{poem.source}", poem.reason)
        elif passes(poem):
            yield record(poem)


def _beginner(system: float) -> Callable[[Record | Unreadable], Record | Unreadable]:
    def beginning(record: Record | Unreadable) -> Record | Unreadable:
        if isinstance(record, Unreadable):
            return record
        return replace(record, messages=begun(record.messages, system))

    return beginning


def _named_rhyme(poem: Poem) -> str:
    return rhyme_book().shared_rhyme(rhyme_words(poem.lines)) if poem.kind in FORMS else ""


def _wanted(options: PoetryOptions) -> Callable[[Poem], bool]:
    kinds, dynasties = options.chosen_kinds(), frozenset(options.dynasty)

    def wanted(poem: Poem) -> bool:
        return poem.kind in kinds and (not dynasties or poem.dynasty in dynasties)

    return wanted


def _filter(options: PoetryOptions, left_out: Counter[str]) -> Callable[[Poem], bool]:
    """Whether a poem is in the sample and rhymes, if it must."""
    book = rhyme_book() if options.only_rhymed() else None

    def passes(poem: Poem) -> bool:
        if not drawn(poem.key, options.sample, b"sample"):
            left_out["not in the sample"] += 1
            return False
        if book and poem.kind in FORMS and not book.all_rhyme(rhyme_words(poem.lines)):
            left_out["not rhymed"] += 1
            return False
        return True

    return passes


def _maker(members: Members, source: str, options: PoetryOptions) -> Callable[[Poem], Record]:
    if options.form == "text":
        return lambda poem: _text_record(poem, source, options.rhyme_named)
    weights = {**WEIGHTS, **options.tasks}
    asking = Asking(options.english, weights, _stylists(members, options))
    return lambda poem: _chat_record(poem, source, asking)


def _stylists(members: Members, options: PoetryOptions) -> Collection[str]:
    counts = authors(members(), options.script)
    return frozenset(name for name, count in counts.items() if count >= STYLE_NEEDS)


def _text_record(poem: Poem, source: str, named: float) -> Record:
    rhyme = _named_rhyme(poem) if drawn(poem.key, named, b"rhyme") else ""
    return Record(
        f"{source}!{poem.member}", poem.position, text=as_text(poem, rhyme), meta=_meta(poem)
    )


def _chat_record(poem: Poem, source: str, asking: Asking) -> Record:
    made = instruction(poem, asking)
    return Record(
        f"{source}!{poem.member}",
        poem.position,
        messages=(Turn("user", made.prompt), Turn("assistant", made.answer)),
        meta=_meta(poem) | {"request": dict(made.request)},
    )


def _meta(poem: Poem) -> dict[str, object]:
    return {
        "split_key": split_group(poem.key),
        "title": poem.title,
        "author": poem.author,
        "dynasty": poem.dynasty,
        "form": poem.kind,
    }
