"""A question taken apart: whom or what it names, what it wants to know, its telling words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from zaohua.knowledge.grounding.attributes import Attribute, attributes_of
from zaohua.knowledge.grounding.kinds import Kind, kind_of
from zaohua.knowledge.grounding.letters import Name, folded
from zaohua.knowledge.grounding.names import names_in
from zaohua.knowledge.grounding.words import stem, words_of
from zaohua.knowledge.terms import is_empty

_CUE = re.compile(
    r"[吗呢么?？]|什么|多少|多久|怎么|怎样|如何|哪|谁|几|是否|能不能|可不可以|有没有"
    r"|\b(?:what|which|who|whom|whose|when|where|why|how|is|are|do|does|did|can|could|may|will|would"
    r"|should|shall|must|has|have)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?<=[，,；;。.!！])\s*")
_TASK = re.compile(
    r"^\W*(?:请|帮我|帮忙|给我|麻烦)*(?:写|总结|概括|翻译|列出|列个|整理|生成|起草|改写|润色|介绍一下)"
    r"|^\W*(?:please )?(?:write|summari[sz]e|translate|draft|list|rewrite|outline|compose|draw)\b",
    re.IGNORECASE,
)
_IDENTIFIES = re.compile(r"哪[个家一种款座座所里]|谁|\b(?:which|who|whose|where)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d,.]*\d")

_H = "[\u3400-\u9fff]"
_FOCUS = (
    re.compile(
        rf"的({_H}{{2,6}}?)(?:是(?:什么|多少|谁|哪|几|怎)|有(?:哪|多|几|什么)|叫(?:什么|啥)|在(?:哪|什么)|为多少|多少|怎么样|如何)"
    ),
    re.compile(rf"^(?:(?!有没有|哪|什么|能|可以)[^，的]){{2,10}}的({_H}{{2,4}})[?？]?$"),
    re.compile(rf"(?:有没有|是否有|有无|卖不卖)({_H}{{2,6}}?)[吗呢]?[?？]?$"),
    re.compile(rf"(?<![没还所只])(?:有|提供|支持|卖|开设|供应)({_H}{{2,6}}?)(?:吗|么|不)[?？]?$"),
    re.compile(rf"(?:多少|几)[个名位家种条款台所座张间本支套门辆]({_H}{{2,4}}?)[吗呢]?[?？]?$"),
    re.compile(
        r"\bwhat(?:'s| is| are| was| were) (?:the |its |their |your |his |her )?"
        r"((?:[\w-]+ ){0,2}?[\w-]+) (?:of|for|at|in)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:how many|which|what) ((?:[\w-]+ )?[\w-]+) (?:does|do|is|are|did|can|has|have|was|were|will|may|work|taught)\b",
        re.I,
    ),
    re.compile(
        r"\bwhere (?:is|are) (?:the |its |their )?((?:[\w-]+ )?[\w-]+) (?:of|in|at)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:is|are) there (?:a |an |any )?((?:[\w-]+ )?[\w-]+)"
        r"(?: (?:at|in|on|near|here|available|nearby)\b[^?]*)?\?*$",
        re.I,
    ),
    re.compile(
        r"\b(?:do|does|did)\b[^?]{1,60}? (?:have|offer|sell|provide|stock|serve|teach) "
        r"(?:a |an |any )?((?:[\w-]+ )?[\w-]+)\?*$",
        re.I,
    ),
    re.compile(r"['’]s ((?:[\w-]+ )?[\w-]+)\?*$", re.I),
)
_SUBJECT = (
    re.compile(
        rf"^(?:请问|你们的?)?(?![一每买卖花付满]|钱)((?:(?![了着过吗去来到放用想的]|多少|什么|怎么|几){_H}){{2,7}}?)"
        r"(?=多少钱|怎么卖|几[点天个次本针片粒]|多少|什么时候|哪天|一[天次个]|要[多几打交]|能[借报]|发几|有几|每[人天次])"
    ),
    re.compile(
        r"^how much (?:is|are|does|do|will) (?:the |an? |my |your )?([a-z][\w -]*?)(?: cost\b.*)?\?*$",
        re.I,
    ),
    re.compile(r"^when (?:is|are) (?:the |my |your )?([\w -]+?)\?*$", re.I),
    re.compile(r"^when (?:does|do|did|will) (?:the |my |your )?([\w -]+?) \w+\?*$", re.I),
    re.compile(r"^how (?:often|many|much)\b.*\b(?:take|use) (?:the |my )?([\w-]+)\?*$", re.I),
)
_GENERAL = re.compile(
    "东西|地方|方式|方法|时候|时间|办法|原因|要求|规定|情况|问题|内容|名字|名称|意思|区别|流程|步骤|条件|标准|政策|服务|企业|公司|机构|店|人|事"
)
_GENERAL_EN = frozenset(
    """kind type sort way thing number amount name rule policy policies time day place person people
    firm company one model part shape difference purpose reason meaning best most process procedure
    requirement condition step limit maximum minimum deadline point case use problem thing way total
    business shop store school hours opening""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question.

    Attributes:
        text: folded.
        names: of what it is about.
        words: its other telling words.
        before: those of an earlier question that it leans on.
        attributes: what is asked of it, where that is known by the words.
        kind: of thing that is asked for; None for what has no looks.
        focus: words for what is asked, where the question's form shows it.
        subject: words for that of which it is asked, likewise.
        figures: numbers that the thing asked for is known by.
        task: whether something is to be made rather than known.
        yes_no: whether yes or no may be the answer.
    """

    text: str
    names: tuple[Name, ...]
    words: tuple[str, ...]
    before: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    kind: Kind | None
    focus: tuple[str, ...]
    subject: tuple[str, ...]
    figures: tuple[str, ...]
    task: bool
    yes_no: bool

    @classmethod
    def of(cls, question: str) -> Asked:
        """Read ``question``: its last line that asks, which may lean on the lines before it."""
        before, text = _parted(folded(question).strip())
        core = _core(text)
        names = tuple(names_in(text) or names_in(before))
        bare = core
        for name in names:
            bare = bare.replace(name.said, " ")
        kind = kind_of(core)
        return cls(
            text=text,
            names=names,
            words=tuple(words_of(bare) or words_of(text)),
            before=tuple(words_of(before)),
            attributes=tuple(attributes_of(core)),
            kind=kind,
            focus=tuple(_focus(core)),
            subject=() if names else tuple(_subject(core)),
            figures=_figures(core) if _IDENTIFIES.search(core) else (),
            task=_TASK.search(text) is not None,
            yes_no=_asks_yes_no(core),
        )


def _parted(text: str) -> tuple[str, str]:
    """What comes before the last line that asks something, and that line; else all is one."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    asking = [place for place, line in enumerate(lines) if _CUE.search(line)]
    if not asking:
        return "", " ".join(lines)
    return "\n".join(lines[: asking[-1]]), lines[asking[-1]]


def _core(text: str) -> str:
    """The clauses that ask; what the user tells of himself before them is left out."""
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    asking = [clause for clause in clauses if _CUE.search(clause)]
    return " ".join(asking) or text


def _asks_yes_no(core: str) -> bool:
    if re.search(r"吗|么[?？]?$|能不能|可不可以|有没有|是不是|是否|会不会|要不要", core):
        return True
    return (
        re.match(
            r"\W*(?:is|are|was|were|do|does|did|can|could|may|will|would|should|must|has|have|am)\b",
            core,
            re.I,
        )
        is not None
    )


def _figures(core: str) -> tuple[str, ...]:
    found = (match.group() for match in _FIGURE.finditer(core))
    return tuple(figure for figure in found if sum(c.isdigit() for c in figure) > 2)


def _focus(core: str) -> list[str]:
    for pattern in _FOCUS:
        if match := pattern.search(core):
            return _telling(match[1])
    return []


def _subject(core: str) -> list[str]:
    for pattern in _SUBJECT:
        if match := pattern.search(core.strip()):
            said = match[1]
            if attributes_of(said + "是多少") or attributes_of(said):
                return []
            return [word for word in words_of(said) if word not in _GENERAL_EN]
    return []


def _telling(said: str) -> list[str]:
    if said[0] >= "\u3400":
        parts = _GENERAL.sub(" ", said).split()
        return [one + two for part in parts for one, two in pairwise(part)]
    words = [word for word in re.findall(r"[a-z]+", said.casefold()) if not is_empty(word)]
    head = words[-1] if words else ""
    return [stem(head)] if len(head) > 2 and head not in _GENERAL_EN else []
