"""Whether texts can hold what a question asks. No model is asked.

Only what plainly is not there makes it no: a name that no text has, an attribute that is always
written in one of a few ways, a kind of thing (money, a length of time) of which the texts about
it have none. Other words for the same are never held against a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zaohua.knowledge.grounding.asked import Asked
from zaohua.knowledge.grounding.attributes import ATTRIBUTES, Attribute
from zaohua.knowledge.grounding.kinds import Kind
from zaohua.knowledge.grounding.letters import Name, folded
from zaohua.knowledge.grounding.names import lacking, speaks_of_all
from zaohua.knowledge.grounding.pieces import Piece, Source
from zaohua.knowledge.terms import is_empty
from zaohua.text.instructions import is_chinese

_COMPOUND = re.compile(
    "(?![请休放销收付缴交免退买订补办坐乘打开领发的了是要几张一二三这那哪每个带用持凭有无没多少刷把被将让给对和或与从在就还也都]"
    "[\u3400-\u9fff]?)[\u3400-\u9fff][假险票卡券班]"
)
_NEAR = 0.6
"""Share of what the likeliest piece has of the question that the piece with the answer has too."""
_FOLLOWING = 2
"""So many sentences on, a thing may still be told of what a sentence began with."""
_MET = 0.3
"""Share of a question's words that the likeliest piece has unless it says all in other words."""
_LEAST_WORDS = 2
"""Telling words that a leaning question must have to be about something else."""
_HALF = 0.5
"""Share of the words that a piece has at most which makes another one tell of the same thing."""
_COVERED = 0.6
"""Share of a yes-no question's words that a sentence about all things of a kind must have."""


def answerable(question: str, sources: Sequence[str]) -> bool:
    """Whether ``sources`` can hold what ``question`` asks.

    Args:
        question: one that stands by itself, or in its last line one that leans on what is before.
        sources: texts that a search found, each with its headings in the first line, as
            ``title › heading``.
    """
    return why_not(question, sources) == ""


def why_not(question: str, sources: Sequence[str]) -> str:
    """What the sources lack, in a word or two; empty if they can hold the answer."""
    asked = Asked.of(question)
    read = [Source.of(number, text) for number, text in enumerate(sources, start=1)]
    if not read:
        return "sources"
    if asked.task:
        return ""
    if _is_about_something_else(asked, read):
        return asked.words[0]
    absent = lacking(asked.names, [source.text for source in read])
    if absent and not _borne_for_all(asked, read):
        return absent[0].said
    own = about(asked.names, read)
    return (
        _lacks_figure(asked, own)
        or _lacks_attribute(asked, own)
        or _lacks_focus(asked, own)
        or _lacks_subject(asked, own)
        or _lacks_sibling(asked, own)
        or _lacks_kind(asked, own)
    )


def _is_about_something_else(asked: Asked, sources: Sequence[Source]) -> bool:
    """Whether only an earlier question, on which it seemed to lean, brought the sources here."""
    if not asked.before or len(asked.words) < _LEAST_WORDS:
        return False
    if any(source.has(word) for source in sources for word in asked.words):
        return False
    texts = [source.text.text for source in sources]
    return not any(each.text.search(text) for each in asked.attributes for text in texts)


def about(names: Sequence[Name], sources: Sequence[Source]) -> list[Source]:
    """Those of ``sources`` that have one of ``names``, or are not about another thing like it."""
    if not names:
        return list(sources)
    others = {source.title for source in sources if _is_about_its_title(source)}
    own = [
        source
        for source in sources
        if any(source.text.has(name) for name in names) or source.title not in others
    ]
    return own or list(sources)


def _is_about_its_title(source: Source) -> bool:
    """Whether its title is the name of something, since its sentences speak of it by that."""
    title = folded(source.title)
    return len(title) > 2 and any(title in piece.letters.text for piece in source.pieces)


def _borne_for_all(asked: Asked, sources: Sequence[Source]) -> bool:
    """Whether a sentence speaks of all things of which the question names one."""
    if not asked.yes_no or not asked.words:
        return False
    return any(
        speaks_of_all(piece.text)
        and sum(map(piece.has, asked.words)) >= _COVERED * len(asked.words)
        for source in sources
        for piece in source.pieces
    )


def _lacks_figure(asked: Asked, own: Sequence[Source]) -> str:
    """The number that the thing asked for is known by, if nothing has it."""
    texts = [source.text.text.replace(",", "") for source in own]
    for figure in asked.figures:
        if not any(figure.replace(",", "") in text for text in texts):
            return figure
    return ""


def _lacks_attribute(asked: Asked, own: Sequence[Source]) -> str:
    told = _told_of(asked, own)
    for attribute in asked.attributes:
        if attribute.firm and not _bears(attribute, asked, own, told):
            found = attribute.question.search(asked.text)
            return found.group() if found else "attribute"
    return ""


def _bears(
    attribute: Attribute, asked: Asked, own: Sequence[Source], told: Sequence[Piece]
) -> bool:
    """Whether the sources say something of an attribute; what things are like, of this thing."""
    if not attribute.own:
        return any(attribute.text.search(one.text.text) for one in own)
    who = asked.kind if asked.kind and asked.kind.name == "somebody" else None
    return any(
        attribute.text.search(f"{piece.above_lower}\n{piece.lower}")
        and (who is None or has_kind(who, piece))
        for piece in told
    )


def _told_of(asked: Asked, own: Sequence[Source]) -> list[Piece]:
    """The pieces that tell of what is asked about: by its name or words, or just after them."""
    pieces = [piece for source in own for piece in source.pieces]
    shares = [_met(asked, piece) for piece in pieces]
    least = max(shares, default=0.0) * _HALF
    return [
        piece
        for place, piece in enumerate(pieces)
        if any(
            shares[at] >= least and pieces[at].source == piece.source
            for at in range(max(0, place - _FOLLOWING), place + 1)
        )
    ]


def _met(asked: Asked, piece: Piece) -> float:
    if asked.names:
        return float(any(piece.names(name) for name in asked.names))
    return float(sum(piece.has(word) or piece.under(word) for word in asked.words))


def _lacks_focus(asked: Asked, own: Sequence[Source]) -> str:
    """What the question's form shows to be asked, if nothing has any of its words."""
    if asked.attributes or not asked.focus or not _comparable(asked, own):
        return ""
    found = any(source.has(word) for source in own for word in asked.focus)
    return "" if found or _has_part(asked.focus, _told_of(asked, own)) else asked.focus[-1]


def _lacks_subject(asked: Asked, own: Sequence[Source]) -> str:
    """That of which something is asked, if nothing has it and what is asked is there of others."""
    if not asked.subject or not _comparable(asked, own) or asked.kind is None:
        return ""
    if any(source.has(word) for source in own for word in asked.subject):
        return ""
    rest = [word for word in asked.words if word not in asked.subject]
    of_others = any(source.has(word) for source in own for word in rest)
    return asked.subject[0] if of_others or asked.kind.name == "money" else ""


def _has_part(words: Sequence[str], told: Sequence[Piece]) -> bool:
    """Whether a piece has half of the characters of ``words``: 日文 is 日语 in other words."""
    signs = {sign for word in words if word[0] >= "\u3400" for sign in word if not is_empty(sign)}
    return any(2 * len(signs & set(piece.lower)) >= len(signs) > 0 for piece in told)


def _lacks_sibling(asked: Asked, own: Sequence[Source]) -> str:
    """A kind of something (婚假), where the texts have two other kinds of it and not this one."""
    for match in _COMPOUND.finditer(asked.text):
        said, tail = match.group(), match.group()[-1]
        if any(attribute.question.search(said) for attribute in ATTRIBUTES):
            continue
        text = "".join(source.text.text for source in own)
        kinds = {found for found in _COMPOUND.findall(text) if found[-1] == tail}
        if said not in text and len(kinds) > 1:
            return said
    return ""


def _comparable(asked: Asked, own: Sequence[Source]) -> bool:
    """Whether words can be compared: question and sources are written in the same script."""
    return any(is_chinese(asked.text) == is_chinese(source.text.text) for source in own)


def _lacks_kind(asked: Asked, own: Sequence[Source]) -> str:
    """The kind asked for, if no piece that is near the question has a thing of it."""
    if asked.kind is None or asked.kind.name == "somebody":
        return ""
    pieces = [piece for source in own for piece in source.pieces]
    scores = [nearness(asked, piece) for piece in pieces]
    best = max(scores, default=0.0)
    least = _NEAR * best if best >= _MET * len(asked.words) else 0.0
    for place, piece in enumerate(pieces):
        around = range(max(0, place - _FOLLOWING), place + 1)
        near = (scores[at] for at in around if pieces[at].source == piece.source)
        if max(near) >= least and has_kind(asked.kind, piece):
            return ""
    return asked.kind.name


def nearness(asked: Asked, piece: Piece) -> float:
    """How much of a question a piece has: a word above it counts half."""
    words = sum(
        1.0 if piece.has(word) else 0.5 * piece.under(word)
        for word in (*asked.words, *asked.before)
    )
    named = sum(
        piece.letters.has(name) and not (asked.words and piece.heads.has(name))
        for name in asked.names
    )
    borne = sum(
        1.0 if each.text.search(piece.lower) else 0.5 * bool(each.text.search(piece.above_lower))
        for each in asked.attributes
    )
    return words + named + borne


def has_kind(kind: Kind, piece: Piece) -> bool:
    """Whether a piece has a thing of ``kind``; of a row any figure may be one."""
    if kind.borne.search(piece.letters.text):
        return True
    return piece.row and any(c.isdigit() for c in piece.text)
