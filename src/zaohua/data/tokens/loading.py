"""A tokenizer of any kind as the encoder sees it: ids of boundaries, padding, bytes of tokens."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zaohua.data.readers.libraries import library
from zaohua.data.tokens.alphabet import byte_characters, character_bytes
from zaohua.data.tokens.chatml import DOCUMENT
from zaohua.errors import IntegrityError, NotFoundError
from zaohua.store.artefacts import Artefact

_BYTE_TOKEN = re.compile(r"<0x[0-9A-Fa-f]{2}>")


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The tokens around a document; ``None``: the tokenizer has no such token."""

    start: int | None
    end: int | None

    @property
    def shared(self) -> bool:
        """Whether one token ends a document and starts the next, so that it is stored once."""
        return self.start is not None and self.start == self.end


def load_tokenizer(source: Path | Artefact) -> Any:
    """The `transformers` tokenizer in a folder; no code from the folder is run.

    Raises:
        NotFoundError: there is none.
        IntegrityError: it cannot be read, or it is of the slow, unhurried kind without offsets.
    """
    folder = source.path if isinstance(source, Artefact) else source
    if not folder.is_dir():
        raise NotFoundError("no tokenizer here", where=str(folder), mend="zaohua tokenizer train")
    try:
        found = library("transformers", "a tokenizer").AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, KeyError) as error:
        first = str(error).strip().partition("\n")[0]
        raise IntegrityError(f"the tokenizer cannot be read: {first}", where=str(folder)) from None
    if not found.is_fast:
        raise IntegrityError("the tokenizer has no tokenizer.json", where=str(folder))
    return found


def boundaries(tokenizer: Any) -> Boundaries:
    """What stands around a document of plain text.

    ``<|endoftext|>`` where the vocabulary has it (also where a chat model's start and end tokens
    are those of turns), else the tokenizer's own start and end, else BERT's.
    """
    document = tokenizer.get_added_vocab().get(DOCUMENT)
    if document is not None:
        return Boundaries(document, document)
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    if start is None and end is None:
        return Boundaries(tokenizer.cls_token_id, tokenizer.sep_token_id)
    if start is None:
        start = end
    return Boundaries(start, start if end is None else end)


def pad_id(tokenizer: Any) -> int:
    """The id that fills rows: the padding token's, else the end token's, else 0."""
    for number in (tokenizer.pad_token_id, tokenizer.eos_token_id):
        if number is not None:
            return int(number)
    return 0


def special_ids(tokenizer: Any) -> set[int]:
    """The ids of special tokens: those that stand for no text."""
    added = tokenizer.added_tokens_decoder.items()
    return {*tokenizer.all_special_ids, *(number for number, token in added if token.special)}


def byte_lengths(tokenizer: Any) -> npt.NDArray[np.int32]:
    """[vocabulary]: UTF-8 bytes that each token stands for; 0 for special and unused ids."""
    table = tokenizer.get_vocab()
    lengths = np.zeros(max(table.values(), default=-1) + 1, dtype=np.int32)
    measure = _measure(json.loads(tokenizer.backend_tokenizer.to_str()))
    added = {number: str(token) for number, token in tokenizer.added_tokens_decoder.items()}
    special = special_ids(tokenizer)
    for token, number in table.items():
        if number not in special:
            plain = added.get(number)
            lengths[number] = measure(token) if plain is None else len(plain.encode())
    return lengths


def _measure(description: dict[str, Any]) -> Any:
    """How many bytes a token of this kind of tokenizer stands for, as a function of the token."""
    if '"ByteLevel"' in json.dumps([description["decoder"], description["pre_tokenizer"]]):
        return _bytes_of_letters
    if description["model"]["type"] == "WordPiece":
        return _bytes_of_word_piece
    return _bytes_of_sentence_piece


def _bytes_of_letters(token: str) -> int:
    known = character_bytes()
    return sum(1 if letter in known else len(letter.encode()) for letter in token)


def _bytes_of_word_piece(token: str) -> int:
    return len(token.removeprefix("##").encode())


def _bytes_of_sentence_piece(token: str) -> int:
    return 1 if _BYTE_TOKEN.fullmatch(token) else len(token.replace("▁", " ").encode())


def token_bytes(token: str) -> bytes:
    """The bytes a token of a byte-level tokenizer stands for.

    Raises:
        KeyError: it has a letter that stands for no byte.
    """
    known = character_bytes()
    return bytes(known[letter] for letter in token)


def is_byte_level(description: dict[str, Any]) -> bool:
    """Whether ``tokenizer.json`` is BPE over all 256 bytes and nothing changes text before it."""
    model = description["model"]
    return (
        model["type"] == "BPE"
        and description["normalizer"] is None
        and not model.get("ignore_merges")
        and not model.get("dropout")
        and all(letter in model["vocab"] for letter in byte_characters())
    )
