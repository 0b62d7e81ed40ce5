"""Answers many requests together: prompts are read by one graph, tokens written by another.

Both compute the same weights and share one cache. On a processor with matrix units one in bf16
reads a prompt in half the time, one in f32 writes faster. What is chosen from always comes of the
one that writes: of a prompt it gets the last token.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Generic

from zaohua.generate.pipeline.asked import Asked
from zaohua.generate.pipeline.batch import Said, Tokens
from zaohua.generate.pipeline.choosing import Chooser
from zaohua.generate.pipeline.costs import Costs, Worth
from zaohua.generate.pipeline.guessing import Guesser
from zaohua.generate.pipeline.habits import Habits
from zaohua.generate.pipeline.pieces import Cache, Graph, H, Logits, Piece

FEW: Final = 32
"""Tokens of a prompt that are read with its last one, by the graph that writes."""

LEAST: Final = 3
"""Tokens of a prompt that are read at once: one alone would be rounded otherwise than many."""


@dataclass(frozen=True, slots=True)
class Next:
    """Tokens that are computed before they are chosen; what is ``certain`` needs no choice."""

    tokens: Sequence[int]
    certain: bool = False


@dataclass(eq=False, slots=True)
class Answer(Generic[H]):
    """One request, from its prompt to its last token.

    Attributes:
        tokens: the prompt and what is written.
        computed: how many of them are in the cache.
        cached: how many were when it began.
        reads: whether its prompt is read by steps of its own.
    """

    tokens: list[int]
    asked: Asked
    chooser: Chooser
    prompt: int
    guesser: Guesser
    computed: int = 0
    cached: int = 0
    reads: bool = False
    left: bool = False
    _held: H | None = None
    _guessed: int = 0
    _accepted: int = 0
    _new: list[Said] = field(default_factory=list)
    _ended: str = ""
    _failure: str = ""

    def cancel(self) -> None:
        """It is not wanted any more."""
        self.left = True

    def news(self) -> Tokens:
        """What came since the last time.

        Raises:
            RuntimeError: it cannot be answered.
        """
        if self._failure:
            raise RuntimeError(self._failure)
        told = Tokens(
            self._new,
            self._ended,
            read=min(self.computed, self.prompt),
            cached=self.cached,
            guessed=self._guessed,
            accepted=self._accepted,
        )
        self._new, self._guessed, self._accepted = [], 0, 0
        return told

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.left or bool(self._ended or self._failure)

    @property
    def unread(self) -> int:
        """Tokens to be read before the last one, from which the next is written."""
        return len(self.tokens) - 1 - self.computed

    @property
    def held(self) -> H:
        """Its place in the cache, once it has begun."""
        assert self._held is not None  # noqa: S101
        return self._held

    def begin(self, held: H) -> None:
        """Go on from what ``held`` knows."""
        self._held, self.computed = held, held.known
        self.cached = min(self.computed, self.prompt)
        self.reads = self.unread > FEW

    def reading(self, most: int) -> Piece[H]:
        """The next tokens of the prompt, at most so many; never is a single one left over."""
        count = min(most, self.unread)
        count -= self.unread - count == 1
        return self._piece(self.tokens[self.computed : self.computed + count], self.computed)

    def next_ones(self, worth: Worth) -> Next:
        """What will follow for certain, or may, as far as it is ``worth`` it."""
        certain = self.chooser.certain()
        if certain:
            return Next(certain[: min(FEW, self._room)], certain=True)
        most = min(self.asked.guesses, self._room - 1)
        return Next(self.guesser.guess(self.tokens, most, worth) if most > 0 else [])

    def writing(self, following: Next) -> list[Piece[H]]:
        """What is to be computed for the next tokens, each in a piece of its own: they are to be as
        if they had been written one by one. An answer that is only judged is one piece."""
        unread, next_ones = self.tokens[self.computed : -1], [self.tokens[-1], *following.tokens]
        if self.asked.forced:
            return [self._piece([*unread, *next_ones], self.computed, told=len(next_ones))]
        read = [self._piece(unread, self.computed, told=0)] if unread else []
        begin = len(self.tokens) - 1
        return [*read, *(self._piece([token], begin + n) for n, token in enumerate(next_ones))]

    def write(self, following: Next, logits: Logits) -> int:
        """Choose tokens, one and more while what was computed is right; how many.

        Args:
            following: what was computed with the last token.
            logits: float32[1 + following, vocabulary]: after the last token, after each of those.
        """
        guess = following.tokens
        self._guessed += 0 if following.certain else len(guess)
        for number, row in enumerate(logits):
            if following.certain and number < len(guess):
                self._add(self.chooser.take(guess[number], row))
            else:
                self._add(self.chooser.choose(row))
            if self._ended or number == len(guess) or self.tokens[-1] != guess[number]:
                self._accepted += 0 if following.certain else number
                return number + 1
        raise AssertionError

    def _piece(self, tokens: Sequence[int], start: int, told: int = 1) -> Piece[H]:
        return Piece(tokens, start, self.held, told)

    @property
    def _room(self) -> int:
        """Tokens that may still be written."""
        return self.asked.most - (len(self.tokens) - self.prompt)

    def _add(self, said: Said) -> None:
        self.tokens.append(said.token)
        self._new.append(said)
        if said.token in self.asked.ends or self.chooser.over:
            self._ended = "STOP"
        elif not self._room:
            self._ended = "LENGTH"

    def fail(self, why: str) -> None:
        """It cannot go on."""
        self._failure = why


class PagedPipeline(Generic[H]):
    """The requests of one model.

    Args:
        reading, writing: the two graphs, which may be one.
        cache: that of both.
        slots: answers worked on at once.
        batch: tokens read in a step.
    """

    def __init__(
        self, reading: Graph[H], writing: Graph[H], cache: Cache[H], *, slots: int, batch: int
    ) -> None:
        self._reading, self._writing = reading, writing
        self._cache, self._slots, self._batch = cache, slots, max(batch, LEAST)
        self._waiting: deque[Answer[H]] = deque()
        self._active: list[Answer[H]] = []
        self._habits = Habits()
        self._costs = Costs()

    def add(self, tokens: Sequence[int], asked: Asked) -> Answer[H]:
        """Take a request in."""
        answer: Answer[H] = Answer(
            list(tokens), asked, Chooser(asked, tokens), len(tokens), Guesser(self._habits)
        )
        self._waiting.append(answer)
        return answer

    def step(self) -> None:
        """Read some of the prompts, and write a token of each answer whose prompt is read, all but
        a few tokens."""
        self._let_go()
        self._admit()
        self._read([answer for answer in self._active if answer.reads and answer.unread])
        self._write([a for a in self._active if not (a.reads and a.unread)])
        self._let_go()

    def _let_go(self) -> None:
        self._waiting = deque(answer for answer in self._waiting if not answer.over)
        for answer in self._active:
            if answer.over:
                self._cache.release(answer.held)
                self._habits.learn(answer.tokens[answer.prompt :])
        self._active = [answer for answer in self._active if not answer.over]

    def _admit(self) -> None:
        while self._waiting and len(self._active) < self._slots:
            answer = self._waiting[0]
            held = self._cache.begin(answer.tokens, fresh=answer.asked.fresh)
            if not self._cache.extend(held, len(answer.tokens)):
                self._cache.release(held)
                if not self._active:
                    self._waiting.popleft().fail("the cache is too small for this prompt")
                    continue
                return
            answer.begin(held)
            self._active.append(self._waiting.popleft())

    def _read(self, answers: Sequence[Answer[H]]) -> None:
        pieces: list[Piece[H]] = []
        room = self._batch
        for answer in answers:
            if room >= LEAST:
                pieces.append(answer.reading(room))
                room -= len(pieces[-1].tokens)
        if pieces:
            self._reading.logits(pieces)
        for answer, piece in zip(answers, pieces, strict=False):
            self._computed(answer, len(piece.tokens))

    def _write(self, answers: Sequence[Answer[H]]) -> None:
        worth = partial(self._costs.worth, writers=len(answers))
        nexts = [(answer, answer.next_ones(worth)) for answer in answers]
        writers = [(a, following) for a, following in nexts if self._has_room(a, following)]
        writers = [(answer, following) for answer, following in writers if answer in self._active]
        if not writers:
            return
        pieces = [piece for a, following in writers for piece in a.writing(following)]
        begun = time.perf_counter()
        logits = self._writing.logits(pieces)
        if len(logits) == sum(len(piece.tokens) for piece in pieces):
            self._costs.note(len(logits), time.perf_counter() - begun)
        start = 0
        for answer, following in writers:
            end = start + 1 + len(following.tokens)
            try:
                unread = answer.unread
                self._computed(answer, unread + answer.write(following, logits[start:end]))
            except ValueError as error:
                answer.fail(str(error))
            start = end

    def _computed(self, answer: Answer[H], count: int) -> None:
        answer.computed += count
        self._cache.fill(answer.held, answer.tokens, answer.computed)

    def _has_room(self, answer: Answer[H], following: Next) -> bool:
        """Whether the next tokens have a place; who came last gives theirs up, and begins again."""
        while answer in self._active:
            if self._cache.extend(answer.held, len(answer.tokens) + len(following.tokens)):
                return True
            if len(self._active) == 1:
                answer.fail("the cache is too small for this answer")
                return False
            self._put_off(self._active.pop())
        return False

    def _put_off(self, answer: Answer[H]) -> None:
        self._cache.release(answer.held)
        answer.computed = 0
        self._waiting.appendleft(answer)
