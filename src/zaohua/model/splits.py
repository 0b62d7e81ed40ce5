"""How byte-level tokenizers split text before merging, by the names that llama.cpp has for it.

The names are those of GGUF's ``tokenizer.ggml.pre``; a model exported under a wrong one reads
other tokens than it was trained on, so what is not known is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tokenizers import Regex, pre_tokenizers
from transformers import PreTrainedTokenizerBase

from zaohua.errors import UsageError

_CONTRACTIONS: Final = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_LETTERS: Final = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_REST: Final = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

REGEXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "qwen2": rf"{_CONTRACTIONS}|{_LETTERS}|\p{{N}}|{_REST}",
        "dbrx": rf"{_CONTRACTIONS}|{_LETTERS}|\p{{N}}{{1,3}}|{_REST}",
    }
)
"""Splits by one regular expression."""

IGNORES_MERGES: Final = "llama-bpe"
"""The split of ``dbrx`` in a tokenizer that takes whole words from the vocabulary first."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deepseek-r1-qwen": "qwen2",
        "llama3": "llama-bpe",
        "llama-v3": "llama-bpe",
        "starcoder": "smollm",
        "default": "gpt-2",
    }
)


def pre_tokenizer(name: str) -> pre_tokenizers.PreTokenizer:
    """The split called ``name``.

    Raises:
        UsageError: it is not known here.
    """
    known = ALIASES.get(name, name)
    if known == "gpt-2":
        return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if known == "smollm":
        digits = pre_tokenizers.Digits(individual_digits=True)
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        return pre_tokenizers.Sequence([digits, byte_level])
    regex = REGEXES.get("dbrx" if known == IGNORES_MERGES else known)
    if regex is None:
        raise UsageError(
            f"the tokenizer splits text in a way not known here ('{name}')",
            mend=f"known are gpt-2, smollm, {IGNORES_MERGES}, {', '.join(REGEXES)}",
        )
    split = pre_tokenizers.Split(Regex(regex), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([split, byte_level])


def name_of(tokenizer: PreTrainedTokenizerBase, state: Mapping[str, Any]) -> str:
    """The name of a tokenizer's split.

    Args:
        tokenizer: one that names it itself (``ggml_pre``), as ours do.
        state: its ``tokenizer.json``; compared with the known splits otherwise.

    Raises:
        UsageError: it is not known.
    """
    own = tokenizer.init_kwargs.get("ggml_pre")
    if isinstance(own, str) and own:
        return own
    wanted = _plain(state.get("pre_tokenizer"))
    greedy = bool(state["model"].get("ignore_merges"))
    for name in ("gpt-2", "smollm", *REGEXES):
        if _plain(json.loads(pre_tokenizer(name).__getstate__())) == wanted:
            return IGNORES_MERGES if greedy and name == "dbrx" else name
    raise UsageError(
        "the tokenizer splits text in a way that llama.cpp has no known name for",
        mend=f"export models whose tokenizer splits as gpt-2, smollm or {', '.join(REGEXES)} do",
    )


def _plain(part: Any) -> Any:
    """A pre-tokenizer without what does not matter to its result."""
    if isinstance(part, Mapping):
        ignored = ("trim_offsets", "add_prefix_space") if part.get("type") == "ByteLevel" else ()
        return {key: _plain(value) for key, value in part.items() if key not in ignored}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_plain(one) for one in part]
    return part
