from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.cleaning.making import (
    CHINESE,
    ENGLISH,
    chat,
    kept,
    random_chinese,
    random_english,
    reason,
    text,
)
from zaohua.data.cleaning.contamination import Decontaminate
from zaohua.data.cleaning.duplicates import (
    DuplicateLines,
    ExactDuplicates,
    SeenHashes,
    document_key,
)
from zaohua.data.cleaning.near_duplicates import NearDuplicates, similarity
from zaohua.data.cleaning.shingles import distinct, ngram_hashes, seen_before
from zaohua.data.records import Dropped, Record, Turn


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60), st.integers(1, 8))
def test_n_grams_with_equal_hashes_are_equal(units: list[int], n: int) -> None:
    array = np.array(units, dtype=np.uint64)
    hashes = ngram_hashes(array, n).tolist()
    grams = [tuple(units[i : i + n]) for i in range(len(units) - n + 1)]
    assert len(hashes) == len(grams)
    assert len(set(hashes)) == len(set(grams))
    first = {gram: i for i, gram in reversed(list(enumerate(grams)))}
    expected = [first[gram] < i for i, gram in enumerate(grams)]
    assert seen_before(ngram_hashes(array, n)).tolist() == expected
    assert distinct(ngram_hashes(array, n)).tolist() == sorted(set(hashes))


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(1, 40), max_size=300))
def test_seen_hashes_are_a_set(values: list[int]) -> None:
    seen, known = SeenHashes(10_000), set()
    for value in values:
        assert seen.add(value) == ((value or 1) in known)
        known.add(value or 1)


def test_seen_hashes_grow_and_then_forget_the_oldest() -> None:
    seen = SeenHashes(5000)
    assert not any(seen.add(value) for value in range(1, 5001))
    assert all(seen.add(value) for value in range(1, 5001))
    assert not any(seen.add(value) for value in range(5001, 15_001))
    assert all(seen.add(value) for value in range(10_001, 15_001))
    assert not seen.add(1)


def test_exact_duplicates_differ_in_spaces_and_case_at_most() -> None:
    step = ExactDuplicates()
    outcomes = [
        step.apply(text(said, i))
        for i, said in enumerate(
            ("Hello, World", "hello  world!", "Hello worlds", "你好。", "你好", "…", "!")
        )
    ]
    assert [isinstance(outcome, Dropped) for outcome in outcomes] == [
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]


def test_who_says_it_counts_and_labels_count() -> None:
    one = chat("a", "b")
    other = Record("test", 0, messages=(Turn("user", "a"), Turn("user", "b")))
    glued = chat("ab")
    labelled = Record("test", 0, text="good", label="positive")
    keys = {document_key(record) for record in (one, other, glued, labelled, text("good"))}
    assert len(keys) == 5
    against = replace(labelled, label="negative")
    assert document_key(against) != document_key(labelled)
    assert document_key(against, labelled=False) == document_key(text("good"), labelled=False)


def test_lines_seen_before_go() -> None:
    step = DuplicateLines()
    shared = "This line stands on every page of the site"
    assert kept(step.apply(text(f"{shared}\n{ENGLISH}"))).text == f"{shared}\n{ENGLISH}"
    assert kept(step.apply(text(f"{shared.upper()}\nshort\n{CHINESE}"))).text == f"short\n{CHINESE}"
    assert reason(step.apply(text(f"{shared}\n{shared}"))) == "duplicate_lines"
    conversation = chat(shared, shared)
    assert step.apply(conversation) is conversation


def changed(said: str, share: float, seed: int) -> str:
    chance = random.Random(seed)
    units = said.split(" ") if " " in said else list(said)
    for _ in range(int(len(units) * share)):
        units[chance.randrange(len(units))] = chance.choice(units)
    return (" " if " " in said else "").join(units)


def test_near_duplicates_are_found_and_others_are_not() -> None:
    for make, size in ((random_chinese, 400), (random_english, 300)):
        step = NearDuplicates()
        originals = [make(seed, size) for seed in range(100)]
        for i, said in enumerate(originals):
            assert reason(step.apply(text(said, i))) is None
        found = sum(
            reason(step.apply(text(changed(said, 0.01, i), i))) == "near_duplicate"
            for i, said in enumerate(originals)
        )
        assert found >= 98
        different = sum(
            reason(step.apply(text(changed(said, 0.3, i), i))) is not None
            for i, said in enumerate(originals)
        )
        assert different == 0


def test_the_first_is_kept_and_runs_agree() -> None:
    records = [text(changed(random_chinese(i % 7, 300), 0.01, i), i) for i in range(40)]
    once = [reason(step.apply(record)) for step in [NearDuplicates()] for record in records]
    again = [reason(step.apply(record)) for step in [NearDuplicates()] for record in records]
    assert once == again
    assert once[:7] == [None] * 7


def test_memory_of_near_duplicates_is_bounded() -> None:
    step = NearDuplicates(memory=100_000)
    for i in range(200):
        step.apply(text(random_chinese(i, 300), i))
    assert reason(step.apply(text(random_chinese(199, 300)))) == "near_duplicate"
    assert reason(step.apply(text(random_chinese(0, 300)))) is None
    assert len(step._kept) < 30
    assert sum(len(tuple(step._in(band))) for band in step._buckets) == 21 * len(step._kept)


def test_short_texts_are_not_near_anything() -> None:
    step = NearDuplicates()
    assert [reason(step.apply(text(said))) for said in ("你好吗", "你好吗", "", "ok")] == [None] * 4


@given(st.sets(st.integers(0, 3000), min_size=1), st.sets(st.integers(0, 3000), min_size=1))
def test_similarity_is_jaccard(first: set[int], second: set[int]) -> None:
    a, b = (np.array(sorted(s), dtype=np.uint64) for s in (first, second))
    assert similarity(a, b, 10_000) == pytest.approx(len(first & second) / len(first | second))


def test_similarity_of_long_documents_is_close() -> None:
    chance = np.random.default_rng(1)
    pool = chance.integers(0, 2**63, 9000).astype(np.uint64)
    a, b = distinct(pool[:8000]), distinct(pool[1000:])
    assert similarity(a[:1024], b[:1024], 1024) == pytest.approx(7000 / 9000, abs=0.05)


def test_evaluation_texts_are_kept_out() -> None:
    step = Decontaminate(
        texts=[ENGLISH, CHINESE, "what is the capital of the country France", "太短了"]
    )
    start = ENGLISH.split()
    copied = " ".join(start[5:18]).upper()
    assert reason(step.apply(text(f"Once upon a time {copied}? and so on"))) == "contaminated"
    assert reason(step.apply(text("So " + " ".join(start[5:17]) + " and so on"))) is None
    assert reason(step.apply(text(f"他说{CHINESE[3:20]} {CHINESE[20:40]}走了"))) == "contaminated"
    assert reason(step.apply(text(f"他说{CHINESE[3:28]}走了"))) is None
    question = chat("Hi", "What is the capital of the country, France?")
    assert reason(step.apply(question)) == "contaminated"
    assert reason(step.apply(text("太短了"))) is None
    assert reason(Decontaminate(texts=[]).apply(text(ENGLISH))) is None
