"""The Pingshui rhyme book, in both scripts."""

from __future__ import annotations

import pytest

from zaohua.data.sets.poetry.rhymes import rhyme_book, rhyme_words


def test_the_book_has_106_rhymes_30_of_them_level() -> None:
    book = rhyme_book()
    names = set().union(*book.rhymes.values())
    assert len(names) == 106
    assert len(book.level) == 30


@pytest.mark.parametrize("pair", ["東空", "东空", "流樓", "流楼", "曉鳥", "晓鸟", "聲情", "声情"])
def test_characters_rhyme_in_either_script(pair: str) -> None:
    assert rhyme_book().all_rhyme(pair)


@pytest.mark.parametrize("pair", ["東冬", "真文", "山流", "鸟楼"])
def test_neighbouring_rhymes_of_the_book_are_not_one(pair: str) -> None:
    assert not rhyme_book().all_rhyme(pair)


def test_variants_are_found_by_their_regular_form() -> None:
    book = rhyme_book()
    assert book.rhymes_of("疎") == book.rhymes_of("疏") == book.rhymes_of("踈") != frozenset()
    assert "上平聲八齊" in book.rhymes_of("啼")


def test_a_repeated_character_is_no_rhyme() -> None:
    assert not rhyme_book().all_rhyme("流流")
    assert rhyme_book().largest_rhyme("流流") == 1
    assert not rhyme_book().all_rhyme("流")


def test_the_largest_rhyme_counts_different_characters() -> None:
    assert rhyme_book().largest_rhyme("流楼秋山") == 3
    assert rhyme_book().largest_rhyme("") == 0


def test_tones_are_level_oblique_or_either() -> None:
    book = rhyme_book()
    assert book.tone_of("山") == "level"
    assert book.tone_of("月") == book.tone_of("鸟") == "oblique"
    assert book.tone_of("看") == "either"
    assert book.tone_of("A") is None


def test_the_rhyme_that_characters_share_has_its_short_name() -> None:
    book = rhyme_book()
    assert book.shared_rhyme("流楼") == "尤"
    assert book.shared_rhyme("东空") == "东"
    assert book.shared_rhyme("流山") == book.shared_rhyme("晓鸟") == book.shared_rhyme("") == ""
    assert book.all_in("流楼", "尤") and not book.all_in("流山", "尤")
    assert not book.all_in("", "尤")


def test_rhyme_words_end_the_even_lines() -> None:
    assert rhyme_words(["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]) == ["流", "楼"]
