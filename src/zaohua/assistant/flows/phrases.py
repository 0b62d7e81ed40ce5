"""What people say in any dialogue, in Chinese and English: yes, no, stop, no idea, a question."""

from __future__ import annotations

import re
import unicodedata

_BESIDE = (
    r"(?:[\s\W]|那就?|还是|我|就|请|吧|了|谢谢|please|ok(?:ay)?|oh|well|no|then|thanks?|thank you)*"
)
_CANCEL = re.compile(
    rf"{_BESIDE}(?:(?:算了|不用|不办|不查|不退|不换|不弄|不需要|不要|没事|取消(?:操作)?"
    r"|先不(?:弄|办|查|退|换)|当我没说|退出|停止?|cancel(?: (?:that|it|this))?|never ?mind"
    r"|forget (?:it|that|about it)|stop(?: it)?|leave it|i(?:'ve| have)? changed my mind"
    rf"|not any ?more|skip it|quit|abort|drop it){_BESIDE})+"
)
_UNKNOWN = re.compile(
    r"不知道|不清楚|不记得|记不得|忘了|忘记|想不起来|找不到|没有(?:订单号|单号|号码)|不晓得|不确定"
    r"|(?:don'?t|do not|can'?t|cannot|can not) (?:know|remember|recall|find)"
    r"|(?:don'?t|do not) have (?:it|that|one|the)"
    r"|no idea|not sure|forgot|forgotten|lost (?:it|the)|dunno|unsure"
)
_NO = re.compile(
    r"^\W*(?:没错|不错|没问题|没关系)|"  # these are a yes, or nothing
    r"^\W*(?P<no>没|不|否|别|非|未|还没|并没|no\b|nope|not\b|never|n$|nah|negative|don'?t)"
)
_YES = re.compile(
    r"^\W*(?:是|对|嗯|好|可以|行|确认|确定|没错|没问题|要|有|当然|同意|已经|满意|解决"
    r"|yes|yep|yeah|yup|sure|ok|okay|correct|right|confirm|of course|please do|go ahead"
    r"|it (?:is|was|did)|i (?:do|did|have|am)|absolutely|y$|solved|satisfied)"
)
_QUESTION = re.compile(
    r"[?？]|吗|呢|怎么|怎样|如何|什么|啥|多少|几(?:天|个|号|点|件|次)|哪(?:里|儿|个|些|家|种)|谁|为何|为什么|能不能|可不可以"
    r"|是不是|有没有|要不要|会不会|多久|多长"
    r"|^\W*(?:what|how|when|where|who|why|which|can|could|do|does|did|is|are|will|would|should|may)\b"
    r"|\b(?:what if|how (?:much|long|many)|do you|can i|could you)\b"
)
_PERSON = re.compile(
    r"(?:(?:好的?|是的?|嗯|那就?|请|麻烦) ?)*(?:(?:帮我|给我)?我?[想要]?(?:转接?|找|换|叫|接)?"
    r"(?:一?[个位])?(?:人工|真人|客服)(?:客服|服务|接手|处理|来)?(?:吧|谢谢)?|要的?|转吧?|是的?)"
    r"|(?:(?:yes|ok|okay|please|well|then|i want|i d like|get me|talk|speak|pass (?:it|this)"
    r"|to|with|on) )*(?:a |an |the )?(?:real |live )?(?:person|human|human being|agent|colleague)"
    r"(?: please| then)?|yes(?: please)?"
)
"""Of words with one blank between them."""
_OFFERED = 60
_VULGAR = re.compile("(?<=[0-9０-９])(?=[¼-¾⅐-⅞])")
"""Where 1¾ would become 13/4 in one width."""


def plain(text: str) -> str:
    """In one width and lower case, without blanks around it."""
    parted = _VULGAR.sub(" ", text)
    return unicodedata.normalize("NFKC", parted).replace("’", "'").lower().strip()


def breaks_off(text: str) -> bool:
    """Whether a plain text says nothing but that the matter is to be dropped."""
    return _CANCEL.fullmatch(text) is not None


def does_not_know(text: str) -> bool:
    """Whether a plain text says that its writer does not know."""
    return _UNKNOWN.search(text) is not None


def wants_person(text: str) -> bool:
    """Whether a plain text takes up the offer of a person, and says nothing else."""
    words = re.sub(r"[\W_]+", " ", text[:_OFFERED]).strip()
    return len(text) <= _OFFERED and _PERSON.fullmatch(words) is not None


def yes_or_no(text: str) -> bool | None:
    """What a plain text answers to a question of yes or no."""
    found = _NO.match(text)
    if found and found["no"]:
        return False
    return True if _YES.match(text) else None


def asks(text: str) -> bool:
    """Whether a plain text looks like a question."""
    return _QUESTION.search(text) is not None
