"""Relations in English sentences, by the few turns of phrase that most of them use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zaohua.knowledge.graph.names import cleaned

Triple = tuple[str, str, str, float]

_BE = r"(?:is|are|was|were|has been|became|remains)"
_NAME = r"[^,;:()]{1,60}?"
_LONG = r"[^,;:()]{1,80}"
_ROLE = r"[a-z][a-z -]{1,30}?"
_VERBS = (
    "founded|established|owns|owned|acquired|bought|makes|produces|manufactures|supplies|sells|"
    "develops|developed|designs|designed|publishes|published|wrote|invented|leads|led|manages|heads|"
    "directs|runs|employs|married|contains|includes|requires|needs|uses|treats|causes|sponsors|"
    "operates|teaches|represents|funds|"
    "lives in|lived in|works at|works for|worked at|worked for|works in|studied at|graduated from|"
    "belongs to|comes from|consists of|depends on|invested in|moved to|serves"
)
_PARTICIPLE = (
    r"(?:[a-z]+ed|born|built|made|written|run|owned|led|held|known|sold|bought|taught|worn)"
)
_LEAD = re.compile(
    r"^(?:currently|today|now|later|then|moreover|also|however|for example|in addition|and|but|"
    r"(?:in|since|from|until) \d{4}(?: (?:to|until) \d{4})?)\s*,?\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:in|since|from|until|on|between|as of)\s+(?:\w+\s+)?\d{4}.*$", re.IGNORECASE
)
_ARTICLE = re.compile(
    r"^(?:(?:in|at|on|by)\s+)?(?:the|a|an|its|his|her|their|our)\s+", re.IGNORECASE
)
_AT = re.compile(r"^(?:in|at|on|by)\s+", re.IGNORECASE)

_POSSESSIVE = re.compile(
    rf"^(?P<s>{_NAME})['’]s?\s+(?P<r>{_ROLE})\s+{_BE}\s+(?P<o>{_LONG})$", re.IGNORECASE
)
_OF = re.compile(
    rf"^the\s+(?P<r>{_ROLE})\s+of\s+(?P<s>{_NAME})\s+{_BE}\s+(?P<o>{_LONG})$", re.IGNORECASE
)
_IS_OF = re.compile(
    rf"^(?P<o>{_NAME})\s+{_BE}\s+(?:the|a|an)\s+(?:present |current |former )?"
    rf"(?P<r>{_ROLE})\s+(?:of|for|at)\s+(?P<s>{_LONG})$",
    re.IGNORECASE,
)
_IS_POSSESSIVE = re.compile(
    rf"^(?P<o>{_NAME})\s+{_BE}\s+(?P<s>{_NAME})['’]s?\s+(?P<r>{_ROLE})$", re.IGNORECASE
)
_PASSIVE = re.compile(
    rf"^(?P<s>{_NAME})\s+{_BE}\s+(?P<r>(?:(?:wholly|mainly|originally)\s+)?{_PARTICIPLE}\s+(?:by|in|at|from|on|to|with|for))\s+(?P<o>{_LONG})$",
    re.IGNORECASE,
)
_DOES = re.compile(
    rf"^(?P<s>{_NAME})\s+(?:also\s+)?(?P<r>{_VERBS})\s+(?P<o>{_LONG})$", re.IGNORECASE
)
_LOCATED = re.compile(
    rf"^(?P<s>{_NAME})\s+(?P<r>lies in|is in|is based in|is located in)\s+(?P<o>{_LONG})$",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    rf"^(?P<s>{_NAME})\s+(?P<r>is a|is an|are|refers to|means|is the|is)\s+(?P<o>{_LONG})$",
    re.IGNORECASE,
)
_ALIAS = re.compile(
    r"((?:[A-Z][\w&.-]*\s?){2,8})\((?:abbreviated |abbr\.? |short |also )?[\"“]?"
    r"([A-Z][\w&.-]{1,15})[\"”]?\)"
)
_ALSO = re.compile(
    rf"^(?P<s>{_NAME})(?:,| is)?\s+(?:also known as|also called|formerly known as|aka)\s+"
    r"(?P<o>[^,;:()]{1,40})",
    re.IGNORECASE,
)


def triples(clause: str) -> Iterator[Triple]:
    """Subject, relation, object and how sure that is, of one clause without marks inside."""
    clause = _LEAD.sub("", clause.strip())
    for pattern, sure in (
        (_POSSESSIVE, 0.8), (_OF, 0.8), (_IS_OF, 0.8), (_IS_POSSESSIVE, 0.8),
        (_LOCATED, 0.7), (_PASSIVE, 0.7), (_DOES, 0.7),
    ):  # fmt: skip
        if match := pattern.match(clause):
            yield _name(match["s"]), match["r"].lower(), _name(match["o"]), sure
            return
    if match := _DEFINED.match(clause):
        yield _name(match["s"]), "is", cleaned(match["o"]), 0.5


def aliases(sentence: str) -> Iterator[tuple[str, str]]:
    """Name and other name."""
    for match in _ALIAS.finditer(sentence):
        yield _name(match[1]), cleaned(match[2])
    if also := _ALSO.match(sentence):
        yield _name(also["s"]), cleaned(also["o"])


def clauses(sentence: str) -> Iterator[tuple[str, int]]:
    """The clauses of a sentence with their places in it, brackets left out."""
    plain = re.sub(r"\([^()]*\)", lambda found: " " * len(found[0]), sentence)
    for match in re.finditer(r"[^,;:]+", plain):
        yield match[0].strip(), match.start()


def _name(written: str) -> str:
    return cleaned(_AT.sub("", _ARTICLE.sub("", _TAIL.sub("", written.strip()))))
