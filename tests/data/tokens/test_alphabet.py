from __future__ import annotations

from collections import Counter

from tokenizers import pre_tokenizers

from zaohua.data.tokens.alphabet import (
    byte_characters,
    character_merges,
    own_characters,
    spelled,
)


def test_the_alphabet_is_that_of_the_tokenizers_library() -> None:
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    assert set(byte_characters()) == set(pre_tokenizers.ByteLevel.alphabet())
    for text in ("plain", "床前 明月\n", "😀\x00é"):
        assert cut.pre_tokenize_str(text)[0][0] == spelled(text)


def test_characters_are_made_of_their_bytes_from_the_left_each_pair_once() -> None:
    one, two, three = spelled("月")
    assert character_merges("月") == [(one, two), (one + two, three)]
    beside = spelled("朋")
    assert beside[:2] == one + two
    assert character_merges("月朋") == [(one, two), (one + two, three), (one + two, beside[2])]


def test_rare_characters_get_no_token_of_their_own() -> None:
    counts = Counter({"月": 5000, "花": 4000, "龘": 1, "a": 9000})
    assert own_characters(counts, 300) == ["月", "花"]


def test_at_most_half_of_the_vocabulary_is_single_characters() -> None:
    counts = Counter({chr(0x4E00 + n): 1000 for n in range(1000)})
    assert len(own_characters(counts, 600)) == 300
