"""What code does to a text so that a model need not: filters of templates.

Each takes what it is given and gives a new value, in time that grows with its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from zaohua.generate.prompts.fields import standing
from zaohua.generate.prompts.gist import gist, telling
from zaohua.generate.prompts.matrices import matrix, sides
from zaohua.generate.prompts.proofing import corrected
from zaohua.text import sentences as pieces
from zaohua.text.instructions import is_chinese
from zaohua.text.numerals import numbers as numbers_of

_ENDED: Final = re.compile(r"[。！？!?.…][\"'”’)）」』]*\s*$")
_BREAK: Final = re.compile(r"[，,、；;：:]")
_CUT: Final = re.compile(r"[；;。！？!?\n]|[，,](?!\d)|\.(?=\s|$)|\s(?:and|but|while)\s")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_LATIN: Final = re.compile(r"[^\W\d_\u3400-\u9fff]{4,}")
_EMPTY: Final = frozenset(
    "的了吗呢吧啊么是在有和与及或这那哪谁什怎为我你他她它们之其以于就都也很把被"
)
_ITEM: Final = re.compile(r"[，、；;\n]|,(?!\d)")
_MARK: Final = re.compile(r"^\s*(?:[-*+•·]\s+|\d{1,2}[.)、]\s*)")
_LEAST: Final = 6
"""Characters of a sentence that may not stand twice."""
_AROUND: Final = re.compile(
    r"\A(?:[\"“「『]([^\"“”「」『』]*)[\"”」』]|```\w*\n(.*)\n```)\Z", re.DOTALL
)


def sentences(text: Any) -> list[str]:
    """The sentences of a text, without the space between them."""
    return [part.strip() for part in pieces.sentences(str(text)) if part.strip()]


def clauses(text: Any) -> list[str]:
    """What stands between commas, full stops and *and*, each once, as it stands in the text."""
    text, begin = str(text), 0
    found: dict[str, None] = {}
    for cut in _CUT.finditer(text + "\n"):
        before = text[begin : cut.start()].strip()
        if cut[0].strip().isalpha() and not _halves(before, text[cut.end() :]):
            continue
        if re.search(r"\w", before):
            found[before] = None
        begin = cut.end()
    return list(found)


def _halves(before: str, after: str) -> bool:
    """Whether both sides of an *and* say something by themselves."""
    return min(len(before.split()), len(_CUT.split(after, maxsplit=1)[0].split())) > 1


def once(text: Any) -> str:
    """A text without the sentences that stood in it before."""
    seen: set[str] = set()
    kept = []
    for part in pieces.sentences(str(text)):
        bare_part = re.sub(r"\W", "", part).casefold()
        if len(bare_part) < _LEAST or bare_part not in seen:
            kept.append(part)
        seen.add(bare_part)
    return "".join(kept).strip()


def whole(said: Any) -> str:
    """Without an unfinished sentence at the end; one that is alone ends after a clause."""
    text = str(said).strip()
    if not text or _ENDED.search(text):
        return text
    parts = [part for part in pieces.sentences(text) if part.strip()]
    if len(parts) > 1:
        return "".join(parts[:-1]).strip()
    cut = max((one.start() for one in _BREAK.finditer(text)), default=0)
    kept = text[:cut] if cut > len(text) // 2 else text
    return kept + ("。" if is_chinese(kept) else ".")


def within(text: Any, most: float) -> str:
    """The whole sentences of a text that fit into ``most`` characters, else the clauses of the
    first that do, else that sentence."""
    text, kept = str(text).strip(), ""
    for part in pieces.sentences(text):
        if len((kept + part).strip()) > most:
            break
        kept += part
    if kept.strip() or len(text) <= most:
        return kept.strip()
    first = sentences(text)[0]
    cut = max((one.start() for one in _BREAK.finditer(first[: int(most) + 1])), default=0)
    return first[:cut] or first


def bare(text: Any) -> str:
    """Without quotation marks or a fence around all of it."""
    text = str(text).strip()
    found = _AROUND.match(text)
    return (found[1] or found[2] or "").strip() or text if found else text


def numbers(text: Any) -> list[str]:
    """The numbers of a text by value: 14 for 14 天 and for 十四天, 5 for May."""
    return list(dict.fromkeys(f"{one.value.normalize():f}" for one in numbers_of(str(text))))


def words(text: Any) -> list[str]:
    """The telling words of a text: longer ones in letters, pairs of Chinese characters."""
    text = str(text)
    pairs = (run[at : at + 2] for run in _HAN.findall(text) for at in range(len(run) - 1))
    telling = [pair for pair in pairs if not _EMPTY & set(pair)]
    return list(dict.fromkeys([*telling, *(word.casefold() for word in _LATIN.findall(text))]))


def items(text: Any) -> list[str]:
    """The lines of a text without list marks and full stops; of a single one what commas part."""
    lines = [line for line in str(text).splitlines() if line.strip()]
    parts = lines if len(lines) > 1 else _ITEM.split(str(text))
    return [part for one in parts if (part := _MARK.sub("", one).strip(" 。.；;，,、"))]


def unique(values: Any) -> list[Any]:
    """A list with each value once."""
    return list(dict.fromkeys(values))


def called(descriptions: Any) -> list[str]:
    """The names that descriptions begin with: what stands before a bracket or a colon."""
    return [re.split(r"[（(：:]", str(one), maxsplit=1)[0].strip() for one in descriptions]


def missing(wanted: Any, there: Any) -> list[str]:
    """Those of a list that do not stand in a text, or in another list."""
    known = there.casefold() if isinstance(there, str) else there
    return [str(one) for one in wanted if str(one).casefold() not in known]


def share(wanted: Any, there: Any) -> float:
    """How much of a list stands in a text or in another list, from 0 to 1."""
    wanted = list(wanted)
    return 1 - len(missing(wanted, there)) / len(wanted) if wanted else 1.0


FILTERS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            bare, called, clauses, corrected, gist, items, matrix, missing, numbers, once,
            sentences, share, sides, standing, telling, unique, whole, within,
            words,
        )
    }
)  # fmt: skip
