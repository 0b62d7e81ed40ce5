"""The npm package ``chinese-poetry`` as a stream of poems."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Literal

import orjson

from zaohua.data.records import Unreadable
from zaohua.data.sets.drawing import mark
from zaohua.data.sets.poetry.forms import (
    FORMS,
    HANZI,
    Kind,
    is_sound,
    laid_out,
    regular_form,
    verses,
    without_quotes,
)
from zaohua.data.sets.poetry.variants import REGULAR, converter

Script = Literal["simplified", "traditional"]
LONGEST_TITLE = 12
SPLIT_GROUPS = 4096


@dataclass(frozen=True, slots=True)
class Poem:
    """One poem, whole, without notes.

    Attributes:
        member: file of the package it is from.
        position: number in that file.
        title: the title proper, or the tune of a 词; empty when there is none fit to be shown.
        body: for regular forms a couplet a line; for others a sentence group a line.
        lines: the body's lines without stops.
        kind: its form.
        key: the same for variants of one poem; see `split_key`.
    """

    member: str
    position: int
    title: str
    author: str
    dynasty: str
    body: str
    lines: tuple[str, ...]
    kind: Kind
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Files of the package that hold poems, and what is true of all in them."""

    pattern: str
    dynasty: str
    kind: Kind | None
    script: Script


_PLACES = (
    _Place(r"quantangshi/poet\.tang\.\d+", "唐", None, "traditional"),
    _Place(r"quantangshi/poet\.song\.\d+", "宋", None, "traditional"),
    _Place(r"wudaishici/huajianji/huajianji-[1-9x]-juan", "五代", "词", "simplified"),
    _Place(r"wudaishici/nantang/poetrys", "五代", "词", "simplified"),
    _Place(r"songci/ci\.song\.\d+", "宋", "词", "simplified"),
    _Place(r"yuanqu/yuanqu", "元", "曲", "simplified"),
    _Place(r"nalanxingde/纳兰性德诗集", "清", "词", "simplified"),
)

_NOTE = re.compile(r"[（(〔\[{〖【].*?[）)〕\]}〗】]")
_NUMBER = re.compile(r"\s+(?:其|之|第)?[一二三四五六七八九十百○〇]+$")
_COUNT = re.compile(r"(?:[一二三四五六七八九十百两兩]+首|[并並][序引敘叙])$")
_TITLE = re.compile(f"[{HANZI}·]{{1,{LONGEST_TITLE}}}")
_AUTHOR = re.compile(f"[{HANZI}]{{1,8}}")
_NOBODY = frozenset({"不詳", "不详", "无名氏", "無名氏", "佚名", "失名"})


def is_wanted(member: str) -> bool:
    """Whether a file of the package holds poems that are read."""
    return _place(member) is not None


def poems(
    members: Iterable[tuple[str, bytes]],
    script: Script,
    left_out: Counter[str],
    wanted: Callable[[Poem], bool] = lambda poem: True,
) -> Iterator[Poem | Unreadable]:
    """The sound poems of the package, each once, in the package's order.

    Args:
        members: name and content of the files that `is_wanted`.
        script: what to write them in. Most of the corpus is traditional, its 词 and 曲 are not.
        left_out: counts why others are not given: ``broken``, ``duplicate``.
        wanted: whether a poem is of interest, asked before it is written in ``script``.
    """
    seen: set[bytes] = set()
    for member, content in members:
        place = _place(member)
        if place is None:
            continue
        try:
            rows = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            yield Unreadable(member, f"damaged JSON: {error}")
            continue
        written = _writer(place.script, script)
        for position, row in enumerate(rows):
            poem = _poem(row, place, member, position)
            if poem is None:
                left_out["broken"] += 1
                continue
            if not wanted(poem):
                continue
            poem = written(poem)
            mark = blake2b("".join(poem.lines).encode(), digest_size=8).digest()
            if mark in seen:
                left_out["duplicate"] += 1
                continue
            seen.add(mark)
            yield poem


def split_key(lines: Iterable[str]) -> str:
    """Of the lines of a poem, the one with the smallest hash.

    Variants of a poem that share most of their lines mostly share it (min-wise hashing, Broder
    1997), so that a division of poems by this key rarely parts them.
    """
    return min(lines, key=lambda line: blake2b(line.encode(), digest_size=8).digest())


def split_group(key: str) -> str:
    """The group of poems, by their `split_key`, that one side of a split takes whole.

    There are fewer groups than poems, so that a conversation can be made of poems of one side.
    """
    return f"poems {mark(key, b'split') % SPLIT_GROUPS}"


def _place(member: str) -> _Place | None:
    return next(
        (p for p in _PLACES if re.fullmatch(rf"package/dist/{p.pattern}\.json", member)), None
    )


def _poem(row: Any, place: _Place, member: str, position: int) -> Poem | None:
    if not isinstance(row, dict):
        return None
    groups = [without_quotes(text) for text in row.get("paragraphs") or row.get("para") or ()]
    groups = [text if text[-1] in "。！？" else f"{text}。" for text in groups if text]
    if not groups or not all(map(is_sound, groups)):
        return None
    lines = verses("\n".join(groups))
    form = regular_form(lines) if place.kind is None else None
    author = str(row.get("author") or "")
    return Poem(
        member,
        position,
        title=_title(str(row.get("title") or row.get("rhythmic") or "")),
        author=author if _AUTHOR.fullmatch(author) and author not in _NOBODY else "",
        dynasty=place.dynasty,
        body=laid_out(lines) if form else "\n".join(groups),
        lines=lines,
        kind=form.kind if form else place.kind or "other",
    )


def _title(given: str) -> str:
    """The title proper: of a series its own part, without notes, numbers and counts."""
    title = _NUMBER.sub("", _NOTE.sub("", given).strip())
    title = title.split()[-1] if title.split() else ""
    title = _COUNT.sub("", title) or title
    return title if _TITLE.fullmatch(title) else ""


def _writer(source: Script, wanted: Script) -> Callable[[Poem], Poem]:
    """Rewrites poems of one script in another, and gives them their key."""
    simplify, complicate = converter("t2s").convert, converter("s2t").convert

    def written(poem: Poem) -> Poem:
        parts = "\n".join((poem.title, poem.author, poem.body))
        plain = str(simplify(parts)).translate(REGULAR)
        key = split_key(verses(plain.split("\n", 2)[2]))
        if wanted == "traditional":
            plain = str(complicate(parts)) if source == "simplified" else parts
        title, author, body = plain.split("\n", 2)
        lines = verses(body)
        return replace(poem, title=title, author=author, body=body, lines=lines, key=key)

    return written


def form_title(poem: Poem) -> str:
    """The full name of a poem's form, as its head gives it."""
    return (
        FORMS[poem.kind].title if poem.kind in FORMS else {"other": "诗"}.get(poem.kind, poem.kind)
    )


def authors(members: Iterable[tuple[str, bytes]], script: Script) -> Counter[str]:
    """How many poems the package has of each named author."""
    counts: Counter[str] = Counter()
    for member, content in members:
        if _place(member) is not None:
            with suppress(orjson.JSONDecodeError):
                counts.update(str(row.get("author") or "") for row in orjson.loads(content))
    return _named(counts, script)


def _named(counts: Counter[str], script: Script) -> Counter[str]:
    opencc = converter("t2s" if script == "simplified" else "s2t")
    named: Counter[str] = Counter()
    for author, count in counts.items():
        if _AUTHOR.fullmatch(author) and author not in _NOBODY:
            name = str(opencc.convert(author))
            named[name.translate(REGULAR) if script == "simplified" else name] += count
    return named
