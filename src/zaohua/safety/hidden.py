"""What a reader of a passage does not see and a model does, and what would do something by itself.

All places are characters of the passage as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zaohua.safety.folding import INVISIBLE
from zaohua.safety.values import Finding
from zaohua.text.chat_tokens import CHAT_TOKEN

_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Needed by emoji and by Persian and Indian scripts."""
_UNSEEN = re.compile(rf"[{INVISIBLE}]+")
_SECRET = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]")
_WORDS = re.compile(r"[a-zA-Z0-9\u3400-\u9fff]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_STYLED = re.compile(
    r"<(?P<tag>[a-z][a-z0-9]{0,9})\b[^>]{0,300}?"
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt|em|\b)"
    r"|opacity\s*:\s*0(?![.\d])|color\s*:\s*(?:white|#fff(?:fff)?\b|rgb\(255,\s*255,\s*255\)|transparent)"
    r"|(?<![\w-])hidden(?=[\s>/=])|left\s*:\s*-\d{3,})"
    r"[^>]{0,300}>.{0,4000}?</(?P=tag)\s*>",
    re.DOTALL | re.IGNORECASE,
)
_IMAGE = re.compile(
    r"!\[(?P<alt>[^\]\n]{0,300})\]\(\s*(?P<url>https?://[^)\n]{1,2000}?)\s*\)"
    r"|<img\b[^>]{0,500}?\bsrc\s*=\s*[\"']?(?P<src>https?://[^\"'>]{1,2000})[^>]{0,300}>",
    re.IGNORECASE,
)
_CARRIES = re.compile(
    r"[?&][^=&]{1,60}=|[{<\[]|%7b|\$\{|/[^/]{0,4}(?:data|base64|q)[=:]", re.IGNORECASE
)


def invisible(text: str) -> Iterator[tuple[int, int, bool]]:
    """Runs of characters without width, and whether they look like a trick.

    Joiners that hold an emoji or letters of a script that needs them are no part of it.
    """
    if text.isascii():
        return
    for run in _UNSEEN.finditer(text):
        before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() : run.end() + 1]
        plain = bool(_WORDS.match(before) and _WORDS.match(after))
        if set(run[0]) <= set(_JOINERS) and not plain:
            continue
        yield run.start(), run.end(), plain or _SECRET.search(run[0]) is not None


def unseen_parts(text: str) -> Iterator[tuple[int, int, str]]:
    """Comments and elements styled so that nobody sees them: start, end, what they are.

    In a block of code they are what the block is about.
    """
    if "<" not in text:
        return
    code = [one.span() for one in _CODE.finditer(text)]
    for how, pattern in (("comment", _COMMENT), ("style", _STYLED)):
        for one in pattern.finditer(text):
            if not any(start <= one.start() < end for start, end in code):
                yield one.start(), one.end(), how


def carrying_images(text: str) -> Iterator[tuple[Finding, str]]:
    """Pictures from elsewhere whose address could carry data away, and a text in their place."""
    for image in _IMAGE.finditer(text) if "http" in text else ():
        if _CARRIES.search(image["url"] or image["src"]):
            alt = (image["alt"] or "").strip()
            finding = Finding("image", "address", image.start(), image.end(), "carries data")
            yield finding, f"[{alt or 'image'}]"


def role_tokens(text: str) -> Iterator[Finding]:
    """Control tokens of chat templates."""
    for token in CHAT_TOKEN.finditer(text):
        yield Finding("role", "chat_token", token.start(), token.end())


def joined(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """``text`` with parts replaced; of parts that overlap, the first given counts."""
    taken: list[tuple[int, int, str]] = []
    for start, end, new in edits:
        if all(end <= first or start >= last for first, last, _ in taken):
            taken.append((start, end, new))
    parts, place = [], 0
    for start, end, new in sorted(taken):
        parts += [text[place:start], new]
        place = end
    return "".join([*parts, text[place:]])
