from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.cleaning.making import (
    CHINESE,
    ENGLISH,
    chat,
    random_chinese,
    random_english,
    reason,
    text,
)
from zaohua.data.cleaning.harmful import HarmfulWords
from zaohua.data.cleaning.quality import Composition, Length, Lines
from zaohua.data.cleaning.repetition import Repetition
from zaohua.errors import NotFoundError, UsageError

POEM = (
    "空山新雨后，天气晚来秋。\n明月松间照，清泉石上流。\n"
    "竹喧归浣女，莲动下渔舟。\n随意春芳歇，王孙自可留。"
)
MODERN_POEM = "轻轻的我走了\n正如我轻轻的来\n我轻轻的招手\n作别西天的云彩"


@pytest.mark.parametrize("good", [CHINESE, ENGLISH, POEM, MODERN_POEM, CHINESE + "\n" + ENGLISH])
def test_good_text_passes_every_rule(good: str) -> None:
    for step in (Length(), Composition(), Lines(), Repetition(), HarmfulWords()):
        assert step.apply(text(good)) == text(good)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("短", "too_short"),
        ("two words", "too_short"),
        ("a five word sentence passes", None),
        ("十个字的中文就足够了", None),
        ("长" * 200_001, "too_long"),
    ],
)
def test_length(said: str, expected: str | None) -> None:
    assert reason(Length().apply(text(said))) == expected


def test_length_of_conversations_is_of_all_turns() -> None:
    assert reason(Length().apply(chat("Hi", "Hello, what can I do?"))) is None
    assert reason(Length(least_words=None).apply(text("hi"))) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("价格 ￥￥￥ ++ == 买 ←←←", "symbols"),
        ("1 2 3 4 5 6 7 88 99 total items", "digits"),
        ("表 12345 67890 合计 13579", "digits"),
        ("# go #now #see #all #the #tags", "signs"),
        ("走……走……走……走……", "signs"),
        ("-- ?? !! one .. ;; two", "few_letters"),
        ("好！！！，，，。。。、、、；；；", "few_letters"),
        ("a b c d e f g h i j k", "word_length"),
        ("supercalifragilistic internationalisation", "word_length"),
        (random_english(1, 60), "few_common_words"),
        ("".join(chr(0x7A00 + 3 * i) for i in range(60)), "few_common_characters"),
    ],
)
def test_composition(said: str, expected: str) -> None:
    assert reason(Composition().apply(text(said))) == expected


def test_rules_can_be_switched_off_and_spare_conversations() -> None:
    off = Composition(
        most_signs=None,
        most_symbols=None,
        most_digits=None,
        least_letters=None,
        word_length=None,
        least_common=None,
    )
    for said in ("== ++ 12 34", "# # # #", random_english(1, 60)):
        assert reason(off.apply(text(said))) is None
    assert reason(Composition().apply(chat("1+1=?", "2"))) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("\n".join(f"- point number {i} ends here." for i in range(9)), "bullets"),
        ("\n".join(f"● 第{i}点说明完了。" for i in range(9)), "bullets"),
        (
            "\n".join(f"Read what happened to the {i} people in the town..." for i in range(9)),
            "ellipses",
        ),
        ("\n".join(f"震惊！第{i}个秘密竟然是这样……" for i in range(9)), "ellipses"),
        (
            "\n".join(["Home", "About", "News", "Contact", "Login", "A sentence ends here."]),
            "short_lines",
        ),
        (
            "\n".join(["首页", "新闻", "体育", "财经", "汽车", "这一句是完整的句子。"]),
            "short_lines",
        ),
        (
            "\n".join(f"this is a heading of thirty and more letters {i}" for i in range(9)),
            "no_sentence_ends",
        ),
        ("function f() { if (x) { y() } else { z() } } {}{}", "braces"),
    ],
)
def test_lines(said: str, expected: str) -> None:
    assert reason(Lines().apply(text(said))) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("\n".join([ENGLISH, "The same line comes again and again."] * 4), "repeated_lines"),
        ("\n\n".join([CHINESE] * 2), "repeated_paragraphs"),
        ((ENGLISH[:90] + " ") * 3, "top_2_gram"),
        (("买房就找我们，" * 12) + CHINESE[:20], "top_2_gram"),
        (CHINESE + CHINESE[:60], "repeated_5_grams"),
        (ENGLISH + " " + ENGLISH[:120], "repeated_5_grams"),
    ],
)
def test_repetition(said: str, expected: str) -> None:
    found = reason(Repetition().apply(text(said)))
    if expected.startswith("top"):
        assert found is not None and found.split("_")[0] in ("top", "repeated")
    else:
        assert found == expected


def plain_share_repeated(words: list[str], n: int) -> float:
    seen: set[tuple[str, ...]] = set()
    inside: set[int] = set()
    for i in range(len(words) - n + 1):
        gram = tuple(words[i : i + n])
        if gram in seen:
            inside.update(range(i, i + n))
        seen.add(gram)
    return sum(len(words[i]) for i in inside) / sum(map(len, words))


def plain_share_top(words: list[str], n: int) -> float:
    grams = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    best = max(grams.values(), default=0)
    if best < 3:
        return 0
    shares = {sum(map(len, gram)) * best for gram, times in grams.items() if times == best}
    return max(shares) / sum(map(len, words))


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]), min_size=40))
def test_repeated_n_grams_are_those_of_the_plain_definition(words: list[str]) -> None:
    for n, limit in ((2, 0.5), (5, 0.15), (10, 0.1)):
        found = reason(Repetition(top=(), repeated=((n, limit),)).apply(text(" ".join(words))))
        assert (found is not None) == (plain_share_repeated(words, n) > limit)


@given(st.lists(st.sampled_from(["aa", "bb", "cc"]), min_size=40, max_size=90))
def test_top_n_grams_are_those_of_the_plain_definition(words: list[str]) -> None:
    rules = ((2, 0.35), (3, 0.3), (4, 0.2))
    found = reason(Repetition(top=rules, repeated=()).apply(text(" ".join(words))))
    broken = [f"top_{n}_gram" for n, limit in rules if plain_share_top(words, n) > limit]
    assert found == (broken[0] if broken else None)


def test_repetition_in_one_turn_of_a_conversation() -> None:
    assert reason(Repetition().apply(chat("Say it", "no no no " * 30))) is not None
    assert reason(Repetition().apply(chat(ENGLISH, ENGLISH))) is None
    assert reason(Repetition().apply(text("好" * 30))) is None


@pytest.mark.parametrize("seed", range(3))
def test_random_text_is_not_repetitive(seed: int) -> None:
    for said in (random_chinese(seed, 500), random_english(seed, 500)):
        assert reason(Repetition().apply(text(said))) is None


def test_harmful_words(tmp_path: Path) -> None:
    assert (
        reason(HarmfulWords().apply(text("百家乐 六合彩 真人娱乐 注册送彩金"))) == "harmful_words"
    )
    assert (
        reason(HarmfulWords().apply(text("Free spins! Casino bonus, online betting")))
        == "harmful_words"
    )
    once = f"警方打掉一个赌博网站。{CHINESE}"
    assert reason(HarmfulWords().apply(text(once))) is None
    assert reason(HarmfulWords().apply(text("Essex, Scunthorpe and the pornographer " * 3))) is None
    words = tmp_path / "words.txt"
    words.write_text("# ours\n坏词\nbadword\n", "utf-8")
    own = HarmfulWords(extra=words)
    assert reason(own.apply(text("坏词 BADWORD 坏词"))) == "harmful_words"
    assert reason(HarmfulWords().apply(text("坏词 BADWORD 坏词"))) is None


def test_a_bad_word_list_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        HarmfulWords(extra=tmp_path / "none.txt")
    (tmp_path / "gbk.txt").write_bytes("坏词".encode("gbk"))
    with pytest.raises(UsageError, match="UTF-8"):
        HarmfulWords(extra=tmp_path / "gbk.txt")


@pytest.mark.parametrize(
    "hostile", ["a" * 300_000, "的" * 300_000, "\n" * 300_000, "# " * 150_000, "…" * 200_000, ""]
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    began = time.process_time()
    for step in (Length(), Composition(), Lines(), Repetition(), HarmfulWords()):
        step.apply(text(hostile))
    assert time.process_time() - began < 4
