from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from tests.data.tokens import kinds
from tests.data.tokens.corpus import texts
from zaohua.data.tokens.encoders import encoder_for
from zaohua.data.tokens.loading import (
    Boundaries,
    boundaries,
    byte_lengths,
    load_tokenizer,
    pad_id,
)
from zaohua.errors import IntegrityError, NotFoundError
from zaohua.store.artefacts import Artefact

TEXT = "".join(texts(30)) + "龘😀 é"


def measured(folder: Path) -> int:
    """Bytes of `TEXT` by its tokens."""
    loaded = load_tokenizer(folder)
    return int(byte_lengths(loaded)[encoder_for(loaded).plain([TEXT])[0]].sum())


def test_the_bytes_of_tokens_add_up_to_those_of_the_text(tokenizer: Artefact) -> None:
    assert measured(tokenizer.path) == len(TEXT.encode())


def test_special_tokens_stand_for_no_bytes(tokenizer: Artefact) -> None:
    lengths = byte_lengths(load_tokenizer(tokenizer))
    assert len(lengths) == 800
    assert lengths[:6].tolist() == [0] * 6
    assert (lengths[6:] > 0).all()


def test_bytes_of_a_sentence_piece_tokenizer_add_up_but_for_the_space_it_puts_first(
    tmp_path: Path,
) -> None:
    assert measured(kinds.sentence_piece(tmp_path)) == len(TEXT.encode()) + 1


def test_bytes_of_a_word_piece_tokenizer_are_those_of_letters(tmp_path: Path) -> None:
    loaded = load_tokenizer(kinds.word_piece(tmp_path))
    lengths = byte_lengths(loaded)
    ids = encoder_for(loaded).plain(["the river"])[0]
    assert lengths[ids].sum() == len("theriver")
    assert lengths[loaded.cls_token_id] == 0


def test_documents_stand_between_the_tokens_their_tokenizer_has_for_it(
    tokenizer: Artefact, tmp_path: Path
) -> None:
    assert boundaries(load_tokenizer(tokenizer)) == Boundaries(0, 0)
    assert boundaries(load_tokenizer(tokenizer)).shared
    llama = load_tokenizer(kinds.sentence_piece(tmp_path / "llama"))
    assert boundaries(llama) == Boundaries(1, 2)
    bert = load_tokenizer(kinds.word_piece(tmp_path / "bert"))
    assert boundaries(bert) == Boundaries(bert.cls_token_id, bert.sep_token_id)


def test_a_chat_model_with_turn_tokens_for_start_and_end_keeps_its_document_token(
    tokenizer: Artefact, tmp_path: Path
) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    loaded.bos_token, loaded.eos_token = "<|im_start|>", "<|im_end|>"
    loaded.save_pretrained(tmp_path)
    assert boundaries(load_tokenizer(tmp_path)) == Boundaries(0, 0)


def test_padding_falls_back_to_the_end_token(tokenizer: Artefact, tmp_path: Path) -> None:
    assert pad_id(load_tokenizer(tokenizer)) == 3
    assert pad_id(load_tokenizer(kinds.sentence_piece(tmp_path))) == 2


def test_no_folder_and_no_tokenizer_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no tokenizer here"):
        load_tokenizer(tmp_path / "none")
    with pytest.raises(IntegrityError, match="the tokenizer cannot be read"):
        load_tokenizer(tmp_path)
