"""Which language a text is in: by script where that decides, by a trained model where it does not.

Chinese, Japanese and Korean are told apart by their characters, also in three of them. The model
(py3langid, in its wheel, offline) is asked only about longer texts in Latin and other alphabets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

from zaohua.data.cleaning.characters import Profile, profile
from zaohua.data.records import Dropped, Record

_SAMPLE = 400
_ENOUGH = 24
_LETTERS_A_WORD = 4.7
_ENGLISH = frozenset(
    {"the", "and", "of", "that", "with", "this", "you", "have", "are", "not", "from", "they"}
)
_ENGLISH_SHARE = 0.12
_CLEARLY = 0.8
_KANA_SHARE = 0.08


def script_language(text: str) -> str:
    """``zh``, ``en``, ``mixed`` (both), ``ja``, ``ko``, ``other`` or ``und``, by script alone."""
    return _by_script(profile(text))


def detect_language(text: str) -> str:
    """An ISO 639-1 code, ``mixed`` for Chinese with English, ``und`` where there are no letters."""
    sample = text[: 10 * _SAMPLE]
    counts = profile(sample)
    guess = _by_script(counts)
    if guess == "en" and counts.latin >= _ENOUGH:
        return "en" if _plainly_english(sample) else _by_model(sample)
    if guess == "other":
        return _by_model(sample) if counts.letters >= _ENOUGH // 2 else "und"
    return guess


@dataclass(frozen=True, slots=True)
class IdentifyLanguage:
    """Writes ``meta["language"]`` and drops what is in no wanted language (``language_<code>``).

    Attributes:
        keep: wanted codes; empty keeps all.
    """

    name: ClassVar[str] = "language"
    keep: tuple[str, ...] = ("zh", "en", "mixed")

    def apply(self, record: Record) -> Record | Dropped:
        """The record with its language, or dropped."""
        language = detect_language(record.body())
        if self.keep and language not in self.keep:
            return Dropped(record, self.name, f"language_{language}")
        return replace(record, meta={**record.meta, "language": language})


def _by_script(counts: Profile) -> str:
    if counts.all_letters == 0:
        return "und"
    if counts.kana > _KANA_SHARE * (counts.kana + counts.han) and counts.kana >= counts.latin / 4:
        return "ja"
    if counts.hangul > (counts.han + counts.latin) / 4:
        return "ko"
    if counts.letters > counts.han + counts.latin:
        return "other"
    words = counts.latin / _LETTERS_A_WORD
    share = counts.han / (counts.han + words)
    if share >= _CLEARLY:
        return "zh"
    return "en" if share <= 1 - _CLEARLY else "mixed"


def _plainly_english(sample: str) -> bool:
    words = sample[:_SAMPLE].lower().split()
    found = sum(word in _ENGLISH for word in words)
    return found >= 4 and found >= _ENGLISH_SHARE * len(words)


def _by_model(sample: str) -> str:
    code, _ = _identifier().classify(sample[:_SAMPLE])
    return str(code)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import (  # type: ignore[import-untyped]
        MODEL_FILE,
        LanguageIdentifier,
    )

    return LanguageIdentifier.from_model_file(MODEL_FILE)
