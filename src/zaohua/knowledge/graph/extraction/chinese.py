"""Relations in Chinese sentences, by the few turns of phrase that most of them use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zaohua.knowledge.graph.names import cleaned

Triple = tuple[str, str, str, float]

_MARK = r"，,；;：:（）()、"
_NAME = rf"[^{_MARK}的是为由在于]{{1,24}}?"
_LONG = rf"[^{_MARK}]{{1,40}}"
_ROLE = rf"[^{_MARK}的是为由]{{1,10}}?"
_BE = r"(?:是|为|叫做?|名叫|名为|即为|就是|系|设在|位于|设于|来自)"
_VERBS = (
    "创立|创办|创建|成立|收购|拥有|持有|经营|生产|制造|供应|提供|销售|研发|开发|设计|出版|撰写|发明|主营|"
    "位于|坐落于|出生于|生于|毕业于|就职于|任职于|供职于|工作于|隶属于|属于|来自|住在|居住在|定居|总部设在|"
    "包含|包括|含有|需要|使用|采用|适用于|用于|治疗|导致|引起|嫁给|娶了|负责|管理|领导|主管|教|指导|赞助|"
    "投资|投资了|控股|代理|运营"
)
_PASSIVE = (
    "创立|创办|创建|成立|收购|生产|制造|供应|提供|研发|开发|设计|出版|撰写|发明|管理|负责|运营|领导|"
    "投资|代理|经营|主持"
)
_LEAD = re.compile(
    r"^(?:目前|现在|如今|当时|后来|同年|其中|另外|此外|而且|并且|但是?|据悉|据了解|例如|比如|因此|所以"
    r"|(?:自|从|在)?\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:起|以来|至今|至\d{4}年)?)[，,]?"
)
_TIME_TAIL = re.compile(r"(?:自|从|在|于)?\d{4}年.*$")

_OF = re.compile(rf"^(?P<s>{_LONG}?)的(?P<r>{_ROLE})(?:现)?{_BE}(?P<o>{_LONG})$")
_IS_OF = re.compile(
    rf"^(?P<o>{_NAME})(?:现)?(?:是|为|任|担任|出任|曾任|曾是)(?P<s>{_LONG}?)的(?P<r>{_ROLE})$"
)
_BY = re.compile(
    rf"^(?P<s>{_LONG}?)(?:的(?P<what>{_ROLE}))?(?:现在?|目前|一直|主要)?是?由(?P<o>{_NAME})(?:于|在)?(?:\d{{4}}年[^{_MARK}]{{0,6}}?)?(?P<r>{_PASSIVE})(?:的|了)?.{{0,12}}$"
)
_DOES = re.compile(
    rf"^(?P<s>{_NAME})(?:[于在]?\d{{4}}年(?:\d+月)?)?(?P<r>{_VERBS})了?(?P<o>{_LONG})$"
)
_FOUNDED = re.compile(
    rf"^(?P<s>{_NAME})(?P<r>成立于|创立于|创建于|建于|始建于|出版于|上市于)(?P<o>{_LONG})$"
)
_AT = re.compile(
    rf"^(?P<s>{_NAME})在(?P<o>{_NAME})(?P<r>工作|任职|就职|上学|读书|居住|生活|教书|任教)$"
)
_DEFINED = re.compile(
    rf"^(?P<s>[^{_MARK}是]{{1,20}}?)(?P<r>是指|指的是|指|是)(?P<o>(?:一[种个家款类位座本门项条所部名]|指).{{1,60}}|[^{_MARK}]{{1,40}})$"
)
_ALIAS = re.compile(
    r"([^，,。；;：:（）()\s]{2,24})[（(](?:(?:以下)?简称|又称|又名|也称|亦称|别名|俗称|英文名?|缩写)?[:：]?\s*[“\"「]?"
    r"([^，,。；;（）()“”\"「」]{1,30})[”\"」]?[）)]"
)
_ALSO = re.compile(
    rf"^(?P<s>{_NAME})(?:，|,)?(?:又称|又名|也称|也叫|亦称|别名|俗称|简称)(?:为|是)?[“\"]?(?P<o>[^{_MARK}“”\"]{{1,20}})[”\"]?$"
)


def triples(clause: str) -> Iterator[Triple]:
    """Subject, relation, object and how sure that is, of one clause without marks inside."""
    clause = _LEAD.sub("", clause.strip())
    for pattern, sure in (
        (_FOUNDED, 0.8),
        (_BY, 0.8),
        (_IS_OF, 0.8),
        (_OF, 0.8),
        (_AT, 0.7),
        (_DOES, 0.7),
    ):
        if match := pattern.match(clause):
            told = match["r"]
            if pattern is _BY:
                told = f"{match['what'] or ''}由…{told}"
            relation = f"在…{told}" if pattern is _AT else told
            yield cleaned(match["s"]), relation, cleaned(match["o"]), sure
            return
    if match := _DEFINED.match(clause):
        yield cleaned(match["s"]), "是", cleaned(match["o"]), 0.5


def aliases(sentence: str) -> Iterator[tuple[str, str]]:
    """Name and other name."""
    for match in _ALIAS.finditer(sentence):
        yield cleaned(_TIME_TAIL.sub("", match[1])), cleaned(match[2])
    if also := _ALSO.match(sentence):
        yield cleaned(also["s"]), cleaned(also["o"])


def clauses(sentence: str) -> Iterator[tuple[str, int]]:
    """The clauses of a sentence with their places in it, brackets left out."""
    for match in re.finditer(r"[^，,：:]+", re.sub(r"（[^（）]*）|\([^()]*\)", _blank, sentence)):
        yield match[0].strip(), match.start()


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
