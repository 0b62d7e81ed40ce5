"""Our pipeline, over a graph that only counts: choices, guesses, forms, room, and what is told."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from zaohua.generate.openvino.blocks import Blocks
from zaohua.generate.pipeline import batch
from zaohua.generate.pipeline.answers import _until_stop
from zaohua.generate.pipeline.asked import Asked
from zaohua.generate.pipeline.batch import Batch, Said, Tokens
from zaohua.generate.pipeline.choosing import Chooser, log_probability, said_of
from zaohua.generate.pipeline.costs import Costs, Worth
from zaohua.generate.pipeline.forms import Forms
from zaohua.generate.pipeline.guessing import MOST, Guesser
from zaohua.generate.pipeline.habits import Habits
from zaohua.generate.pipeline.pieces import Piece
from zaohua.generate.pipeline.pipeline import PagedPipeline
from zaohua.generate.pipeline.text import StopFinder, TokenText


def asked(most: int = 16, **more: Any) -> Asked:
    """An answer that is greedy if nothing else is said."""
    return Asked(most, **more)


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a graph that only counts takes says nothing of what a guess costs."""
    monkeypatch.setattr(Costs, "note", lambda *_: None)


def beside(writers: int) -> Worth:
    """Guesses that cost little, in a step that writes for so many."""
    return partial(Costs().worth, writers=writers)


def test_a_guess_is_what_followed_the_same_words() -> None:
    guesser = Guesser()
    assert guesser.guess([1, 2, 3, 4, 5, 9, 2, 3], 3, beside(1)) == [4, 5, 9]
    assert guesser.guess([1, 2, 3, 4, 5, 9, 2, 3, 7], 3, beside(1)) == []
    after_a_wrong_one = guesser.guess([1, 2, 3, 4, 5, 9, 2, 3, 7, 2, 3], 8, beside(1))
    assert after_a_wrong_one == [7, 2]


def test_the_more_is_right_the_more_is_guessed_and_the_more_write_the_less() -> None:
    text = [*range(50), 900]

    def guesses(written: list[int], writers: int = 1) -> list[int]:
        guesser, lengths = Guesser(), []
        for end in range(len(text) + 2, len(text) + len(written) + 1):
            tokens = [*text, *written][:end]
            lengths.append(len(guesser.guess(tokens, 99, beside(writers))))
        return lengths

    alone, crowded = guesses(list(range(30))), guesses(list(range(30)), writers=8)
    assert alone[0] == 3 < alone[-1] == MOST
    assert crowded[0] == 1 < crowded[-1]
    wrong = [token for pair in range(20) for token in (7, 8, 500 + pair)]
    assert [n for n in guesses(wrong) if n][-1] < 3
    assert guesses(wrong, writers=8)[-1] == 0


def test_habits_are_what_mostly_followed_and_the_surer_the_longer() -> None:
    habits = Habits()
    assert habits.guess([1, 2, 3], 8, beside(1)) == []
    habits.learn([1, 2, 3, 4, 5, 6])
    assert habits.guess([9, 1, 2, 3], 8, beside(1)) == [4, 5]
    assert habits.guess([9, 1, 2, 3], 8, beside(20)) == []
    for _ in range(20):
        habits.learn([1, 2, 3, 4, 5, 6])
    assert habits.guess([9, 1, 2, 3], 8, beside(20)) == [4, 5, 6]
    assert habits.guess([9, 1, 2, 3], 2, beside(20)) == [4, 5]
    for _ in range(40):
        habits.learn([1, 2, 3, 7])
    assert habits.guess([1, 2, 3], 1, beside(1)) == [7]


def test_habits_that_are_not_renewed_are_forgotten() -> None:
    habits = Habits(largest=30)
    habits.learn([1, 2, 3])
    for start in range(100, 400, 20):
        habits.learn(range(start, start + 20))
    assert habits.guess([1, 2], 1, beside(1)) == []
    assert habits.guess([390, 391], 1, beside(1)) == [392]
    assert len(habits._new) + len(habits._old) < 200


def test_what_was_written_is_guessed_for_the_next_one() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    steps = []
    for _ in range(3):
        before = graph.steps
        assert run(pipeline, pipeline.add([700, 5], asked(most=30))) == [list(range(6, 36))]
        steps.append(graph.steps - before)
    assert steps[0] == 30
    assert steps[2] < steps[1] < steps[0]


def test_the_likeliest_is_chosen_without_sampling_and_told_with_its_probability() -> None:
    logits = np.log(np.array([0.1, 0.6, 0.3], np.float32))
    said = Chooser(asked(logprobs=True, alternatives=2), []).choose(logits)
    assert said.token == 1
    assert math.isclose(said.logprob, math.log(0.6), rel_tol=1e-5)
    assert [token for token, _ in said.alternatives] == [1, 2]
    assert math.isclose(log_probability(logits, 2), math.log(0.3), rel_tol=1e-5)
    assert said_of(logits, 2, 0).alternatives == ()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [0.5, 0.3, 0.15, 0.05]),
        ({"top_k": 2}, [0.625, 0.375, 0, 0]),
        ({"top_p": 0.7}, [0.625, 0.375, 0, 0]),
        ({"min_p": 0.2}, [0.526, 0.316, 0.158, 0]),
        ({"temperature": 0.5}, [0.685, 0.247, 0.062, 0.007]),
    ],
)
def test_tokens_are_drawn_as_often_as_they_are_likely(more: dict, expected: list[float]) -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
    chooser = Chooser(asked(**{"temperature": 1.0, **more}), [])
    drawn = Counter(chooser.choose(logits).token for _ in range(4000))
    for token, share in enumerate(expected):
        assert abs(drawn[token] / 4000 - share) < 0.03
        assert share or not drawn[token]


def test_penalties_keep_from_saying_it_again() -> None:
    logits = np.array([2.0, 1.9, -1.0], np.float32)
    assert Chooser(asked(repeat_penalty=1.2), [0]).choose(logits).token == 1
    chooser = Chooser(asked(presence_penalty=0.5), [])
    assert [chooser.choose(logits).token for _ in range(3)] == [0, 1, 0]
    assert logits[0] == 2.0, "the model's own are left as they are"


class Counting:
    """A graph whose next token is the last one and one, which keeps what it computed."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.steps = 0

    def logits(self, pieces) -> np.ndarray:
        self.pieces += pieces
        self.steps += 1
        tokens = [t for piece in pieces for t in piece.tokens[len(piece.tokens) - piece.told :]]
        return np.eye(1000, dtype=np.float32)[[(token + 1) % 1000 for token in tokens]]


def run(pipeline: PagedPipeline, *answers: Any) -> list[list[int]]:
    written: list[list[int]] = [[] for _ in answers]
    for _ in range(500):
        pipeline.step()
        for answer, ids in zip(answers, written, strict=True):
            ids.extend(answer.news().ids)
        if all(answer.over for answer in answers):
            return written
    raise AssertionError("it never ends")


def test_prompts_are_read_by_one_graph_and_answers_written_by_the_other() -> None:
    reading, writing = Counting(), Counting()
    pipeline = PagedPipeline(reading, writing, Blocks(64), slots=2, batch=100)
    first = pipeline.add(range(250), asked(most=5))
    second = pipeline.add([500, 501], asked(ends=frozenset({504})))
    assert run(pipeline, first, second) == [[250, 251, 252, 253, 254], [502, 503, 504]]
    assert [len(piece.tokens) for piece in reading.pieces] == [100, 100, 49]
    assert writing.steps < 3 + 5, "a short prompt is read with its last token"
    assert {len(piece.tokens) for piece in writing.pieces} == {1}


@pytest.mark.parametrize("batch", [1, 3, 4, 50])
def test_no_token_of_a_prompt_is_read_alone(batch: int) -> None:
    reading, writing = Counting(), Counting()
    pipeline = PagedPipeline(reading, writing, Blocks(64), slots=3, batch=batch)
    answers = [pipeline.add(range(n), asked(most=2)) for n in (51, 52, 101)]
    assert run(pipeline, *answers) == [[51, 52], [52, 53], [101, 102]]
    assert min(len(piece.tokens) for piece in reading.pieces) > 1
    assert sum(len(piece.tokens) for piece in reading.pieces) == 50 + 51 + 100


def test_what_was_read_before_is_not_read_again() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(64), slots=2, batch=512)
    run(pipeline, pipeline.add(range(200), asked(most=2)))
    before = len(graph.pieces)
    again = pipeline.add(range(210), asked(most=2))
    assert run(pipeline, again) == [[210, 211]]
    assert again.cached == 192
    assert graph.pieces[before].start == 192


def test_without_room_the_last_waits_and_says_the_same() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(4), slots=3, batch=512)
    answers = [pipeline.add(range(n, n + 20), asked(most=60)) for n in (0, 100, 200)]
    got = run(pipeline, *answers)
    assert got == [list(range(n + 20, n + 80)) for n in (0, 100, 200)]
    assert pipeline._cache.available == 4


def test_a_prompt_or_an_answer_without_any_room_fails_and_others_go_on() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(2), slots=3, batch=512)
    prompt = pipeline.add(range(100), asked())
    answer = pipeline.add(range(60), asked(most=60))
    fine = pipeline.add(range(20), asked(most=3))
    for _ in range(20):
        pipeline.step()
    for failed, why in ((prompt, "this prompt"), (answer, "this answer")):
        with pytest.raises(RuntimeError, match=why):
            failed.news()
    assert fine.news().ids == [20, 21, 22]
    assert pipeline._cache.available == 2


def test_right_guesses_save_steps_and_wrong_ones_change_nothing() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    prompt = [*range(5, 40), 900, *range(8)]
    answer = pipeline.add(prompt, asked(most=20, guesses=8))
    assert run(pipeline, answer) == [list(range(8, 28))]
    assert 3 <= graph.steps - 1 <= 8
    wrong = [1, 2, 3, 9, 9, 1, 2, 3]
    answer = pipeline.add(wrong, asked(most=3, guesses=8))
    assert run(pipeline, answer) == [[4, 5, 6]]


def test_guesses_are_computed_as_if_written_one_by_one() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    prompt = [*range(5, 40), 900, *range(8)]
    run(pipeline, pipeline.add(prompt, asked(most=20, guesses=8)))
    written = [piece for piece in graph.pieces if piece.start >= len(prompt)]
    assert [len(piece.tokens) for piece in written] == [1] * len(written)
    assert [piece.start for piece in written[:3]] == list(range(len(prompt), len(prompt) + 3))


def byte_forms() -> Forms:
    """Of a vocabulary of bytes, in which 256 ends an answer."""
    pieces = {number: bytes([number]) for number in range(256)} | {256: b"<end>"}
    return Forms(pieces, {256}, {256}, lambda text: list(text.encode()))


def test_what_a_form_makes_certain_takes_no_step_of_its_own() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    form = byte_forms().form("regex", "name: [x-z]{2}, or else")
    answer = pipeline.add([5, 6], asked(most=60, form=form))
    [written] = run(pipeline, answer)
    assert re.fullmatch(b"name: [x-z]{2}, or else", bytes(written))
    assert graph.steps == 3, "what is certain with each choice, the prompt with the first"


def test_an_answer_to_a_form_ends_with_it_or_when_there_is_no_more_room() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=3, batch=512)
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    schema["additionalProperties"] = False
    forms = byte_forms()
    whole = pipeline.add([5, 6], asked(form=forms.form("json_schema", schema)))
    cut = pipeline.add([5, 6], asked(most=3, form=forms.form("json_schema", schema)))
    free = pipeline.add([97], asked(most=3, form=forms.form("regex", "b(c(d)?)?")))
    texts = [bytes(tokens) for tokens in run(pipeline, whole, cut, free)]
    assert texts[:2] == [b'{"a": 1}', b'{"a']
    assert b"bcd".startswith(texts[2].removesuffix(b"\0"))


def test_who_cannot_keep_to_the_form_fails_and_others_go_on() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=2, batch=512)
    form = byte_forms().form("regex", "abc")
    wrong = pipeline.add([5, 6], asked(form=form, forced=(97, 120)))
    fine = pipeline.add(range(20), asked(most=3))
    for _ in range(5):
        pipeline.step()
    with pytest.raises(RuntimeError, match="token"):
        wrong.news()
    assert fine.news().ids == [20, 21, 22]
    assert pipeline._cache.available == 16


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("regex", "(?=a)b", "look-ahead"),
        ("json_schema", {"not": {"type": "string"}}, "not"),
        ("json_schema", {"$ref": "#/$defs/none"}, "none"),
    ],
)
def test_a_form_that_cannot_be_followed_is_told_in_one_line(
    kind: str, value: Any, why: str
) -> None:
    with pytest.raises(ValueError, match="cannot follow") as told:
        byte_forms().form(kind, value)
    assert why in str(told.value)
    assert "\n" not in str(told.value)


def test_a_forced_answer_is_computed_at_once_and_told_with_its_probability() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    forced = (7, 8, 500)
    answer = pipeline.add([5, 6], asked(most=3, forced=forced, logprobs=True, alternatives=2))
    pipeline.step()
    told = answer.news()
    assert told.ids == list(forced)
    assert told.ended == "LENGTH"
    assert [one.alternatives[0][0] for one in told.said] == [7, 8, 9]
    assert told.said[0].logprob == told.said[1].logprob > told.said[2].logprob
    assert len(graph.pieces) == 1


def test_a_long_forced_answer_is_followed_to_its_end() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(16), slots=1, batch=512)
    forced = tuple(range(900, 800, -1))
    answer = pipeline.add([5, 6], asked(most=100, forced=forced, logprobs=True))
    assert run(pipeline, answer) == [list(forced)]
    assert graph.steps == 4


def test_a_bias_decides() -> None:
    logits = np.array([2.0, 1.9, -1.0], np.float32)
    assert Chooser(asked(biases={2: 100.0}), []).choose(logits).token == 2
    assert Chooser(asked(biases={0: -100.0}), []).choose(logits).token == 1


def test_what_is_left_makes_room() -> None:
    graph = Counting()
    pipeline = PagedPipeline(graph, graph, Blocks(8), slots=1, batch=16)
    left, next_one = (pipeline.add(range(100), asked()) for _ in range(2))
    pipeline.step()
    left.cancel()
    assert run(pipeline, left, next_one)[1] == list(range(100, 116))


class Quick:
    """A `Pipeline` whose step takes 2 ms of its own clock and writes one token."""

    def __init__(self, length: int, failure: str = "") -> None:
        self.length, self.failure = length, failure
        self.written: list[int] = []
        self.now = 0.0

    def add(self, tokens: Sequence[int], asked: Asked) -> Quick:
        return self

    def step(self) -> None:
        self.written.append(len(self.written))
        self.now += 0.002

    def monotonic(self) -> float:
        return self.now

    def news(self) -> Tokens:
        if self.failure and len(self.written) == self.length:
            raise RuntimeError(self.failure)
        read = min(len(self.written), 3)
        ended = "STOP" if len(self.written) == self.length else ""
        said = [Said(self.written[-1])] if len(self.written) > 3 else []
        return Tokens(said, ended, read=read, guessed=1, accepted=1)

    def cancel(self) -> None:
        pass


async def test_tokens_are_told_together_but_the_first_what_was_read_and_the_end_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = Quick(100)
    monkeypatch.setattr(batch, "time", quick)
    told = [news async for news in Batch(quick).generate([1], asked())]
    assert [news.read for news in told[:3]] == [1, 2, 3], "each as it was read"
    assert told[3].ids == [3], "the first waits for no other"
    assert {len(news.ids) for news in told[4:-1]} <= {50, 51}, "those of 100 ms together"
    assert [token for news in told for token in news.ids] == list(range(3, 100))
    assert told[-1].ended == "STOP"
    assert sum(news.guessed for news in told) == sum(news.accepted for news in told) == 100


async def test_what_was_written_before_a_failure_is_told() -> None:
    told: list[int] = []
    with pytest.raises(RuntimeError, match="broken"):
        async for news in Batch(Quick(9, "broken")).generate([1], asked()):
            told += news.ids
    assert told == list(range(3, 8))


def test_what_follows_a_stop_text_is_not_counted() -> None:
    said = [Said(token) for token in b"so END it"]
    stops = StopFinder(["END"])
    told, text = _until_stop(said, TokenText(lambda token: bytes([token])), stops)
    assert (len(told), text) == (6, "so ")
    assert stops.found
