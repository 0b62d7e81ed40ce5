"""Encoding repair and one way of writing characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from zaohua.data.cleaning.characters import profile
from zaohua.data.cleaning.steps import characters, rewritten
from zaohua.data.records import Dropped, Record

_LATIN_HINT = re.compile("[\u00c2-\u00f4]")
_GBK_HINT = re.compile("[锛銆鐨鏄涓浣鍙鍦鎴]")
_LOST = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯")
_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = (" ", "\t", "\u3000")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_ASCII_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r"})
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_HALVES = re.compile("[\ud800-\udfff]")
_TRAILING = re.compile("(?<![ \t\u3000])[ \t\u3000]+\n")
_BLANK_LINES = re.compile("\n{3,}")


@dataclass(frozen=True, slots=True)
class RepairEncoding:
    """Undoes wrong decodings: UTF-8 read as Latin-1 and the like, and UTF-8 read as GBK.

    Attributes:
        lost: a record with a larger share of characters lost for good (U+FFFD, 锟斤拷) is dropped
            as ``broken_encoding``.
        garbled: the same for characters such as 锛 and 鐨, rare in Chinese and frequent in UTF-8
            that was read as GBK with losses, which cannot be undone.
    """

    name: ClassVar[str] = "repair"
    lost: float = 0.005
    garbled: float = 0.04

    def apply(self, record: Record) -> Record | Dropped:
        """The record with readable text, or dropped."""
        outcome = rewritten(record, repaired, self.name)
        if isinstance(outcome, Dropped):
            return outcome
        body = outcome.body()
        if body.isascii():
            return outcome
        lost = sum(len(found) for found in _LOST.findall(body))
        garbled = len(_GBK_HINT.findall(body))
        size = characters(outcome)
        if lost > self.lost * size or garbled > max(4, self.garbled * size):
            return Dropped(record, self.name, "broken_encoding")
        return outcome


@dataclass(frozen=True, slots=True)
class Normalise:
    """NFC, line feeds, no control or zero-width characters, no trailing or countless blank lines.

    Joiners (U+200C, U+200D) stay: emoji and several scripts are written with them. Full-width
    punctuation stays: it is how Chinese is written.
    """

    name: ClassVar[str] = "normalise"

    def apply(self, record: Record) -> Record | Dropped:
        """The record with its characters written in one way."""
        return rewritten(record, normalised, self.name)


def repaired(text: str) -> str:
    """``text`` with the lines that were decoded wrongly decoded again."""
    if text.isascii() or not (_LATIN_HINT.search(text) or _GBK_HINT.search(text)):
        return text
    return "\n".join(_repaired_line(line) for line in text.split("\n"))


def normalised(text: str) -> str:
    """``text`` as `Normalise` writes it. Doing it twice changes nothing more."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        text = _HALVES.sub("\ufffd", text)
        text = _SPACES.sub(" ", text)
        text = unicodedata.normalize("NFC", text)
        text = _LINE_ENDS.sub("\n", text)
    elif len(text.encode("ascii").translate(None, _ASCII_CONTROLS)) < len(text):
        text = _LINE_ENDS.sub("\n", _UNSEEN.sub("", text))
    if any(blank + "\n" in text for blank in _BLANKS):
        text = _TRAILING.sub("\n", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip("\n").rstrip("".join(_BLANKS) + "\n")


def _repaired_line(line: str) -> str:
    if _LATIN_HINT.search(line):
        line = _fix(line)
    return _from_gbk(line) if _GBK_HINT.search(line) else line


def _from_gbk(line: str) -> str:
    """The line that was meant, if ``line`` is UTF-8 read as GBK throughout; else ``line``."""
    try:
        meant = line.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return line
    counts = profile(meant)
    return meant if counts.han * 2 > counts.all_letters else line


@lru_cache(maxsize=1)
def _config() -> Any:
    import ftfy

    return ftfy.TextFixerConfig(
        unescape_html=False,
        fix_character_width=False,
        fix_latin_ligatures=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        remove_terminal_escapes=False,
        normalization=None,
        explain=False,
    )


def _fix(line: str) -> str:
    import ftfy

    return str(ftfy.fix_text(line, config=_config()))
