"""Whether a text says yes or no to something, with what negates it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

_HAN = re.compile(r"[㐀-鿿]")
_CLAUSE = re.compile(r"[,，。;；!！?？\n.]|\bbut\b|但是?|不过")

# What may stand between a negation and what it negates.
_ZH_BETWEEN = (
    r"(?:有|曾经?|被|再|怎么|完全|太|是|真的?|人|给|经过?|过|动过?|还|得及|来得及|把|它|\s)*"
)
_ZH_NOT = r"(?:没有?|沒有?|未|不|无|無|非|别)"
_ZH_NEGATED = re.compile(rf"(?:{_ZH_NOT}{_ZH_BETWEEN})+$")
_ZH_WHETHER = re.compile(r"(?:有没有|是否|是不是|会不会|算不算)(?:被|已经|经过?|\s)*$")
_ZH_ASKED = re.compile(r"(?:了|过)?(?:吗|么|没有?(?=\s*(?:[?？,，]|$))|否)")

_EN_BETWEEN = (
    r"(?:\s+(?:yet|been|be|being|even|ever|really|actually|at|all|has|have|had|any|a|an|the|it|"
    r"them|this|that|so|much|properly|got|get|signs|of))*\s*"
)
_EN_NOT = (
    r"(?:\b(?:not|never|no|without|nobody|none|neither|nor|cannot|hardly|no\s+one)\b|\b\w+n['’]t\b)"
)
_EN_NEGATED = re.compile(rf"{_EN_NOT}{_EN_BETWEEN}$")
_EN_WHETHER = re.compile(
    r"(?:^\s*(?:is|are|was|were|has|have|had|did|does|do)\s+(?:it|they|you|he|she|the\s+\w+)"
    r"(?:\s+(?:been|be|ever))*|\b(?:whether|if)\s+(?:it|they)\s+(?:is|was|were|has\s+been))\s*$"
)


def said(text: str, words: Sequence[str], opposites: Sequence[str] = ()) -> bool | None:
    """Yes or no; None if ``text`` says neither, or both, or only asks.

    Args:
        text: lower case, NFKC.
        words: those that say yes where nothing negates them.
        opposites: those that say no.
    """
    found = set(_mentions(text, tuple(words)))
    found |= {not positive for positive in _mentions(text, tuple(opposites))}
    return found.pop() if len(found) == 1 else None


def negated(text: str, start: int) -> bool:
    """Whether what stands at ``start`` is negated by what is before it in its clause."""
    clause = _CLAUSE.split(text[max(0, start - 60) : start])[-1]
    chinese = _ZH_NEGATED.search(clause)
    if chinese:
        return len(re.findall(_ZH_NOT, chinese[0])) % 2 == 1
    return _EN_NEGATED.search(clause) is not None


def places(text: str, word: str) -> Iterator[re.Match[str]]:
    """Where ``word`` stands; an English one with its endings and with ``un`` before it."""
    return _pattern(word.lower()).finditer(text)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    spelled = r"[\s-]+".join(map(re.escape, word.split()))
    if _HAN.search(word):
        return re.compile(f"(?P<un>$^)?{spelled}")
    return re.compile(rf"(?<![a-z])(?P<un>un-?|non-?)?{spelled}(?:s|es|d|ed|ing)?(?![a-z])")


def _mentions(text: str, words: tuple[str, ...]) -> Iterator[bool]:
    taken: list[tuple[int, int]] = []
    for word in sorted(words, key=len, reverse=True):
        for match in places(text, word):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if not _asked(text, match) and not _repeated(text, match):
                yield negated(text, match.start()) == bool(match["un"])


def _repeated(text: str, match: re.Match[str]) -> bool:
    """Of 穿都没穿过 only the second one counts, of 穿没穿 none."""
    head = match[0][:1]
    if not _HAN.match(head):
        return False
    after, before = (
        text[match.end() : match.end() + 4],
        text[max(0, match.start() - 3) : match.start()],
    )
    return bool(
        re.match(rf"[都也]?(?:没|不|未)有?{head}", after)
        or re.search(rf"{head}(?:没|不|未)有?$", before)
    )


def _asked(text: str, match: re.Match[str]) -> bool:
    clause = _CLAUSE.split(text[max(0, match.start() - 40) : match.start()])[-1]
    if _ZH_WHETHER.search(clause) or _ZH_ASKED.match(text, match.end()):
        return True
    return _EN_WHETHER.search(clause) is not None
