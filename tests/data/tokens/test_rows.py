from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests.data.tokens import kinds
from tests.data.tokens.corpus import chat_record, dataset, text_records, texts
from zaohua.data.records import Record
from zaohua.data.tokens import encode, rows
from zaohua.data.tokens.labelled import LabelledRows
from zaohua.data.tokens.packed import PackedRows
from zaohua.data.tokens.rows import IGNORE, Row, Rows
from zaohua.data.tokens.shards import Shard
from zaohua.data.tokens.stream import StreamRows
from zaohua.errors import UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

PAD = 3
NO_BYTES = np.zeros(10, dtype=np.int32)

lengths = st.integers(8, 20)
bodies = st.lists(st.integers(0, 45), min_size=1, max_size=12)


def text_shard(name: str, sizes: list[int], first: int, *, shared: bool) -> Shard:
    """Documents of unlike tokens from ``first`` on between 0 and 0, or between 1 and 2."""
    tokens: list[int] = []
    starts = [0]
    for size in sizes:
        body = list(range(first, first + size))
        first += size
        tokens += [0, *body] if shared else [1, *body, 2]
        starts.append(len(tokens))
    tokens += [0] if shared else []
    return Shard(name, np.array(tokens, dtype=np.uint32), np.array(starts), None, None)


def chat_shard(sizes: list[int], learned: list[bool]) -> Shard:
    """Documents of unlike tokens from 100 on, of which the marked ones are to be learned."""
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    tokens = np.arange(100, 100 + starts[-1], dtype=np.uint32)
    marks = np.array(learned[: len(tokens)], dtype=np.bool_)
    marks[starts[:-1]] = False
    return Shard("train-00000", tokens, starts, marks, None)


def targets(found: Rows) -> Counter[int]:
    """What is learned over all rows."""
    return Counter(
        int(target)
        for row in map(found.__getitem__, range(len(found)))
        for target in row.targets
        if target != IGNORE
    )


def check_shape(row: Row, length: int) -> None:
    assert row.tokens.shape == row.targets.shape == row.segments.shape == (length,)
    assert (row.tokens.dtype, row.targets.dtype, row.segments.dtype) == (
        np.int64,
        np.int64,
        np.int32,
    )
    padding = row.segments == 0
    assert (row.tokens[padding] == PAD).all()
    assert (row.targets[padding] == IGNORE).all()


@hypothesis(deadline=None)
@given(st.booleans(), lengths, st.lists(bodies, min_size=1, max_size=3))
def test_a_stream_loses_no_token_and_learns_each_once(
    shared: bool, length: int, parts: list[list[int]]
) -> None:
    shards = [
        text_shard(f"s{n}", sizes, 100 + 1000 * n, shared=shared) for n, sizes in enumerate(parts)
    ]
    found = StreamRows(shards, length, PAD, NO_BYTES, shared=shared)
    words = Counter(int(t) for shard in shards for t in shard.tokens if t >= 100)
    assert {t: n for t, n in targets(found).items() if t >= 100} == words
    seen = Counter(int(t) for n in range(len(found)) for t in found[n].tokens if t >= 100)
    assert seen == words
    ends = sum(len(shard.tokens) - 1 if shared else shard.documents for shard in shards)
    assert targets(found)[0 if shared else 2] == (ends - words.total() if shared else ends)
    assert targets(found)[1] == 0
    for number in range(len(found)):
        check_shape(found[number], length)
        assert found.lengths[number] == (found[number].segments > 0).sum()


@hypothesis(deadline=None)
@given(st.booleans(), lengths, st.lists(bodies, min_size=1, max_size=3))
def test_packing_loses_no_token_and_learns_each_once(
    shared: bool, length: int, parts: list[list[int]]
) -> None:
    shards = [
        text_shard(f"s{n}", sizes, 100 + 1000 * n, shared=shared) for n, sizes in enumerate(parts)
    ]
    found = PackedRows(shards, length, PAD, NO_BYTES, shared=shared)
    words = Counter(int(t) for shard in shards for t in shard.tokens if t >= 100)
    learned = targets(found)
    assert {t: n for t, n in learned.items() if t >= 100} == words
    assert learned[0 if shared else 2] == sum(shard.documents for shard in shards)
    seen = Counter(int(t) for n in range(len(found)) for t in found[n].tokens if t >= 100)
    assert seen == words


@hypothesis(deadline=None)
@given(lengths, st.lists(st.integers(1, 60), min_size=1, max_size=15), st.data())
def test_packed_conversations_learn_each_marked_token_once(
    length: int, sizes: list[int], data: st.DataObject
) -> None:
    marks = data.draw(st.lists(st.booleans(), min_size=sum(sizes), max_size=sum(sizes)))
    shard = chat_shard(sizes, marks)
    found = PackedRows([shard], length, PAD, NO_BYTES, shared=False)
    assert shard.learned is not None
    assert targets(found) == Counter(shard.tokens[shard.learned].tolist())
    for number in range(len(found)):
        row = found[number]
        check_shape(row, length)
        assert (row.targets != IGNORE).any(), "a row without targets would give NaN"


@hypothesis(deadline=None)
@given(lengths, st.lists(st.integers(2, 60), min_size=1, max_size=15))
def test_a_segment_holds_one_document_in_order_and_is_a_run(length: int, sizes: list[int]) -> None:
    shard = chat_shard(sizes, [True] * sum(sizes))
    found = PackedRows([shard], length, PAD, NO_BYTES, shared=False)
    for number in range(len(found)):
        row = found[number]
        used = row.segments[row.segments > 0]
        assert (np.diff(used) >= 0).all()
        assert set(used.tolist()) == set(range(1, int(used.max()) + 1))
        for segment in range(1, int(used.max()) + 1):
            tokens = row.tokens[row.segments == segment]
            assert (np.diff(tokens) == 1).all()
            document = np.searchsorted(shard.starts, tokens - 100, side="right")
            assert len(set(document.tolist())) == 1
            follow = row.targets[row.segments == segment]
            assert (follow == tokens + 1).all()


def test_a_conversation_longer_than_the_row_teaches_all_its_answers() -> None:
    shard = chat_shard([50], [False] * 20 + [True] * 15 + [False] * 10 + [True] * 5)
    found = PackedRows([shard], 10, PAD, NO_BYTES, shared=False)
    assert targets(found) == Counter([*range(120, 135), *range(145, 150)])
    assert found.figures["dropped_pieces"] == 1, "positions 0 to 9 teach nothing"
    assert len(found) == 4


def test_rows_are_the_same_every_time_and_bounded_by_the_best_possible() -> None:
    draw = np.random.default_rng(1)
    sizes = draw.integers(2, 200, 3000).tolist()
    shard = chat_shard(sizes, [True] * sum(sizes))
    first, again = (PackedRows([shard], 256, PAD, NO_BYTES, shared=False) for _ in range(2))
    assert first.figures["utilisation"] > 0.99
    for number in (0, 7, len(first) - 1):
        assert first[number].tokens.tolist() == again[number].tokens.tolist()
        assert first.origin(number) == again.origin(number)


def test_the_origin_of_a_row_names_shard_and_documents() -> None:
    shards = [text_shard(f"train-0000{n}", [20] * 5, 100, shared=True) for n in range(2)]
    stream = StreamRows(shards, 16, PAD, NO_BYTES, shared=True)
    assert stream.origin(0) == "train-00000, documents 0 to 0"
    assert stream.origin(1) == "train-00000, documents 0 to 1"
    assert stream.origin(len(stream) - 1) == "train-00001, documents 4 to 4"
    packed = PackedRows(shards, 42, PAD, NO_BYTES, shared=True)
    assert packed.origin(0) == "train-00000 document 0, train-00000 document 1"
    assert packed.origin(2) == "train-00000 document 4, train-00001 document 0"


def test_an_empty_part_has_no_rows() -> None:
    for kind in (StreamRows, PackedRows, LabelledRows):
        assert len(kind([], 8, PAD, NO_BYTES, shared=False)) == 0
        empty = Shard("e", np.empty(0, np.uint16), np.zeros(1, np.int64), None, None)
        assert len(kind([empty], 8, PAD, NO_BYTES, shared=False)) == 0


def test_labelled_rows_keep_the_end_token_of_a_document_that_is_cut() -> None:
    for shared, start, end in ((True, 0, 0), (False, 1, 2)):
        shard = text_shard("s", [3, 20], 100, shared=shared)
        labelled = Shard(shard.name, shard.tokens, shard.starts, None, np.array([1, 0], np.int32))
        found = LabelledRows([labelled], 8, PAD, NO_BYTES, shared=shared)
        assert found[0].tokens.tolist() == [start, 100, 101, 102, end, PAD, PAD, PAD]
        assert found[1].tokens.tolist() == [start, *range(103, 109), end]
        assert [found[n].label for n in range(2)] == [1, 0]
        assert found[0].segments.tolist() == [1, 1, 1, 1, 1, 0, 0, 0]
        assert set(found[0].targets) == {IGNORE}
        assert found.figures == {"rows": 2, "truncated": 1}
        assert found.lengths.tolist() == [5, 8]


# From records on


def test_documents_of_a_stream_are_learned_with_their_end(
    settings: Settings, tokenizer: Artefact
) -> None:
    data = dataset(settings, "mixed", text_records(texts(120)), shard_bytes=6000)
    tokens = encode(data, tokenizer, "text", settings=settings)
    found = rows(tokens, "train", 32)
    learned = targets(found)
    assert learned.total() == tokens.manifest.metrics["train_learned"]
    assert learned[0] == 120, "the end of each document is learned"
    assert found.byte_lengths[list(learned.elements())].sum() == sum(
        len(text.encode()) for text in texts(120)
    )
    assert found.pad == 3


def test_documents_packed_whole_are_learned_with_their_end(
    settings: Settings, tokenizer: Artefact
) -> None:
    data = dataset(settings, "mixed", text_records(texts(120)), shard_bytes=6000)
    tokens = encode(data, tokenizer, "text", settings=settings)
    assert targets(rows(tokens, "train", 64, whole=True)) == targets(rows(tokens, "train", 32))


def test_the_rows_of_a_conversation_are_its_exact_mask(
    settings: Settings, tokenizer: Artefact
) -> None:
    talk = chat_record(0, "user: 寫", "assistant: 月", "user: more", "assistant: river")
    tokens = encode(dataset(settings, "talk", [talk]), tokenizer, "chat", settings=settings)
    found = rows(tokens, "train", 64, form="chat")
    assert len(found) == 1
    row = found[0]
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    assert loaded.decode(row.targets[row.targets != IGNORE]) == "月<|im_end|>river<|im_end|>"
    before = row.tokens[row.targets != IGNORE]
    assert loaded.decode(before) == "\n月\nriver"


def test_a_tokenizer_with_two_boundary_tokens_never_learns_the_first(
    settings: Settings, tmp_path: Path
) -> None:
    data = dataset(settings, "mixed", text_records(texts(30)))
    tokens = encode(data, kinds.sentence_piece(tmp_path / "t"), "text", settings=settings)
    for whole in (False, True):
        learned = targets(rows(tokens, "train", 32, whole=whole))
        assert learned[1] == 0
        assert learned[2] == 30
        assert learned.total() == tokens.manifest.metrics["train_learned"]


def test_tokens_of_another_form_or_rows_too_short_are_one_clear_line(
    settings: Settings, tokenizer: Artefact
) -> None:
    tokens = encode(
        dataset(settings, "m", text_records(texts(5))), tokenizer, "text", settings=settings
    )
    with pytest.raises(UsageError, match="of form 'text', not 'chat'"):
        rows(tokens, "train", 32, form="chat")
    with pytest.raises(UsageError, match="rows of 4 tokens are too short"):
        rows(tokens, "train", 4)


def test_labelled_texts_are_a_row_each_with_their_class(
    settings: Settings, tokenizer: Artefact
) -> None:
    records = [
        Record("m", n, text=t, label=t[0]) for n, t in enumerate(["月 good", "花 bad", "月"])
    ]
    tokens = encode(dataset(settings, "m", records), tokenizer, "labelled", settings=settings)
    found = rows(tokens, "train", 32, form="labelled")
    assert [found[n].label for n in range(3)] == [0, 1, 0]
