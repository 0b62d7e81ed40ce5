"""Wikitext to plain text: what a reader of the page would read as running text."""

from __future__ import annotations

import re
from typing import Any

from zaohua.data.readers.libraries import format_library

_SKIPPED_TAGS = frozenset(
    {"ref", "references", "table", "math", "chem", "gallery", "timeline", "score", "imagemap"}
    | {"graph", "syntaxhighlight", "source", "templatestyles", "mapframe", "maplink", "hiero"}
)
_FILES = re.compile(
    r"\s*(?:file|image|media|category|文件|档案|檔案|图像|圖像|媒体|媒體|分类|分類|[a-z]{2,3}(?:-[a-z]+)*)\s*:",
    re.IGNORECASE,
)
_SIMPLIFIED = ("zh-hans", "zh-cn", "zh")
_VARIANT = re.compile(r"-\{(?:[A-Za-z;-]*\|)?([^{}]*)\}-")
_MAGIC = re.compile(r"__[A-Z]+__")


def plain_text(wikitext: str) -> str:
    """Prose, headings and list items; no templates, tables, references, files or categories.

    Of words given in variants (``-{zh-hans:…;zh-hant:…}-``) the simplified one is taken.
    """
    parser = format_library("mwparserfromhell", "Wikipedia dumps")
    text = _render(parser.parse(wikitext, skip_style_tags=True), parser.nodes)
    text = re.sub(r"'{2,5}", "", _VARIANT.sub(_variant, _MAGIC.sub("", text)))
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _render(code: Any, nodes: Any) -> str:
    return "".join(_node(node, nodes) for node in code.nodes)


def _node(node: Any, nodes: Any) -> str:
    text = ""
    match node:
        case nodes.Text():
            text = str(node.value)
        case nodes.Wikilink():
            text = _link(node, nodes)
        case nodes.Tag():
            text = _tag(node, nodes)
        case nodes.Heading():
            text = f"\n{_render(node.title, nodes).strip()}\n"
        case nodes.ExternalLink() if node.title:
            text = _render(node.title, nodes)
        case nodes.HTMLEntity():
            text = str(node.normalize() or "")
    return text


def _link(node: Any, nodes: Any) -> str:
    title = str(node.title)
    if _FILES.match(title):
        return ""
    return _render(node.text, nodes) if node.text is not None else title.lstrip(":").strip()


def _tag(node: Any, nodes: Any) -> str:
    name = str(node.tag).strip().lower()
    if name in _SKIPPED_TAGS:
        return ""
    if name == "br":
        return "\n"
    return _render(node.contents, nodes) if node.contents else ""


def _variant(found: re.Match[str]) -> str:
    words: dict[str, str] = {}
    for part in found[1].split(";"):
        name, colon, word = part.partition(":")
        if colon:
            words[name.strip().lower()] = word.strip()
    if not words:
        return found[1]
    return next((words[name] for name in _SIMPLIFIED if name in words), next(iter(words.values())))
