"""How English questions lean on one before them."""

from __future__ import annotations

import re

from zaohua.assistant.turn.following.likeness import swapped
from zaohua.knowledge.grounding.names import names_in
from zaohua.knowledge.grounding.words import stem

_CONNECTIVE = re.compile(
    r"^(?:(?:and|but|so|then|also|ok|okay|oh|well|or)\b[,\s]*)+", re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?:(?:and|but|so|ok|okay|then)\b[,\s]*)?(?:what|how)\s+about\s+(.{1,60}?)[?.!\s]*",
    re.IGNORECASE,
)
_AND = re.compile(r"(?:and|or|but)\s+(.{1,60}?)[?.!\s]*", re.IGNORECASE)
_BEGINS = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|may"
    r"|must|has|have|if|it|they|that|this)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|her|his|that|this|those|these|ones?)\b", re.IGNORECASE
)
_DUMMY = re.compile(
    r"\bis it (?:possible|true|ok(?:ay)?|necessary|allowed|required|free|too late|fine|better)\b|\bdoes it (?:take|matter|cost to)\b|\bit is\b|\bit's\b",
    re.IGNORECASE,
)
_OWNS = re.compile(r"\b(?:its|their|his)\b", re.IGNORECASE)
_STANDS = re.compile(r"\b(?:it|they|them|he|she|him)\b", re.IGNORECASE)
_ONE = re.compile(r"\bone(?=[?\s]*$)", re.IGNORECASE)
_IF = re.compile(r"(?:if|what if|why|and|unless|even if|only|same)\b", re.IGNORECASE)

_DET = r"(?:the|an?|my|your|our|this)"
_NP = rf"{_DET} (?:[\w'’.-]+ ){{0,4}}?[\w'’.-]+"
_SUBJECTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:does|do|did|can|will|would|should|must|may|is|are|was|were) ({_NP}) "
        r"(?:cost|take|close|open|start|finish|begin|weigh|come|have|last|work|need|cover|include|allow|run|end"
        r"|ship|hold|fit|support|arrive|leave|apply|expire|contain|use|get|accept|offer|charge|made|located|served"
        r"|available|free|waterproof|allowed|included|covered|refundable|valid|due|safe|in stock|open|closed)\b",
        rf"^(?:how \w+|what|when|where|who)(?: (?:is|are|was|were)|['’]s) ({_NP})"
        r"(?: (?:in|on|at|for|of|to|with|from|during|like)\b.*)?[?\s]*$",
        rf"^(?:is|are|was|were) ({_NP}) [\w-]+[?\s]*$",
        rf"\bof ({_DET} [\w -]+?|[a-z-]+(?: [a-z-]+)?) (?:do|does|are|is|can)\b",
        rf"\b(?:take|use|return|buy|order|book|cancel|get|wear|borrow|apply for|join|install|clean|wash|open|renew|replace"
        rf"|repair|claim|rent|hire|collect|send back|pay for|visit|eat) ({_DET} (?:[\w-]+ )?[\w-]+|[a-z]+(?: [a-z]+)?)[?\s]*$",
    )
)
_PREPOSITION = r"(?:of|for|in|on|at|with|from|to|against|by)"
_LIKE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bweekends?\b|\bweekdays?\b|\b(?:public |bank )?holidays\b|\btoday\b|\btomorrow\b",
        r"\b(?:january|february|march|april|june|july|august|september|october|november|december)\b",
        r"\b(?:red|blue|green|black|white|gr[ae]y|yellow|brown|pink|silver|gold|purple|orange)\b",
        r"\b(?:credit|debit|gift) cards?\b|\bcash\b|\bcheques?\b|\bbank transfers?\b|\bvouchers?\b",
        r"\b(?:children|adults|undergraduates|graduates|beginners|students|seniors|members|non-members|visitors|teachers|pupils|staff|employees|parents|guests|pensioners|families)\b",
        r"\b(?:small|medium|large|extra large|xl|xxl)\b",
        r"\b(?:morning|afternoon|evening|night)s?\b|\b(?:spring|summer|autumn|winter)\b",
    )
)
_PROPERTY = re.compile(
    r"\b(?:warranty|guarantee|price|cost|fee|colou?rs?|sizes?|weight|material|battery|shipping|delivery|postage|side effects"
    r"|dosage|dose|address|phone number|installation|assembly|deposit|deadline|requirements?|interest)\b",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"\b(accept|have|sell|offer|stock|repair|serve|provide|allow|ship|deliver|cover|include|eat|drink|bring|use|teach"
    r"|return|take|recycle|rent|exchange|print|treat|wear)(?: to| in| with)? ((?:(?:an?|the|my|any) )?[\w-]+(?: [\w-]+)?)(?=[?\s]*$)",
    re.IGNORECASE,
)


def bare(question: str) -> str:
    """Without what joins it to the question before."""
    return _CONNECTIVE.sub("", question.strip()).rstrip()


def joined(question: str) -> bool:
    """Whether it is joined to the question before: *and*, *but*."""
    return _CONNECTIVE.match(question.strip()) is not None


def ellipsis(question: str) -> str:
    """What is new in *and X?*, *what about X?*; empty if it is no such question."""
    said = question.strip()
    match = _ABOUT.fullmatch(said) or _AND.fullmatch(said)
    if match is None or _BEGINS.match(match[1]) or not match[1].strip():
        return ""
    return match[1].strip()


def has_pronoun(said: str) -> bool:
    """Whether it points at something said before."""
    return _POINTS.search(_DUMMY.sub("", said)) is not None or _DUMMY.search(said) is not None


def has_names(said: str) -> bool:
    """Whether it names something itself."""
    return bool(names_in(said))


def leans(question: str, said: str) -> bool:
    """Whether its form needs something before it."""
    return joined(question) or _IF.match(said) is not None


def subject(topic: str) -> str:
    """What ``topic`` is about, where its form shows it."""
    for pattern in _SUBJECTS:
        if match := pattern.search(topic):
            return re.split(r"['’]s ", match[1])[0].strip()
    names = names_in(topic)
    return names[0].said if names and names[0].said in topic else ""


def resolved(topic: str, said: str) -> str:
    """``said`` with what its pronoun stands for."""
    about = subject(topic)
    if not about or _DUMMY.search(said):
        return ""
    owner = about + ("'" if about.endswith("s") else "'s")
    for pattern, instead in ((_OWNS, owner), (_STANDS, about)):
        if pattern.search(said):
            return _capital(pattern.sub(instead.replace("\\", r"\\"), said, count=1))
    counted = _ONE.search(said) and re.match(r"an?\b", about, re.IGNORECASE)
    return _capital(_ONE.sub(lambda _: about, said)) if counted else ""


def completed(topic: str, said: str) -> str:
    """English predicates are not bare: nothing is put in."""
    return ""


def substituted(topic: str, said: str) -> str:
    """``topic`` with ``said`` in the place of its like; empty if nothing there is surely like it."""
    return _capital(
        _named(topic, said)
        or _alike(topic, said)
        or _same_relation(topic, said)
        or _ones(topic, said)
        or _same_head(topic, said)
        or _of_subject(topic, said)
        or _object(topic, said)
    )


def _named(topic: str, said: str) -> str:
    """A name for a name, with the word behind it if that is another one too."""
    new, old = names_in(f"about {said}"), names_in(topic)
    if len(new) != 1 or len(old) != 1 or old[0].said not in topic:
        return ""
    mine = re.search(rf"{re.escape(new[0].said)}(?:['’]s)?(?: ([a-z]+))?", said)
    theirs = re.search(rf"\b(?:the |my )?{re.escape(old[0].said)} ([a-z]+)", topic)
    if mine and mine[1] and theirs and mine[1] != theirs[1] and theirs.group().startswith("the "):
        return topic[: theirs.start()] + said + topic[theirs.end() :]
    titled = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?"
    theirs = re.search(titled + re.escape(old[0].said), topic)
    mine = re.search(titled + re.escape(new[0].said), said)
    return topic.replace(theirs.group(), mine.group(), 1) if theirs and mine else ""


def _alike(topic: str, said: str) -> str:
    for pattern in _LIKE:
        match = pattern.search(said)
        rest = re.sub(
            r"^(?:on|in|at|for|by|with|the|a|during)\b|\bones?$", "", pattern.sub("", said).strip()
        )
        if (
            match
            and not rest.replace("the", "").strip()
            and (built := swapped(topic, pattern, said))
        ):
            return built
    return ""


def _same_relation(topic: str, said: str) -> str:
    """*of paracetamol* for *of ibuprofen*: what stands behind the same preposition."""
    new = re.fullmatch(rf"({_PREPOSITION}) (.+)", said, re.I)
    if new is None:
        return ""
    end = rf"(?= {_PREPOSITION}\b|[?.,!]|$)"
    old = list(re.finditer(rf"\b{new[1]} ([^?.,!]+?){end}", topic, re.I))
    if len(old) != 1:
        return ""
    return topic[: old[0].start(1)] + new[2] + topic[old[0].end(1) :]


def _ones(topic: str, said: str) -> str:
    """*custom ones* for *opened goods*, *the green one* for *the red one*."""
    match = re.fullmatch(r"(?:the |an? )?([\w -]+?) ones?", said, re.I)
    if match is None:
        return ""
    at = re.search(r"\b(?:the |an? )?([\w-]+) ones?\b", topic, re.I) or re.search(
        r"\b([\w-]+) [a-z]+s(?=[?\s]*$)", topic
    )
    if at is None or at[1].lower() in ("the", "my", "your", "any", "some", "return", "buy", "the"):
        return ""
    return topic[: at.start(1)] + match[1] + topic[at.end(1) :]


def _same_head(topic: str, said: str) -> str:
    """*sick leave* for *annual leave*: as many words before the same one."""
    words = re.sub(rf"^(?:on |in |at |for |to |with )?(?:{_DET} )?", "", said, flags=re.I).split()
    if len(words) < 2:
        return ""
    head = stem(words[-1].casefold())
    for match in re.finditer(r"[\w'’-]+", topic):
        if stem(match.group().casefold()) != head:
            continue
        before = list(re.finditer(r"[\w'’-]+", topic[: match.start()]))[-(len(words) - 1) :]
        if before and not _BEGINS.fullmatch(before[-1].group()) and len(before) == len(words) - 1:
            start = next(
                (m.start() for m in before if not re.fullmatch(_DET, m.group(), re.I)), None
            )
            if start is not None:
                return topic[:start] + " ".join(words) + topic[match.end() :]
    return ""


def _of_subject(topic: str, said: str) -> str:
    """Another subject, or another attribute of the same."""
    about = subject(topic)
    plain = re.match(r"(?:for|on|in|at|with|to|from|after|before|if|during)\b", said, re.I) is None
    if not about or not plain:
        return ""
    if _PROPERTY.search(said) and not _PROPERTY.search(about):
        return f"What about {said} of {about}?"
    same = re.match(_DET, about, re.I) and re.match(_DET, said, re.I)
    return topic.replace(about, said, 1) if same else ""


def _object(topic: str, said: str) -> str:
    if re.match(r"(?:for|on|in|at|with|from|after|before|if|during)\b", said, re.I):
        return ""
    own = re.match(r"(my|the|your|an?) ", said, re.I)
    match = re.search(rf"\b{own[1]} [\w -]+?(?=[?\s]*$)", topic) if own else None
    if match:
        return topic[: match.start()] + said + topic[match.end() :]
    match = _OBJECT.search(topic)
    return topic[: match.start(2)] + said + topic[match.end(2) :] if match else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
