"""What users say in their own voice: without quotes, pasted text, tasks' material, suppositions.

Precise before complete: where a message may speak for another, nothing of it is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PASTED = 400
"""A longer paragraph was not typed into a chat."""
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED = re.compile(
    r"“[^”]*”?|「[^」]*」?|『[^』]*』?|《[^》]*》|\"[^\"]*\"?|^[ \t]*>.*$", re.MULTILINE
)
_COLON = re.compile(r"[:：](?=\s|[^\x00-\x7f])|(?<=[^\x00-\x7f])[:：]")
_OF_ONESELF = re.compile(
    r"(?:关于我|自我介绍(?:一下)?|介绍一下(?:我)?自己|我的情况|补充(?:一下)?|about me|fyi|p\.?s\.?|"
    r"intro|background|context|hi|hello)\s*$",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"扮演|假装|假设|想象|假想|翻译|[翻译]成|润色|改写|校对|改成|造句|续写|这句话|这段|这篇|下面|"
    r"以下|人设|"
    r"写(?:一|个|篇|封|首|段|份)|编(?:一|个)|"
    r"\b(?:pretend|imagine|role-?play|suppose|assume|act as|you are (?:a|an|my|the)|you're (?:a|"
    r"an|my)"
    r"|translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e|"
    r"(?:fix|correct|check|edit|improve|polish|review) (?:it|the|my|this)|here(?:'s| is) (?:my|"
    r"the|a|an)|the following|below|says the|cover letter|essay|bio|write (?:a|an|me|the)|"
    r"say (?:that|this|it) in)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"[^。！？!?；;\n]*?(?:[。！？!?；;\n]+|"
    r"(?<![.\s]\w)(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)"
    r"\.+(?=\s|$)|$)"
)
_SUPPOSED = re.compile(
    r"如果|假如|假若|要是|倘若|若是|万一|的话(?:$|[，,])|"
    r"以前|曾经?|小时候|那时|当时|本来|过去|\b(?:used to|back when|in the past)\b|"
    r"\b(?:if|unless|whether|assuming|supposing|in case|what about|let's say|say i)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"(?:[他她它]|他们|她们|有人|别人|人家|妈妈?|爸爸?|父亲|母亲|老板|同事|朋友|老师|医生|主角|"
    r"客户)"
    r"[^，。]{0,5}(?:说|告诉|问|以为|觉得|认为|写|喊)|"
    r"\b(?:he|she|they|it|people|someone|everybody|everyone|friends?|wife|husband|boss|doctor|"
    r"mother|father|mom|dad|colleagues?|[A-Z][a-z]+) "
    r"(?:says?|said|tells?|told|thinks?|thought|claims?|claimed|asks?|asked|wrote|writes)\b"
)
_CLAUSE = re.compile(
    r"[，,、]\s*(?=我|本人|家里|大家|以后|今后|叫|只|对)|[，,]\s*|\s+(?:and|but)\s+(?=i\b|i'|"
    r"my\b|we\b|living |based |working as )|"
    r"\s+so\s+(?=what|how|can|which|where|i\b|please)|\s+[-–—]+\s+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"吗|呢|什么|怎么|怎样|如何|哪|谁|多少|几[点个天时]|是不是|能不能|可不可以|好不好|要不要|"
    r"有没有|"
    r"为什么|该不该|会不会|"
    r"^(?:do|does|did|am|is|are|was|can|could|should|would|will|have|has|what|which|who|whom|where|"
    r"when|why|how|any|shall|may)\b",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^\W*(?:对吧|对吗|是吗|是吧|没错吧|对不对|记得吗|right|correct|don't i|do i not|aren't i|"
    r"isn't it|"
    r"remember)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement of the user: whole, and its clauses without those that ask."""

    text: str
    clauses: tuple[str, ...]


def statements(message: str) -> list[Sentence]:
    """The sentences in which users state something of their own, in order."""
    found = [_statement(one) for one in _sentences(own_words(message))]
    return [one for one in found if one is not None]


def own_words(message: str) -> str:
    """``message`` without what is quoted or pasted, and up to where a task gives its material."""
    plain = _QUOTED.sub(" ", _CODE.sub(" ", message.replace("’", "'")))
    typed = "\n".join(part for part in plain.split("\n\n") if len(part) <= _PASTED)
    ends = [one.start() for one in _COLON.finditer(typed) if _introduces(typed, one.start())]
    ends += [one.start() for one in _TASK.finditer(typed)]
    return typed[: min(ends, default=len(typed))]


def _introduces(text: str, colon: int) -> bool:
    """Whether what follows a colon is said by another than the user."""
    return _OF_ONESELF.search(text[max(0, colon - 24) : colon]) is None


def _sentences(text: str) -> list[str]:
    return [one.group() for one in _SENTENCE.finditer(text) if one.group().strip()]


def _statement(sentence: str) -> Sentence | None:
    if _SUPPOSED.search(sentence) or _REPORTED.search(sentence):
        return None
    asks = sentence.rstrip().endswith(("?", "？"))
    text = sentence.strip(" \t\n。.!！?？;；")
    clauses = [part.strip() for part in _CLAUSE.split(text) if part.strip()]
    if asks and clauses:
        if _TAG.match(clauses[-1]):
            return None
        clauses.pop()
    stated = tuple(clause for clause in clauses if not _ASKING.search(clause))
    return Sentence(text, stated) if stated else None
