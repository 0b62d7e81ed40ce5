"""Names in English questions, and in Latin letters in Chinese ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zaohua.knowledge.grounding.facts import plain
from zaohua.knowledge.grounding.letters import Name

# English names: words with capitals that follow one another, numbers behind them.
_RUN = re.compile(
    r"(?<![\w'’])(?:[A-Z][\w'’&-]*|[a-z]+[A-Z]\w*)"
    r"(?:\s+(?:(?:of|the|de|van|von|and)\s+){0,2}(?:[A-Z][\w'’&-]*|[a-z]+[A-Z]\w*|\d+[a-z]?\b))*"
)
_NO_NAME = frozenset(
    """a an the this that these those there here it its he she we they you i im id ive ill if in on
    at by for from to of and or but so yes no not as with about is are was were am be been do does did
    has have had can could will would shall should may might must what which who whom whose when where
    why how please tell give show list explain describe find let sorry hi hello hey dear thanks thank
    ok okay your our my their his her all any each both only once before after during since until
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december mon tue wed thu fri sat sun jan feb mar apr jun
    jul aug sep sept oct nov dec christmas easter new year eve spring summer autumn winter mr mrs ms
    dr prof sir madam english chinese french german spanish tv faq id pin pdf wifi wi-fi usb sms app
    vip pc ceo cfo cto hr it vat ok qr url www faqs gps dvd cd asap am pm tbd rsvp gp er
    write translate summarize summarise compare calculate also then suppose hence now today""".split()  # noqa: SIM905
)
_HONORIFIC = frozenset("mr mrs ms miss dr prof professor sir madam doctor".split())  # noqa: SIM905
_GENERIC = frozenset(
    """ltd limited inc llc plc co corp corporation gmbh company group store shop school clinic hospital
    university college street road avenue station hotel museum library card plan policy programme
    program lamp town village city district""".split()  # noqa: SIM905
)
_INITIALS = re.compile(r"[A-Z]{3,6}")

# Chinese and mixed questions: every run of Latin words is a name.
_LATIN = re.compile(r"(?<![\w'’])[A-Za-z][\w'’&+.-]*(?:\s+(?:[A-Za-z][\w'’&+.-]*|\d+[a-z]?\b))*")
_ENGLISH = re.compile(
    r"\b(?:who|what|when|where|how|which|is|are|does|do|can|the)\b", re.IGNORECASE
)
MEASURE = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|k|kg|g|mg|t|lb|lbs|oz|km|m|cm|mm|mi|ft|in|l|ml|h|hr|hrs|min|mins|sec|d|am|pm"
    r"|w|kw|kwh|v|mah|hz|c|f|rmb|usd|eur|cny|px|d|yo)|[345]g|covid-19",
    re.IGNORECASE,
)


def is_english(question: str) -> bool:
    """Whether a question with Chinese in it is an English one."""
    return _ENGLISH.search(question) is not None


def latin(question: str) -> Iterator[Name]:
    """Each run of Latin words in a Chinese question."""
    for match in _LATIN.finditer(question):
        words = _trimmed(match.group().split())
        if words and not MEASURE.fullmatch(words[0]) and not _is_phrase(words):
            yield _english_name(words)


def _is_phrase(words: Sequence[str]) -> bool:
    """Whether a run of Latin words is a phrase rather than a name."""
    return len(words) > 2 and not any(word[0].isupper() for word in words)


def english(question: str) -> Iterator[Name]:
    """Words with capitals that follow one another."""
    words = re.findall(r"[A-Za-z][\w'’]*", question)
    long = [word for word in words if len(word) > 3]
    if len(long) > 3 and all(word[0].isupper() for word in long):
        return  # every word is written so
    for match in _RUN.finditer(question):
        kept = _trimmed(match.group().split())
        if not kept or not any(word[0].isalpha() and word != word.lower() for word in kept):
            continue
        alone = len(match.group().split()) == 1
        if alone and _begins(question, match.start()) and match.group()[1:].islower():
            continue
        before = question[: match.start()].lower().split()[-1:]
        yield _english_name(kept, place=bool(set(before) & {"to", "in", "from", "at", "near"}))


def _begins(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t\"'“‘(*#->")
    return not before or before[-1] in ".!?:;\n。！？：；,，"


def _trimmed(words: list[str]) -> list[str]:
    """Without the words at both ends that belong to the question."""
    while words and _bare(words[0]) in _NO_NAME | {""}:
        words = words[1:]
    while words and _bare(words[-1]) in _NO_NAME - {"new", "year"} | {""}:
        words = words[:-1]
    return words


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$|['’]", "", word.casefold()).strip(".")


def _english_name(words: Sequence[str], *, place: bool = False) -> Name:
    bare = [_bare(word) for word in words]
    kept = bare[1:] if bare[0] in _HONORIFIC and len(bare) > 1 else bare
    forms = [plain("".join(kept))]
    if len(kept) > 1 and kept[-1] in _GENERIC:
        forms.append(plain("".join(kept[:-1])))
    if forms[0].endswith("s") and len(forms[0]) > 4:
        forms.append(forms[0][:-1])
    if len(kept) == 2:
        forms.append(plain(kept[1] + kept[0]))
    return Name(" ".join(words), tuple(form for form in forms if form), _others(words), place)


def _others(words: Sequence[str]) -> str:
    """Other ways to write an English name: initials for words, words for initials."""
    bare = [re.sub(r"['’]s?$", "", word) for word in words]
    if len(bare) == 1:
        if not _INITIALS.fullmatch(bare[0]):
            return ""
        return r"\b" + r"\s+(?:(?:of|the|and|for)\s+)*".join(rf"{c}[\w-]+" for c in bare[0])
    heads = "".join(word[0] for word in bare if word[0].isupper())
    ways = [rf"\b{heads}\b"] if len(heads) > 2 else []
    if len(bare) == 2 and all(word[0].isupper() and word.isalpha() for word in bare):
        ways.append(rf"\b(?:Mr|Mrs|Ms|Dr|Prof|{bare[0][0]})\.?\s+{bare[1]}\b")
    return "|".join(ways)
