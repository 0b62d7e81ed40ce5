"""The stories of the benchmark of long texts hold what they say, and nothing by chance."""

from __future__ import annotations

import pytest
from bench.retrieval_corpus import Language
from bench.stories import story


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_event_stands_in_its_story_and_in_no_other_part(language: Language):
    told = story(12_000, language, 1)
    assert 11_000 < len(told.text) < 14_000
    assert len(told.events) >= 8
    assert {bool(event.number) for event in told.events} == {True, False}
    paragraphs = told.text.split("\n\n")
    for event in told.events:
        assert all(event.found(told.text))
        assert sum(event.kept(paragraph) for paragraph in paragraphs) == 1


def test_another_seed_is_another_story():
    assert story(3000, "zh", 1).text == story(3000, "zh", 1).text != story(3000, "zh", 2).text
