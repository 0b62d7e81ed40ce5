from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests.data.tokens.corpus import texts
from zaohua.data.tokens.bpe import assemble, learn_merges, vocabulary
from zaohua.data.tokens.chatml import SPECIAL_TOKENS
from zaohua.data.tokens.loading import token_bytes
from zaohua.data.tokens.splits import split_of

CORPUS = texts(400)
MERGES = learn_merges(CORPUS, 600, split_of(1))
TOKENIZER = assemble(SPECIAL_TOKENS, MERGES, split_of(1))


def readable(vocab_size: int = 760, longest_chinese: int = 0) -> list[str]:
    merges = learn_merges(CORPUS, vocab_size, split_of(1), longest_chinese)
    made = [token_bytes(left + right) for left, right in merges]
    return [token.decode() for token in made if _whole(token)]


def _whole(token: bytes) -> bool:
    try:
        return bool(token.decode())
    except UnicodeDecodeError:
        return False


def test_training_twice_gives_the_same_merges() -> None:
    assert learn_merges(CORPUS, 600, split_of(1)) == MERGES


def test_the_vocabulary_is_special_tokens_then_all_bytes_then_merges() -> None:
    table = vocabulary(SPECIAL_TOKENS, MERGES)
    assert [table[token] for token in SPECIAL_TOKENS] == [0, 1, 2, 3, 4]
    assert {token_bytes(t) for t, n in table.items() if 5 <= n < 261} == {
        bytes([byte]) for byte in range(256)
    }
    assert TOKENIZER.get_vocab_size() == 605


def test_no_token_holds_a_part_of_a_character_beside_anything_else() -> None:
    for left, right in MERGES:
        token = token_bytes(left + right)
        if not _whole(token):
            assert re.fullmatch(rb"[\xc2-\xf4][\x80-\xbf]{1,2}", token), token


def test_chinese_words_and_english_words_are_both_found() -> None:
    tokens = readable()
    assert "明月" in tokens
    assert " the" in tokens


def test_punctuation_is_in_no_token_with_chinese_characters() -> None:
    mixed = [t for t in readable() if re.search("[，。]", t) and re.search("[\u4e00-\u9fff]", t)]
    assert mixed == []


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_chinese_tokens_are_no_longer_than_asked(longest: int) -> None:
    runs = [re.findall("[\u4e00-\u9fff]+", token) for token in readable(700, longest)]
    assert max(len(run) for found in runs for run in found) == longest


@pytest.mark.parametrize(("digits", "pieces"), [(1, ["1", "2", "3", "4"]), (3, ["123", "4"])])
def test_digits_are_cut_one_by_one_or_in_threes(digits: int, pieces: list[str]) -> None:
    cut = assemble([], [], split_of(digits)).pre_tokenizer  # type: ignore[arg-type]
    assert [piece for piece, _ in cut.pre_tokenize_str("1234")] == pieces


@hypothesis(deadline=None)
@given(st.text())
def test_every_text_comes_back_as_it_was(text: str) -> None:
    ids = TOKENIZER.encode(text, add_special_tokens=False).ids
    assert TOKENIZER.decode(ids, skip_special_tokens=False) == text


def test_text_too_poor_for_the_vocabulary_gives_fewer_merges() -> None:
    assert len(learn_merges(["ab ab ab"], 1000, split_of(1))) < 10
