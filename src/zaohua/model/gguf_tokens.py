"""The tokenizer in a GGUF file: byte-level BPE, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import gguf
from tokenizers import AddedToken, Tokenizer, decoders, models, processors
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from zaohua.errors import UsageError
from zaohua.model import splits
from zaohua.model.vocabulary import special_ids

BYTE_LEVEL: Final = "gpt2"
"""What GGUF calls byte-level BPE."""

_TYPE: Final = gguf.TokenType


def write_tokenizer(
    writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase, rows: int, where: str
) -> None:
    """Put a tokenizer into a file.

    Args:
        writer: of the file.
        tokenizer: a fast one of byte-level BPE.
        rows: of the embedding; those without a token are named ``[PADn]`` and unused.
        where: for messages.

    Raises:
        UsageError: it is another kind of tokenizer, or has more tokens than the model.
    """
    state = _state(tokenizer, where)
    tokens, types = _tokens(tokenizer, rows)
    writer.add_tokenizer_model(BYTE_LEVEL)
    writer.add_tokenizer_pre(splits.name_of(tokenizer, state))
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([_merge(pair) for pair in state["model"]["merges"]])
    _write_special(writer, tokenizer)
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)


def read_tokenizer(fields: Mapping[str, Any], where: str) -> PreTrainedTokenizerFast:
    """The tokenizer of a file.

    Raises:
        UsageError: it is not byte-level BPE, or splits text in an unknown way.
    """
    kind = fields.get("tokenizer.ggml.model")
    if kind != BYTE_LEVEL:
        raise UsageError(
            f"the tokenizer in the file is of the kind '{kind}'; only byte-level BPE is read",
            where=where,
            mend="start from the model's safetensors checkpoint",
        )
    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    types: Sequence[int] = fields.get("tokenizer.ggml.token_type") or [_TYPE.NORMAL] * len(tokens)
    split = str(fields.get("tokenizer.ggml.pre") or "default")
    bare = _bare(tokens, types, fields["tokenizer.ggml.merges"], split)
    special = {
        f"{name}_token": tokens[fields[f"tokenizer.ggml.{key}_token_id"]]
        for name, key in (("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding"))
        if fields.get(f"tokenizer.ggml.{key}_token_id") is not None
    }
    if fields.get("tokenizer.ggml.add_bos_token", split == splits.IGNORES_MERGES):
        _begin_with(bare, special["bos_token"])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bare,
        ggml_pre=splits.ALIASES.get(split, split),
        chat_template=fields.get("tokenizer.chat_template"),
        **special,
    )


def _bare(
    tokens: Sequence[str], types: Sequence[int], merges: Sequence[str], split: str
) -> Tokenizer:
    added = [n for n, kind in enumerate(types) if kind in {_TYPE.CONTROL, _TYPE.USER_DEFINED}]
    pairs = [_pair(merge) for merge in merges]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    greedy = splits.ALIASES.get(split, split) == splits.IGNORES_MERGES
    bare = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs, ignore_merges=greedy))
    bare.pre_tokenizer = splits.pre_tokenizer(split)
    bare.decoder = decoders.ByteLevel()
    for number in added:
        special = types[number] == _TYPE.CONTROL
        bare.add_tokens([AddedToken(tokens[number], normalized=False, special=special)])
    return bare


def _begin_with(bare: Tokenizer, token: str) -> None:
    number = bare.token_to_id(token)
    bare.post_processor = processors.TemplateProcessing(
        single=f"{token}:0 $A:0",
        pair=f"{token}:0 $A:0 {token}:1 $B:1",
        special_tokens=[(token, number)],
    )


def _state(tokenizer: PreTrainedTokenizerBase, where: str) -> dict[str, Any]:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    state: dict[str, Any] = json.loads(backend.to_str()) if backend is not None else {}
    byte_level = (state.get("decoder") or {}).get("type") == "ByteLevel"
    if state.get("model", {}).get("type") != "BPE" or not byte_level or state.get("normalizer"):
        raise UsageError(
            "only byte-level BPE tokenizers without a normalizer can go into GGUF",
            where=where,
            mend="train one with 'zaohua tokenizer train'",
        )
    return state


def _tokens(tokenizer: PreTrainedTokenizerBase, rows: int) -> tuple[list[str], list[int]]:
    if len(tokenizer) > rows:
        raise UsageError(f"the tokenizer has {len(tokenizer)} tokens, the model {rows}")
    tokens = [f"[PAD{number}]" for number in range(rows)]
    types = [int(_TYPE.UNUSED)] * rows
    for token, number in tokenizer.get_vocab().items():
        tokens[number], types[number] = token, int(_TYPE.NORMAL)
    for number, added in getattr(tokenizer, "added_tokens_decoder", {}).items():
        types[number] = int(_TYPE.CONTROL if added.special else _TYPE.USER_DEFINED)
    return tokens, types


def _write_special(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase) -> None:
    ids = special_ids(tokenizer)
    add = {
        writer.add_bos_token_id: ids.bos,
        writer.add_eos_token_id: ids.eos,
        writer.add_eot_token_id: ids.turn_end,
        writer.add_pad_token_id: ids.pad,
        writer.add_unk_token_id: tokenizer.unk_token_id,
    }
    for tell, number in add.items():
        if isinstance(number, int):
            tell(number)
    sample = tokenizer("a")["input_ids"]
    writer.add_add_bos_token(ids.bos is not None and sample[0] == ids.bos)
    writer.add_add_eos_token(ids.eos is not None and sample[-1] == ids.eos)
    writer.add_add_space_prefix(value=False)


def _merge(pair: Any) -> str:
    return pair if isinstance(pair, str) else " ".join(pair)


def _pair(merge: str) -> tuple[str, str]:
    left, _, right = merge.partition(" ")
    return left, right
