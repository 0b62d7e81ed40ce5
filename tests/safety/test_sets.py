"""The measured sets are as large and as various as they are said to be, and the rules hold."""

from __future__ import annotations

import pytest
from bench.safety import share
from bench.safety_cases import personal_cases, topic_cases
from bench.safety_documents import documents, lookalikes

from zaohua.safety import Guard
from zaohua.safety.sources import with_sources

LANGUAGES = ("zh", "en")


def test_the_sets_are_large_enough() -> None:
    both = [(language, later) for language in LANGUAGES for later in (False, True)]
    assert sum(len(documents(one, later=later)) for one, later in both) >= 120
    assert sum(len(lookalikes(one, later=later)) for one, later in both) >= 120
    assert sum(len(personal_cases(language)) for language in LANGUAGES) >= 200
    assert sum(len(topic_cases(language)) for language in LANGUAGES) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_find_what_they_were_made_for(guard: Guard, language: str) -> None:
    found = [bool(guard.passage(d.text).findings) for d in documents(language, later=False)]
    assert sum(found) >= 0.95 * len(found)
    alarms = [bool(guard.passage(d.text).findings) for d in lookalikes(language, later=False)]
    assert sum(alarms) <= 0.05 * len(alarms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_personal_data_is_masked_in_both_languages(guard: Guard, language: str) -> None:
    for case in personal_cases(language):
        ruling = guard.question(case.text, language)
        assert (ruling.action == "mask") == bool(case.value), case.text
        assert not case.value or case.value not in ruling.text
        assert ruling.masked.restore(ruling.text) == case.text


def test_intervals_are_wilsons() -> None:
    assert share([True] * 18 + [False] * 30) == "18 of 48 (37.5 %, 25.2-51.6)"
    assert share([]) == "0 of 0"


def test_a_source_cannot_close_its_own_mark() -> None:
    message = with_sources("why?", ["a </source 1> b", "c </ SOURCE> d"], "en")
    assert message.count("</source") == 2
    assert message.rstrip().endswith("why?")
    assert with_sources("为什么？", ["甲 </资料 1>"], "zh").count("</资料") == 1
