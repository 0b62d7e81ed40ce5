"""What users tell the memory itself: remember, forget, what do you remember."""

from __future__ import annotations

import re

_REMEMBER = (
    re.compile(
        r"^(?:请|麻烦)?(?:你|您)?(?:帮我|替我)?(?:务必)?(?:记住|记一下|记下来?|请记得)(?:这个|"
        r"一点|一下|了)?"
        r"[，,:：\s]+(.+)$",
        re.DOTALL,
    ),
    re.compile(
        r"^(?:请|麻烦)(?:你|您)?(?:帮我|替我)?(?:记住|记得|记下来?)(?![了吗没])(.+)$", re.DOTALL
    ),
    re.compile(r"^(?:请|麻烦)?(?:你|您)?(?:帮我|替我)?记住(?=我)(.+)$", re.DOTALL),
    re.compile(
        r"^(?:please |can you |could you |will you |you should )?(?:remember|keep in mind|"
        r"make a note|"
        r"don't forget|do not forget)(?:\s+that\s+|\s*(?: this)?[:,]\s*| (?=(?:i|i'm|my)\b))(.+)$",
        re.DOTALL | re.IGNORECASE,
    ),
)
_FORGET = (
    re.compile(
        r"^(?:请|麻烦)?(?:你|您)?(?:把)?(.+?)(?:都|全部?)?(?:忘掉|忘了|忘记|从记忆(?:里|"
        r"中)删(?:掉|除))(?:吧)?$"
    ),
    re.compile(
        r"^(?:请|麻烦)?(?:你|您)?(?:忘掉|忘记|忘了|不要再?记(?:住|得|着)|别再?记(?:住|得|着)?|"
        r"从记忆(?:里|中)删(?:掉|除))"
        r"[，,:：\s]*(.+?)(?:吧|了)?$"
    ),
    re.compile(
        r"^(?:请|麻烦)?(?:你|您)?(?:删除|清除|清空|删掉)((?:所有|全部)?(?:关于|你对)我的(?:所有|"
        r"全部)?(?:记忆|信息))$"
    ),
    re.compile(
        r"^(?:please |can you |could you )?(?:forget|stop remembering)(?: about| that)?[:,]? (.+?)"
        r"(?:,? please)?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:please |can you |could you )?(?:delete|erase|clear|wipe) ((?:all |"
        r"everything )?(?:of )?"
        r"(?:you (?:know|remember) about me|(?:my|your) memor(?:y|ies)(?: of me| about me)?))$",
        re.IGNORECASE,
    ),
)
_EVERYTHING = re.compile(
    r"^(?:关于)?(?:我的?)?(?:一切|所有(?:事情?|东西|记忆|信息)?|全部(?:事情?|信息|记忆)?)$|"
    r"^(?:你(?:知道|记得|记住)的)?(?:所有|全部)?(?:关于|你对)我的?(?:一切|所有(?:事情?|记忆|"
    r"信息)?|全部|记忆|信息|事情?)$|"
    r"^(?:everything|all)(?: (?:that )?(?:you (?:know|remember)))?(?: (?:about|of) me)?$|"
    r"^about me$|^me$|"
    r"^(?:all )?(?:of )?(?:my|your) memor(?:y|ies)(?: of me| about me)?$",
    re.IGNORECASE,
)
_CONFIRMED = re.compile(
    r"^(?:是的?|对|好的?|确认|确定|我确认|我确定)[，,\s]*(?:请)?(?:确认|"
    r"确定)?忘掉(?:关于)?(?:我的)?一切$|"
    r"^(?:yes|confirm(?:ed)?|i'm sure|"
    r"i confirm)[,:\s]+(?:please )?forget everything(?: about me)?$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:请问|告诉我|说说|列出|那)?(?:你|您)?(?:现在|目前|都|还|到底)*(?:记得|记住了?|知道|"
    r"了解)(?:了)?(?:关于)?我(?:的)?"
    r"(?:些)?(?:什么|哪些|多少)(?:事情?|信息|东西|内容)?(?:呢|呀|啊)?$|"
    r"^(?:你|您)?(?:的)?(?:记忆(?:里|中)?)(?:都)?有(?:关于)?(?:我的?)?(?:什么|哪些)(?:信息|内容|"
    r"事)?$|"
    r"^(?:关于我)[，,]?(?:你|您)(?:都|还)*(?:记得|知道|记住了)(?:些)?(?:什么|哪些|多少)$|"
    r"^(?:so |and |please tell me |tell me )?what (?:all )?(?:do|did|have|can) you "
    r"(?:know|remember(?:ed)?|learn(?:ed|t)?)(?: so far)?(?: about| of) me(?: so far)?$|"
    r"^what(?:'s| is) in your memory(?: about me)?$|"
    r"^(?:show|list)(?: me)? (?:everything you (?:know|remember) about me|(?:my|your) memor(?:y|"
    r"ies)"
    r"(?: (?:of|about) me)?)$|^tell me (?:everything|what) you (?:know|remember) about me$",
    re.IGNORECASE,
)
_LONGEST = 600


def remember_order(message: str) -> str | None:
    """What is to be remembered, in the user's words; None if the message does not begin so.

    After a colon it is the rest of the message, else the rest of the first sentence.
    """
    text = message.strip().replace("’", "'")
    if len(text) > _LONGEST:
        return None
    found = next(filter(None, (pattern.match(text) for pattern in _REMEMBER)), None)
    if found is None:
        return None
    introduced = text[: found.start(1)].rstrip().endswith((":", "："))
    told = found.group(1) if introduced else _first_sentence(found.group(1))
    return None if told.endswith(("?", "？")) else _bare(told) or None


def forget_order(message: str) -> str | None:
    """What is to be forgotten, in the user's words."""
    text = _bare(message)
    if (
        len(text) > _LONGEST
        or message.rstrip().endswith(("?", "？"))
        or re.match(r"我|i\b", text, re.I)
    ):
        return None
    found = next(filter(None, (pattern.match(text) for pattern in _FORGET)), None)
    return found.group(1).strip() if found else None


def is_everything(forgotten: str) -> bool:
    """Whether what is to be forgotten is all there is."""
    return _EVERYTHING.match(_bare(forgotten)) is not None


def is_confirmation(message: str) -> bool:
    """Whether the user says that all is really to be forgotten."""
    return _CONFIRMED.match(_bare(message)) is not None


def asks_for_list(message: str) -> bool:
    """Whether the user asks what is remembered of them."""
    return _ASKED.match(_bare(message)) is not None


def is_order_alone(message: str, told: str) -> bool:
    """Whether a message says nothing beside the order to remember ``told``."""
    return _bare(message.replace("’", "'")).endswith(told)


def _bare(text: str) -> str:
    return text.strip().replace("’", "'").strip(" \t\n。.!！?？~～")


def _first_sentence(text: str) -> str:
    ends = r"(?<=[。！？!?\n])|(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)\.\s"
    return re.split(ends, text, maxsplit=1)[0].strip()
