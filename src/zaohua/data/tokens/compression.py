"""How many bytes a token stands for, by language, and the report that tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from zaohua.data.cleaning.languages import script_language
from zaohua.data.tokens.encoders import Encoder

_NAMES = {"zh": "Chinese", "en": "English", "other": "other", "all": "all"}
_BATCH = 256


def bytes_per_token(encoder: Encoder, texts: Sequence[str]) -> dict[str, float]:
    """UTF-8 bytes a token, for ``zh``, ``en``, ``other`` (mixed text too) and ``all``.

    A language without text is left out.
    """
    size: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        for text, ids in zip(batch, encoder.plain(batch), strict=True):
            found = script_language(text)
            for language in (found if found in _NAMES else "other", "all"):
                size[language] += len(text.encode())
                tokens[language] += len(ids)
    return {name: round(size[name] / tokens[name], 4) for name in _NAMES if tokens[name]}


def report(name: str, metrics: Mapping[str, Any], longest: Sequence[str]) -> str:
    """A page about a tokenizer, in Markdown; ``longest`` are tokens worth showing, as text."""
    rows = [
        f"| {_NAMES[language]} | {value:.2f} |"
        for language, value in metrics["bytes_per_token"].items()
    ]
    shown = " ".join(f"`{token}`" for token in longest)
    size = metrics["sample_bytes"] / 1e6
    return "\n".join(
        [
            f"# Tokenizer {name}",
            "",
            f"Byte-level BPE, {metrics['vocab_size']:,} tokens, trained on {size:.1f} MB "
            f"({metrics['documents']:,} documents, long ones in pieces).",
            "",
            f"| language | bytes a token ({metrics['measured_on']}) |",
            "|---|---:|",
            *rows,
            "",
            f"Long tokens: {shown}",
            "",
        ]
    )
