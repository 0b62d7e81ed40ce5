"""HTML remnants and the lines that every page of a site carries."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import ClassVar

from zaohua.data.cleaning.steps import rewritten
from zaohua.data.records import Dropped, Record

_BLOCKS = (
    "address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header"
    "|hr|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|b|body|button|center|code|col|em|embed|font|head|html|i|iframe|img|input|ins|label"
    "|link|mark|meta|noscript|object|option|q|s|select|small|span|strong|sub|sup|svg|textarea"
    "|time|u|video"
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS})(?=[\s/>])[^<>]{{0,2000}}>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?=[\s/>])[^<>]{{0,2000}}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_HIDDEN = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"))
_LONGEST = 120
_LONGEST_MENU = 40
_NOTICE = re.compile(
    r"(?:enable|turn on) javascript|javascript (?:is|must be) (?:disabled|enabled)"
    r"|(?:this|our) (?:web)?site uses cookies|accept (?:all )?cookies"
    r"|all rights reserved|lorem ipsum"
    r"|请(?:启用|开启|打开)\s?javascript|版权所有|未经授权.{0,10}转载|[京沪粤浙苏]icp[备证]|公网安备",
    re.IGNORECASE,
)
_MENU = re.compile(
    r"\W{0,3}(?:(?:share (?:this|on)|read more|click here|sign (?:in|up)|log ?in|subscribe|skip to"
    r"|cookie (?:policy|settings)|terms of (?:use|service)|privacy policy)\b"
    r"|上一篇|下一篇|上一页|下一页|返回首页|返回顶部|点击(?:查看|阅读|进入|下载)"
    r"|阅读全文|查看更多|加载更多|责任编辑|扫码关注|扫一扫|分享到|相关阅读|推荐阅读|登录|注册)",
    re.IGNORECASE,
)
_SENTENCE_END = (".", "!", "?", "。", "！", "？", "…", "；", ";", "，", ",")


@dataclass(frozen=True, slots=True)
class StripMarkup:
    """Removes tags, comments, scripts, entities and boilerplate lines.

    Conversations are left alone by default: an answer about HTML must keep its tags.

    Attributes:
        kinds: the kinds of record that are touched.
        boilerplate: also remove short lines such as "All rights reserved" and 版权所有.
    """

    name: ClassVar[str] = "markup"
    kinds: tuple[str, ...] = ("text", "classification")
    boilerplate: bool = True

    def apply(self, record: Record) -> Record | Dropped:
        """The record without remnants; dropped as ``empty`` when nothing else was there."""
        if record.kind not in self.kinds:
            return record
        return rewritten(record, self._clean, self.name)

    def _clean(self, text: str) -> str:
        text = without_markup(text)
        return without_boilerplate(text) if self.boilerplate else text


def without_markup(text: str) -> str:
    """``text`` without the tags of HTML; block tags become line ends. Other ``<…>`` stays."""
    if "<" in text:
        for opening, closing in _HIDDEN:
            text = _without_span(text, opening, closing)
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    return text


def without_boilerplate(text: str) -> str:
    """``text`` without legal notices, and short lines of menus that are no sentences."""
    lines = text.split("\n")
    kept = [line for line in lines if not _is_boilerplate(line.strip())]
    return text if len(kept) == len(lines) else "\n".join(kept)


def _is_boilerplate(line: str) -> bool:
    if not 0 < len(line) <= _LONGEST:
        return False
    if len(line) <= _LONGEST_MENU and _MENU.match(line) and not line.endswith(_SENTENCE_END):
        return True
    return _NOTICE.search(line) is not None


def _without_span(text: str, opening: str, closing: str) -> str:
    lowered = text.lower() if opening != "<!--" else text
    if len(lowered) != len(text) or opening not in lowered:
        return text
    parts, place = [], 0
    while (start := lowered.find(opening, place)) >= 0:
        end = lowered.find(closing, start)
        if end < 0:
            break
        parts.append(text[place:start])
        place = end + len(closing)
    return "".join([*parts, text[place:]])
