"""OpenVINO behind our pipeline: weights in few bits, blocks of the cache, graphs, and all of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.generate.streams import QUOTED, ask
from zaohua.generate.collect import collect
from zaohua.generate.events import PromptProgress
from zaohua.generate.formats import BITS, Bits
from zaohua.generate.openvino.blocks import BLOCK, Blocks, Held
from zaohua.generate.openvino.graph import GRAPH, Compiled
from zaohua.generate.openvino.quality import bits_of_graph
from zaohua.generate.openvino.weights import GROUPS, grouped
from zaohua.generate.pipeline.pieces import Piece
from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Message, Sampling
from zaohua.generate.tuning.quality import TEXTS

GREEDY = Sampling(max_tokens=24, temperature=0)
LONG = "Once upon a time there was a mill by the river. "


@pytest.mark.parametrize("bits", sorted(BITS.values()))
@pytest.mark.parametrize("group", GROUPS)
def test_values_are_off_by_half_a_step_at_most(group: int, bits: Bits) -> None:
    matrix = np.random.default_rng(0).normal(0, 0.1, (8, 256)).astype(np.float32)
    matrix[0] = 0
    matrix[1] = np.abs(matrix[1])
    small = grouped(matrix, group, bits)
    steps = np.repeat(small.steps[..., 0].astype(np.float32), group, axis=1)
    assert small.values.max() == 2**bits - 1
    near = 0.502 if bits == 4 else 0.6  # a step's own rounding, to float16, shows with many steps
    assert (np.abs(small.dense() - matrix) <= near * steps + 1e-6).mean() > 0.99
    assert (np.abs(small.dense() - matrix) <= 1.01 * steps).all()
    assert not small.dense()[0].any()


def test_who_begins_alike_shares_blocks() -> None:
    blocks = Blocks(8)
    text = list(range(3 * BLOCK + 5))
    first = blocks.begin(text)
    assert first.blocks == []
    assert blocks.extend(first, len(text))
    blocks.fill(first, text, len(text))
    second = blocks.begin([*text[: 2 * BLOCK], 7, *text])
    assert second.blocks == first.blocks[:2]
    assert second.known == 2 * BLOCK
    assert blocks.begin(text, fresh=True).known == 0
    again = blocks.begin(text[: 3 * BLOCK])
    assert again.blocks == first.blocks[:2], "the last token is to be read"
    for held in (first, second, again):
        blocks.release(held)
    assert blocks.available == 8
    assert blocks.begin(text).blocks != []


def test_what_is_known_goes_last_and_oldest_first() -> None:
    blocks = Blocks(4)
    old, new = list(range(BLOCK + 1)), list(range(100, 101 + BLOCK))
    for text in (old, new):
        held = blocks.begin(text)
        assert blocks.extend(held, len(text))
        blocks.fill(held, text, len(text))
        blocks.release(held)
    taken = Held()
    assert blocks.extend(taken, 3 * BLOCK)
    assert blocks.begin(old).blocks == []
    assert len(blocks.begin(new).blocks) == 1


def test_too_many_blocks_are_not_had_and_nothing_changes() -> None:
    blocks = Blocks(2)
    held = Held()
    assert not blocks.extend(held, 3 * BLOCK)
    assert held.blocks == []
    assert blocks.available == 2


def held(blocks: Sequence[int]) -> Held:
    """These blocks."""
    return Held(list(blocks))


@pytest.mark.slow
def test_the_graph_knows_as_much_as_the_file(int4: Path) -> None:
    """bench and `zaohua engine tune` measure it exactly."""
    assert 0.5 < bits_of_graph(int4, dict(list(TEXTS.items())[:1]), 2) < 2.0


@pytest.mark.slow
def test_eight_bits_lose_less_than_four(int4: Path, int8: Path) -> None:
    text = dict(list(TEXTS.items())[:1])
    assert bits_of_graph(int8, text, 2) < 0.97 * bits_of_graph(int4, text, 2)


def test_other_threads_go_on_while_it_computes(int8: Path) -> None:
    """Who comes meanwhile is let in by one; OpenVINO's own pipeline keeps Python to itself."""
    graph = Compiled(int8, "f32", 2)
    graph.use(graph.new_cache(64))
    graph.warm()
    done, gaps = threading.Event(), [time.perf_counter()]

    def watch() -> None:
        while not done.wait(0.001):
            gaps.append(time.perf_counter())

    watching = threading.Thread(target=watch)
    watching.start()
    begun = time.perf_counter()
    graph.logits([Piece([5] * 1500, 0, held(range(64)))])
    seconds = time.perf_counter() - begun
    done.set()
    watching.join()
    assert seconds > 0.2, "long enough to tell"
    assert max(np.diff(gaps)) < seconds / 2


@pytest.mark.parametrize("weights", sorted(BITS))
def test_what_comes_of_a_token_does_not_depend_on_what_is_beside_it(
    weights: str, request: pytest.FixtureRequest
) -> None:
    graph = Compiled(request.getfixturevalue(weights), "f32", 2)
    graph.use(graph.new_cache(64))
    text = np.random.default_rng(3).integers(5, 20_000, 200).tolist()
    other = Piece(text[::-1][:150], 0, held(range(20, 40)))
    read = 161

    def then(count: int) -> list[Piece]:
        return [Piece([text[read + n]], read + n, held(range(8))) for n in range(count)]

    graph.logits([Piece(text[:read], 0, held(range(8)))])
    together = graph.logits(then(12)).copy()
    graph.logits([Piece(text[:70], 0, held(range(8))), other])
    graph.logits([Piece(text[70:read], 70, held(range(8)))])
    one_by_one = [graph.logits([piece])[0].copy() for piece in then(12)]
    beside = graph.logits([other, *then(12)])[1:]
    assert (together == one_by_one).all()
    assert (together == beside).all()


async def test_many_at_once_say_what_each_says_alone(mixed) -> None:
    asked = [ask(f"What is the capital of {c}?", sampling=GREEDY) for c in ("France", "Italy")]
    alone = [(await collect(mixed.chat(request))).text for request in asked]
    together = await asyncio.gather(*(collect(mixed.chat(request)) for request in asked * 3))
    assert [answer.text for answer in together] == alone * 3
    assert "Paris" in alone[0]


async def test_a_seed_gives_the_same_text_whatever_was_read_or_is_beside_it(mixed, caplog) -> None:
    caplog.set_level("INFO")
    story = Sampling(40, temperature=1.0, seed=7)
    other = Sampling(40, temperature=1.0, seed=8)
    asked = [ask(f"{LONG * 9} Go on.", sampling=sampling) for sampling in (story, story, other)]
    first, again, else_ = [(await collect(mixed.chat(request))).text for request in asked]
    assert first == again != else_
    beside = (f"{n}. {LONG * n}" for n in (2, 20, 30))
    crowd = [ask(text, sampling=Sampling(30, temperature=1.0)) for text in beside]
    crowded = await asyncio.gather(*(collect(mixed.chat(one)) for one in (*crowd, asked[0])))
    assert crowded[-1].text == first
    assert "llama.cpp answers" not in caplog.text


async def test_progress_is_told_and_what_the_cache_held(mixed) -> None:
    request = ChatRequest((Message("user", LONG * 30),), GREEDY)
    for known in (False, True):
        events = [event async for event in mixed.chat(request)]
        told = [event for event in events if isinstance(event, PromptProgress)]
        assert told[0].processed == 0
        assert told[-1].processed == told[-1].total > 300
        assert all(one.processed < two.processed for one, two in pairwise(told))
        assert (len(told) > 4) is not known
        assert (told[-1].cached > 300) is known


async def test_looking_up_needs_no_second_pipeline(mixed) -> None:
    sampling = Sampling(max_tokens=120, temperature=0)
    usual = await collect(mixed.chat(ask(QUOTED, sampling=sampling, prompt_lookup=False)))
    assert usual.usage.guessed_tokens == 0
    before = mixed.resident()
    for more in ({}, {"prompt_lookup": True}):
        found = await collect(mixed.chat(ask(QUOTED, sampling=sampling, **more)))
        assert found.text == usual.text
        assert 0 < found.usage.accepted_tokens <= found.usage.guessed_tokens
    assert mixed.resident() < before * 1.1


async def test_a_continuation_is_guessed_at_as_it_wishes(mixed) -> None:
    asked = CompletionRequest(QUOTED * 3, Sampling(max_tokens=40, temperature=0))
    plain = await collect(mixed.complete(replace(asked, prompt_lookup=False)))
    found = await collect(mixed.complete(asked))
    assert plain.usage.guessed_tokens == 0 < found.usage.guessed_tokens
    assert plain.text == found.text


QUOTES = {
    "type": "object",
    "properties": {"quote": {"type": "string", "maxLength": 120}, "again": {"type": "string"}},
    "required": ["quote", "again"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(40, temperature=1.0, seed=3)])
async def test_guesses_change_no_answer_to_a_form(mixed, sampling: Sampling) -> None:
    sampling = replace(sampling, max_tokens=90)
    told = {"sampling": sampling, "grammar": Grammar("json_schema", QUOTES)}
    usual = await collect(mixed.chat(ask(QUOTED, prompt_lookup=False, **told)))
    found = await collect(mixed.chat(ask(QUOTED, **told)))
    again = await collect(mixed.chat(ask(QUOTED, **told)))
    assert usual.text == found.text == again.text
    assert usual.usage.guessed_tokens == 0
    assert again.usage.accepted_tokens > 0


def test_a_folder_without_a_graph_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=GRAPH):
        Compiled(tmp_path, "f32", 1)
