"""One passage to its mentions and statements: sentences, lines, tables, headings, company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from zaohua.knowledge.graph.extraction import chinese, english
from zaohua.knowledge.graph.extraction.gazetteer import Gazetteer
from zaohua.knowledge.graph.extraction.lines import pairs, record, tables
from zaohua.knowledge.graph.extraction.sentences import Sentence, sentences, validity
from zaohua.knowledge.graph.names import LONGEST, cleaned, is_name, key_of
from zaohua.knowledge.graph.values import Extract, Mention, Statement

VERSION = 1
"""Changed whenever passages give something else, so that they are read anew."""

_MOST_TOGETHER = 10
_HAN = re.compile("[\u3400-\u9fff]")
_NUMBERED = re.compile(
    r"^(?:第?[\d一二三四五六七八九十]+[章节条编部、.)）]|[(（][\d一二三四五六七八九十]+[)）])\s*"
)
_SECTION = re.compile(
    r"^(?:简介|概述|概况|介绍|历史|沿革|背景|业务|产品|产品与服务|服务|管理层?|团队|人员|经营情况|联系方式"
    r"|联系我们|地址|说明|注意事项|附录|目录|总则|附则|其他|参考|基本信息|家庭|生平|工作|详情"
    r"|history|overview|introduction|about|about us|business|products?|services?"
    r"|products? and services?|management|team|people|figures|contact|details|notes?|summary"
    r"|appendix|background|general|family|life|work|facts|references|contents|faq)$",
    re.IGNORECASE,
)
_ZH_ITS = re.compile(r"^(?:其|他的|她的|它的|这家公司的|本?公司的|该[^\s的是]{1,3}的)")
_ZH_IT = re.compile(r"^(?:他|她|它|该公司|本公司|这家公司|公司)(?=[^的])")
_EN_ITS = re.compile(r"^(?:its|his|her|their|the company's|the firm's)\s+", re.IGNORECASE)
_EN_IT = re.compile(r"^(?:it|he|she|they|the company|the firm)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as it is read: its text, where it stands, whether it is a row of a table."""

    text: str
    title: str = ""
    headings: tuple[str, ...] = ()
    lead: str = ""
    is_row: bool = False

    @property
    def topic(self) -> str:
        """What it is about: the innermost heading that is no mere section, else the title."""
        named = [heading_name(name) for name in (*reversed(self.headings), self.title)]
        return next(filter(None, named), "")


def extract(passage: Text, known: Gazetteer) -> Extract:
    """What a passage says, each statement once, the surest first said."""
    statements = _distinct(_statements(passage, known))
    mentions = dict.fromkeys([*_mentions(passage), *_of_gazetteer(passage, known)])
    together = _together(passage, statements, known)
    return Extract(tuple(mentions), (*statements, *together))


def heading_name(heading: str) -> str:
    """What a heading names, without its number; empty if it names no more than a section."""
    plain = cleaned(_NUMBERED.sub("", heading))
    return plain if is_name(plain) and not _SECTION.match(plain) else ""


def _statements(passage: Text, known: Gazetteer) -> Iterator[Statement]:
    if passage.is_row:
        yield from record(passage.text)
        return
    yield from _of_headings(passage)
    yield from tables(passage.text, passage.lead)
    yield from pairs(passage.text, passage.topic)
    last = passage.topic
    for sentence in sentences(passage.text):
        if sentence.text.startswith(("#", "|")):
            continue
        names = [one.name for one in known.found(sentence.text)]
        for statement in _of_sentence(sentence, (passage.topic, *names), last):
            last = statement.subject
            yield statement


def _of_headings(passage: Text) -> Iterator[Statement]:
    names = map(heading_name, dict.fromkeys((passage.title, *passage.headings)))
    for above, below in pairwise(filter(None, names)):
        if below in passage.text and key_of(above) != key_of(below):
            word = "属于" if _HAN.search(below) else "part of"
            yield Statement(below, word, above, confidence=0.3, way="heading")


def _of_sentence(sentence: Sentence, names: Sequence[str], last: str) -> Iterator[Statement]:
    """``names`` are known, the first is the topic: they are taken whole, whatever is in them."""
    language = chinese if _HAN.search(sentence.text) else english
    since, until = validity(sentence.text)
    whole = _Whole.of((*names, last))
    for clause, _ in language.clauses(sentence.text):
        resolved = whole.hidden(_resolved(clause, names[0], last))
        for found in language.triples(resolved):
            subject, relation, thing = map(whole.shown, found[:3])
            sure = found[3]
            if _is_statement(subject, thing):
                yield Statement(
                    subject,
                    relation,
                    thing,
                    sentence.start,
                    sentence.end,
                    since,
                    until,
                    sure,
                    "sentence",
                )


@dataclass(frozen=True, slots=True)
class _Whole:
    """Known names and the single signs that stand for them while a clause is read."""

    signs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> _Whole:
        longest = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
        return cls(tuple((name, chr(0xE000 + place)) for place, name in enumerate(longest)))

    def hidden(self, clause: str) -> str:
        for name, sign in self.signs:
            clause = clause.replace(name, sign)
        return clause

    def shown(self, text: str) -> str:
        for name, sign in self.signs:
            text = text.replace(sign, name)
        return text


def _resolved(clause: str, topic: str, last: str) -> str:
    """``clause`` with what a pronoun at its beginning stands for."""
    if not topic:
        return clause
    person = clause[:1] in "他她" or clause[:3].lower() in ("he ", "she", "his", "her")
    name = last if person else topic
    if _HAN.search(clause):
        return _ZH_IT.sub(name, _ZH_ITS.sub(f"{name}的", clause, count=1), count=1)
    return _EN_IT.sub(f"{name} ", _EN_ITS.sub(f"{name}'s ", clause, count=1), count=1)


def _is_statement(subject: str, thing: str) -> bool:
    return is_name(subject) and bool(key_of(thing)) and key_of(subject) != key_of(thing)


def _distinct(statements: Iterable[Statement]) -> list[Statement]:
    found: dict[tuple[str, str, str], Statement] = {}
    for one in statements:
        if _is_statement(one.subject, one.object):
            found.setdefault((key_of(one.subject), one.relation, key_of(one.object)), one)
    return list(found.values())


def _mentions(passage: Text) -> Iterator[Mention]:
    for name in filter(None, map(heading_name, (passage.title, *passage.headings))):
        yield Mention(name)
    for sentence in sentences(passage.text):
        language = chinese if _HAN.search(sentence.text) else english
        for name, other in language.aliases(sentence.text):
            if is_name(name) and is_name(other) and key_of(name) != key_of(other):
                yield Mention(other, of=name)


def _of_gazetteer(passage: Text, known: Gazetteer) -> list[Mention]:
    return [Mention(one.name, one.kind) for one in known.found(passage.text)]


def _together(
    passage: Text, statements: Sequence[Statement], known: Gazetteer
) -> Iterator[Statement]:
    """Known names, and those of statements, that stand in one sentence and are not yet related."""
    related = {frozenset((key_of(one.subject), key_of(one.object))) for one in statements}
    names = dict.fromkeys(
        name for one in statements for name in (one.subject, one.object) if is_name(name)
    )
    lines = [(one.start, one.end) for one in statements if one.way in ("line", "table")]
    told = 0
    for sentence in sentences(passage.text):
        in_line = any(start <= sentence.start < end for start, end in lines)
        if in_line or sentence.text.startswith(("#", "|")):
            continue
        here = [name for name in names if len(name) <= LONGEST // 3 and name in sentence.text]
        here += [one.name for one in known.found(sentence.text)]
        here += [passage.topic] if here and passage.topic else []
        by_key = {key_of(name): name for name in here}
        for one, other in combinations(by_key, 2):
            if frozenset((one, other)) in related or one in other or other in one:
                continue
            related.add(frozenset((one, other)))
            told += 1
            if told > _MOST_TOGETHER:
                return
            yield _company(by_key[one], by_key[other], sentence)


def _company(one: str, other: str, sentence: Sentence) -> Statement:
    word = "一同提到" if _HAN.search(sentence.text) else "mentioned with"
    made = Statement(one, word, other, sentence.start, sentence.end, confidence=0.2, way="together")
    since, until = validity(sentence.text)
    return replace(made, valid_from=since, valid_to=until)
