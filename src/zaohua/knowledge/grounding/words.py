"""The telling words of a question, and whether a text has them in some form."""

from __future__ import annotations

import re
from itertools import pairwise

from zaohua.knowledge.terms import is_empty

_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[\u3400-\u9fff]+")
_FRAME = re.compile(
    r"多少钱|多少|多久|多长时间|多长|多大|什么时候|什么时间|什么样|几点|怎么办|怎么样|怎么|怎样|如何|是否|能不能|可不可以|有没有|要不要"
    r"|是不是|可以|需要|应该|必须|你们|我们|您们|请问|一下|哪里|哪儿|哪些|哪个|哪家|哪位|哪种|什么|为什么|还能|还是|知道|告诉|帮我|我想|想要"
    r"|价格|费用|收费|要是|如果|的话|现在|吗|呢|呀|啊"
)
_ASKING = frozenset(
    """much many long soon early often far high old big large kind type sort way thing number amount
    get got happen need want like know tell let give show use using make makes made go come also
    still just ever any anything something someone somebody everyone one ones if but not no yes than
    then so about into out over under up after before during as am im ive id being having must might
    price prices cost costs fee fees charge charges
    """.split()  # noqa: SIM905
)
_ENDINGS = (
    ("ation", "", 8),
    ("ments", "", 8),
    ("ment", "", 7),
    ("ings", "", 7),
    ("ing", "", 6),
    ("ies", "y", 5),
    ("ied", "y", 5),
    ("sses", "ss", 5),
    ("xes", "x", 4),
    ("ches", "ch", 6),
    ("shes", "sh", 6),
    ("ed", "", 5),
    ("ly", "", 6),
)


def words_of(question: str) -> list[str]:
    """Stems of its words, and each two Chinese characters that stand together, in order."""
    found: dict[str, None] = {}
    for token in _TOKEN.findall(_FRAME.sub(" ", question.casefold())):
        if token[0] >= "\u3400":
            for one, two in pairwise(token):
                if not (is_empty(one) or is_empty(two)):
                    found[one + two] = None
        elif not (is_empty(token) or token in _ASKING or len(token) < 2):
            found[stem(token)] = None
    return list(found)


def stems(text: str) -> frozenset[str]:
    """Stems of the words in Latin letters of a folded ``text``."""
    return frozenset(stem(token) for token in _TOKEN.findall(text) if token[0] < "\u3400")


def has_word(word: str, text: str, of_text: frozenset[str]) -> bool:
    """Whether ``text``, whose stems are ``of_text``, has one of `words_of`."""
    return word in text if word[0] >= "\u3400" else word in of_text


def stem(word: str) -> str:
    """An English word without what marks its forms: returns, returned, returning are one."""
    word = re.sub(r"['’].*", "", word)
    for ending, instead, least in _ENDINGS:
        if word.endswith(ending) and len(word) >= least:
            word = word[: len(word) - len(ending)] + instead
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word
