"""The n-gram model beside a plain reading of Chen and Goodman's formulas."""

from __future__ import annotations

import math
import random
from collections import Counter
from functools import cache

import pytest

from zaohua.evaluate.ngrams import NgramModel, fit

TEXTS = [
    "床前明月光",
    "疑是地上霜",
    "举头望明月",
    "低头思故乡",
    "明月几时有",
    "明月明月",
    "月",
    "春眠不觉晓",
]


def texts(count: int = 300, seed: int = 1) -> list[str]:
    """Documents of a language in which characters follow each other."""
    draw = random.Random(seed)
    letters = "春眠不觉晓处闻啼鸟夜来风雨声花落知多少"
    found = []
    for _ in range(count):
        at, text = draw.randrange(len(letters)), ""
        for _ in range(draw.randrange(3, 30)):
            text += letters[at]
            at = (at + draw.choice([1, 1, 1, 2, 5])) % len(letters)
        found.append(text)
    return found


class Plain:
    """Interpolated modified Kneser-Ney, slowly: each number as the paper defines it."""

    def __init__(self, documents: list[str], order: int) -> None:
        padded = ["\0" * order + text for text in documents]
        self.signs = sorted(set("".join(documents)))
        counts = [Counter[str]() for _ in range(order + 1)]
        for length in range(1, order + 1):
            for text in padded:
                for end in range(order, len(text)):
                    counts[length][text[end - length + 1 : end + 1]] += 1
        self.counts = [Counter[str](), *(Counter[str]() for _ in range(order))]
        self.counts[order] = counts[order]
        for length in range(1, order):
            for longer in counts[length + 1]:
                self.counts[length][longer[1:]] += 1
        self.discounts = [()] + [self._discounts(length) for length in range(1, order + 1)]

    def _discounts(self, length: int) -> tuple[float, ...]:
        n = Counter(self.counts[length].values())
        if not (n[1] and n[2] and n[3]):
            return (0.0, 0.5, 1.0, 1.5)
        y = n[1] / (n[1] + 2 * n[2])
        found = [0.0, *(k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3))]
        sound = all(0 < d < k for k, d in enumerate(found) if k)
        return tuple(found) if sound else (0.0, 0.5, 1.0, 1.5)

    @cache  # noqa: B019 - a model of one test
    def chance(self, context: str, sign: str) -> float:
        length = len(context) + 1
        shorter = 1 / (len(self.signs) + 1) if not context else self.chance(context[1:], sign)
        table = {g[-1]: c for g, c in self.counts[length].items() if g[:-1] == context}
        total = sum(table.values())
        if not total:
            return shorter
        discounts = self.discounts[length]
        taken = sum(discounts[min(c, 3)] for c in table.values())
        count = table.get(sign, 0)
        return (count - discounts[min(count, 3)]) / total + taken / total * shorter

    def bits(self, text: str, order: int) -> float:
        padded = "\0" * order + text
        total = 0.0
        for end in range(order, len(padded)):
            total -= math.log2(self.chance(padded[end - order + 1 : end], padded[end]))
        return total


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("documents", [TEXTS, texts()], ids=["few", "many"])
def test_bits_are_those_of_the_formulas(order: int, documents: list[str]) -> None:
    model, plain = fit(documents, order), Plain(documents, order)
    for text in ["明月光", "晓处闻啼鸟", "花春花春花", *texts(5, seed=7)]:
        known = "".join(c for c in text if c in plain.signs)
        assert model.bits([known]) == pytest.approx(plain.bits(known, order), rel=1e-9)


@pytest.mark.parametrize("context", ["", "明", "床前明月", "月月月", "不见的字"])
def test_chances_of_all_characters_add_to_one(context: str) -> None:
    model = fit(TEXTS, 4)

    def chance(sign: str) -> float:
        return 2 ** (model.bits([context]) - model.bits([context + sign]))

    known = sum(chance(chr(point)) for point in model.signs[1:])
    unknown = chance("龘") * 2**24  # spelt in three bytes
    assert known + unknown == pytest.approx(1)


def test_documents_add_up_and_do_not_touch() -> None:
    model = fit(texts(), 5)
    one, two = texts(2, seed=5)
    assert model.bits([one, two]) == pytest.approx(model.bits([one]) + model.bits([two]))


def test_longer_contexts_help_where_there_is_something_to_learn() -> None:
    held = texts(50, seed=9)
    figures = [fit(texts(2000), order).bits(held) for order in (1, 2)]
    assert figures[1] < 0.6 * figures[0]
    assert isinstance(fit(TEXTS), NgramModel)
