"""The language of a text by its script and, for English, its commonest words."""

from __future__ import annotations

import re

_SAMPLE = 20_000
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[a-zA-Z]+")
_ENGLISH = frozenset(
    "the of and to in is a for on that with as are was by it be this from".split()  # noqa: SIM905
)
_FOREIGN_SHARE = 0.05  # kana or hangul among the characters that are no Latin letters
_ENGLISH_SHARE = 0.1


def main_language(text: str) -> str:
    """``zh``, ``ja``, ``ko`` or ``en``; empty where none of them is plain."""
    sample = text[:_SAMPLE]
    han, kana = len(_HAN.findall(sample)), len(_KANA.findall(sample))
    hangul = len(_HANGUL.findall(sample))
    words = _WORD.findall(sample)
    eastern = han + kana + hangul
    # A Chinese word is about two characters: half of them against the words in Latin letters.
    if eastern / 2 > len(words):
        if kana > eastern * _FOREIGN_SHARE:
            return "ja"
        return "ko" if hangul > eastern / 2 else "zh"
    common = sum(word.lower() in _ENGLISH for word in words)
    return "en" if words and common >= len(words) * _ENGLISH_SHARE else ""
